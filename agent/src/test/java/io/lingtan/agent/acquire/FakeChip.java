package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.gpio.GpioChip;
import io.lingtan.agent.acquire.gpio.InputLine;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.GpioInput.Pin;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * A chip in memory on virtual time, which keeps edges as the kernel does: at most 1,024 of each
 * input that is taken, the oldest lost first, and numbered from when it was taken.
 */
public final class FakeChip implements GpioChip {

  private static final int KEPT = 1024;

  private final Time time;
  private final Waiter waiter = Waiter.parking();
  private final Deque<Planned> planned = new ArrayDeque<>();
  private final Map<Integer, Boolean> levels = new HashMap<>();
  private final Map<Integer, Taken> taken = new HashMap<>();

  /** Why each input is refused, by offset; {@code -1} for the whole chip. */
  public final Map<Integer, String> refusals = new HashMap<>();

  private record Planned(int offset, boolean active, long atNanos) {}

  private record Kept(long atNanos, boolean active, long number) {}

  public FakeChip(Time time) {
    this.time = time;
  }

  /** The level turns at {@code atNanos}; turns are planned in the order of their times. */
  public void turn(int offset, boolean active, long atNanos) {
    planned.addLast(new Planned(offset, active, atNanos));
  }

  /** A pulse that becomes active at {@code atNanos}. */
  public void pulse(int offset, long atNanos, long widthNanos) {
    turn(offset, true, atNanos);
    turn(offset, false, atNanos + widthNanos);
  }

  /** The input disappears, as when its chip is pulled out. */
  public void unplug(int offset) {
    settle();
    Taken line = taken.remove(offset);
    if (line != null) {
      line.gone = true;
    }
  }

  /** Whoever had the inputs has died: the kernel takes them back. */
  public void forget() {
    settle();
    taken.clear();
  }

  /** What has been planned up to now happens. */
  private void settle() {
    long now = time.now().nanos();
    for (Planned next; (next = planned.peekFirst()) != null && next.atNanos <= now; ) {
      planned.removeFirst();
      boolean before = levels.getOrDefault(next.offset, false);
      levels.put(next.offset, next.active);
      Taken line = taken.get(next.offset);
      if (line != null && before != next.active) {
        line.keep(next);
      }
    }
  }

  @Override
  public String where() {
    return "a chip in memory";
  }

  @Override
  public Claim claim(String device, Pin pin) {
    settle();
    String refusal = refusals.getOrDefault(pin.offset(), refusals.get(-1));
    if (refusal != null) {
      return new Claim.Refused(new Sentence(refusal, "测试：" + refusal));
    }
    Taken line = new Taken(pin);
    if (taken.putIfAbsent(pin.offset(), line) != null) {
      return new Claim.Refused(
          new Sentence("offset " + pin.offset() + " is in use", "偏移 " + pin.offset() + " 被占用"));
    }
    return new Claim.Claimed(line);
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }

  @Override
  public MonotonicInstant arrival() {
    for (Taken line : taken.values()) {
      if (!line.kept.isEmpty()) {
        return time.now();
      }
    }
    Planned next = planned.peekFirst();
    return next == null ? MonotonicInstant.NEVER : new MonotonicInstant(next.atNanos);
  }

  @Override
  public void release() {
    forget();
  }

  private final class Taken implements InputLine {
    private final Pin pin;
    private final Deque<Kept> kept = new ArrayDeque<>();
    private long numbered;
    private boolean gone;

    Taken(Pin pin) {
      this.pin = pin;
    }

    void keep(Planned edge) {
      if (!edge.active && pin.debounce().isZero()) {
        return;
      }
      if (kept.size() == KEPT) {
        kept.removeFirst();
      }
      kept.addLast(new Kept(edge.atNanos, edge.active, ++numbered));
    }

    @Override
    public State level() {
      settle();
      return gone
          ? State.GONE
          : levels.getOrDefault(pin.offset(), false) ? State.ACTIVE : State.INACTIVE;
    }

    @Override
    public int drain(Edges to, int most) {
      settle();
      if (gone) {
        return -1;
      }
      int drained = 0;
      for (Kept edge; drained < most && (edge = kept.pollFirst()) != null; drained++) {
        to.edge(edge.atNanos, edge.active, edge.number);
      }
      return drained;
    }

    @Override
    public void close() {
      taken.remove(pin.offset(), this);
    }
  }
}
