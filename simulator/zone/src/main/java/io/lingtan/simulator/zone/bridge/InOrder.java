package io.lingtan.simulator.zone.bridge;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one connection that are under way to Kafka, in the order in which they came:
 * whichever is done first, they are acknowledged in that order [MQTT-4.6.0-2], and none before
 * those that came before it. So what the broker sends again after a break is what Kafka may lack,
 * and nothing else.
 *
 * <p>The step's thread adds and takes; {@link Slot#done} and {@link Slot#failed} may be called on
 * any.
 */
final class InOrder<T> {

  /** One message under way. */
  final class Slot {
    private final T item;
    private volatile boolean done;

    private Slot(T item) {
      this.item = item;
    }

    void done() {
      done = true;
    }

    void failed(String why) {
      failure = why;
    }
  }

  private final Deque<Slot> underWay = new ArrayDeque<>();
  private volatile @Nullable String failure;

  Slot add(T item) {
    Slot slot = new Slot(item);
    underWay.add(slot);
    return slot;
  }

  /** Takes those that are done and that none stands before which is not. */
  List<T> takeDone() {
    List<T> done = new ArrayList<>();
    for (Slot first = underWay.peek(); first != null && first.done; first = underWay.peek()) {
      done.add(first.item);
      underWay.remove();
    }
    return done;
  }

  int size() {
    return underWay.size();
  }

  /** Why one of them does not get there, null while none is known not to. */
  @Nullable String failure() {
    return failure;
  }
}
