package io.lingtan.agent.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Waits in a selector, which is opened at the first wait and kept over reconnections. */
public final class SelectorWaiter implements Waiter {
  private static final long NANOS_PER_MILLI = 1_000_000L;

  private volatile @Nullable Selector selector;

  /** Waits for {@code interest} of a socket too, as of {@link SelectionKey}. */
  public void watch(SocketChannel socket, int interest) throws IOException {
    Selector open = selector();
    SelectionKey key = socket.keyFor(open);
    if (key == null) {
      socket.register(open, interest);
    } else {
      key.interestOps(interest);
    }
  }

  /** It stays until {@link #release}. */
  public Selector selector() throws IOException {
    Selector open = selector;
    if (open == null) {
      open = Selector.open();
      selector = open;
    }
    return open;
  }

  /** Lets go of keys of closed sockets: their descriptors are only freed by a selection. */
  public void forget() throws IOException {
    Selector open = selector;
    if (open != null) {
      open.selectNow();
      open.selectedKeys().clear();
    }
  }

  @Override
  public void await(long nanos) {
    if (nanos <= 0) {
      return;
    }
    try {
      Selector open = selector();
      // Rounded up: a selector counts milliseconds, and rounding down would spin.
      open.select(1 + (nanos - 1) / NANOS_PER_MILLI);
      open.selectedKeys().clear();
    } catch (IOException e) {
      LockSupport.parkNanos(this, Math.min(nanos, 100 * NANOS_PER_MILLI));
    }
  }

  @Override
  public void wake() {
    Selector open = selector;
    if (open != null) {
      open.wakeup();
    }
  }

  /** Lets go of the selector; the next wait opens another one. */
  public void release() {
    Selector open = selector;
    selector = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
