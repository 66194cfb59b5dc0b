package io.lingtan.agent.acquire.gpio;

import io.lingtan.agent.run.Waiter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Waits for edges of any of the inputs that are taken, or to be woken. */
final class KernelWaiter implements Waiter {

  private final int eventFd = Libc.eventFd();
  private int[] fds = {eventFd};
  private boolean closed;

  void add(int fd) {
    fds = Arrays.copyOf(fds, fds.length + 1);
    fds[fds.length - 1] = fd;
  }

  void remove(int fd) {
    fds = Arrays.stream(fds).filter(other -> other != fd).toArray();
  }

  @Override
  public void await(long nanos) {
    Libc.poll(
        fds, fds.length, Math.toIntExact(Math.clamp((nanos + 999_999) / 1_000_000, 0, 60_000)));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(Long.BYTES, Long.BYTES);
      // Nothing there is no failure: then it was an edge, or the time.
      Libc.read(eventFd, count);
    }
  }

  /** A closed descriptor's number may be somebody else's: it must not be written to. */
  @Override
  public synchronized void wake() {
    if (!closed) {
      Libc.signal(eventFd);
    }
  }

  synchronized void close() {
    if (!closed) {
      closed = true;
      Libc.close(eventFd);
    }
  }
}
