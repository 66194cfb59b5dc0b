package io.lingtan.simulator.beside;

import io.lingtan.agent.run.Threads;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The end of a command at a signal: the thread that runs it is interrupted, and the process waits
 * until it has closed what it started. That thread itself never ends then, because it waits in
 * {@code System.exit} for the process to.
 *
 * <p>Limit: 20 s, then the process ends whatever is open.
 */
public final class EarlyEnd implements AutoCloseable {

  private static final long LONGEST_SECONDS = 20;

  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean begun;

  private EarlyEnd() {}

  /** Of what the present thread does until {@link #close}. */
  public static EarlyEnd of(String command) {
    EarlyEnd end = new EarlyEnd();
    Thread main = Thread.currentThread();
    Threads.atShutdown("end of " + command, () -> end.await(main));
    return end;
  }

  private void await(Thread main) {
    if (closed.getCount() == 0) {
      return;
    }
    begun = true;
    main.interrupt();
    try {
      boolean _ = closed.await(LONGEST_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a signal came: whatever fails from then on fails for that. */
  public boolean hasBegun() {
    return begun;
  }

  /** All is closed that the command started. */
  @Override
  public void close() {
    closed.countDown();
  }
}
