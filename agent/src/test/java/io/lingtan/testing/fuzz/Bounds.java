package io.lingtan.testing.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What any input may cost. Counted are what the thread allocates and its time on a processor, so
 * that neither another thread nor a busy machine changes the verdict.
 */
public final class Bounds {

  /** The agent's stack (see its launcher). */
  private static final long STACK_BYTES = 256L << 10;

  private static final long MOST_BYTES = 64L << 20;
  private static final long MOST_BYTES_PER_BYTE = 2048;
  private static final long MOST_NANOS = 4_000_000_000L;
  private static final long GIVE_UP_MILLIS = 60_000;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Bounds() {}

  /** Lets a target take an input in this thread. */
  public static void take(FuzzTarget target, byte[] input) throws Exception {
    long most = MOST_BYTES + MOST_BYTES_PER_BYTE * input.length;
    long allocated = allocated(target, input);
    if (allocated > most) {
      // The first time may be for classes that are loaded, and instrumented.
      allocated = allocated(target, input);
    }
    if (allocated > most) {
      throw new AssertionError(
          "%d bytes of input took more than %,d bytes of memory".formatted(input.length, most));
    }
  }

  private static long allocated(FuzzTarget target, byte[] input) throws Exception {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    target.take(input);
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  /** The same in a thread whose stack is as large as the agent's, and in bounded time. */
  public static void takeOnSmallStack(FuzzTarget target, byte[] input) throws Throwable {
    Throwable[] thrown = {null};
    long[] nanos = {0};
    Thread thread =
        new Thread(
            null,
            () -> {
              long begun = THREADS.getCurrentThreadCpuTime();
              try {
                take(target, input);
              } catch (Throwable e) {
                thrown[0] = e;
              }
              nanos[0] = THREADS.getCurrentThreadCpuTime() - begun;
            },
            "fuzz",
            STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    thread.join(GIVE_UP_MILLIS);
    if (thread.isAlive()) {
      AssertionError hangs = new AssertionError("hangs with " + input.length + " bytes");
      hangs.setStackTrace(thread.getStackTrace());
      throw hangs;
    }
    if (thrown[0] != null) {
      throw thrown[0];
    }
    if (nanos[0] > MOST_NANOS) {
      throw new AssertionError(
          "%d bytes of input took %d ms".formatted(input.length, nanos[0] / 1_000_000));
    }
  }
}
