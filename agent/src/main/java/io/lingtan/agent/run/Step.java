package io.lingtan.agent.run;

/**
 * One stage of the flow. Does one bounded piece of work and returns: owns no thread, never sleeps
 * and asks nobody but {@link Time} what time it is. All methods except {@link Waiter#wake()} are
 * called from one thread.
 */
public interface Step extends AutoCloseable {

  /** Name of the thread that runs it and of its health entry, such as {@code line rs485-1}. */
  String name();

  /**
   * Does what is due.
   *
   * @return pieces of work done, 0 when idle
   */
  int step(MonotonicInstant now);

  /**
   * When to call {@link #step} again if nothing arrives before; {@link MonotonicInstant#NEVER} if
   * only an arrival matters.
   */
  MonotonicInstant due();

  /**
   * Asked again and again once the step is to end, between further calls of {@link #step}: whether
   * what it has begun is done. A loop waits for it a bounded time, then closes the step anyway.
   */
  default boolean isFinished() {
    return true;
  }

  /** What to wait on while idle. */
  Waiter waiter();

  /**
   * Finishes: flushes what must be kept and frees what is held. Called once, after the last step.
   */
  @Override
  default void close() {}
}
