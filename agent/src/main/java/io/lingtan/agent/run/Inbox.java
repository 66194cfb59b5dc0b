package io.lingtan.agent.run;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue into a step. Any thread may offer; only the owning step takes. When it is full
 * the offer is refused and counted: the caller knows what refusing costs, the queue does not.
 */
public final class Inbox<T> {

  private final int capacity;
  private final ArrayBlockingQueue<T> queue;
  private final AtomicLong refused = new AtomicLong();
  private volatile Runnable wake = () -> {};

  /**
   * @param capacity most elements held, ≥ 1
   */
  public Inbox(int capacity) {
    this.capacity = capacity;
    this.queue = new ArrayBlockingQueue<>(capacity);
  }

  /**
   * What to call after each accepted element, normally {@link Waiter#wake()} of the owning step.
   */
  public void onOffer(Runnable action) {
    this.wake = action;
  }

  /** Returns false, and counts it, when the queue is full. */
  public boolean offer(T element) {
    if (!queue.offer(element)) {
      refused.incrementAndGet();
      return false;
    }
    wake.run();
    return true;
  }

  public @Nullable T poll() {
    return queue.poll();
  }

  /** Hands over at most {@code most} elements in order; returns how many. */
  public int drain(Consumer<? super T> to, int most) {
    int taken = 0;
    for (T element; taken < most && (element = queue.poll()) != null; taken++) {
      to.accept(element);
    }
    return taken;
  }

  public int size() {
    return queue.size();
  }

  /** How many of those that wait are such. */
  public int count(Predicate<? super T> such) {
    return (int) queue.stream().filter(such).count();
  }

  public int capacity() {
    return capacity;
  }

  /** Elements refused since start because the queue was full. */
  public long refused() {
    return refused.get();
  }
}
