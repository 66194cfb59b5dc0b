package io.lingtan.simulator.check;

import io.lingtan.simulator.fault.Belief;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * When which device's readings may be other than at rest, because a fault touched them. Spans are
 * of the gateway's wall time.
 */
public final class Touched {

  /** A unit is asked again half a minute after it has come back, and recorded ten seconds later. */
  private static final long RECOVERY_MILLIS = 150_000;

  private static final long BEFORE_MILLIS = 15_000;

  private final Map<String, List<Span>> spans = new HashMap<>();
  private final List<Span> whole = new ArrayList<>();
  private final List<Span> unclear = new ArrayList<>();
  private final List<Span> stepped = new ArrayList<>();
  private final List<Span> forgotten = new ArrayList<>();
  private final List<Span> unsure = new ArrayList<>();

  private record Span(long from, long until, Belief belief) {
    boolean meets(long start, long end) {
      return from < end && until > start;
    }
  }

  /**
   * A fault of one device, or of one point of it: whatever else it says is as it was.
   *
   * @param id of the device, or that and the point's name as {@code device/point}
   */
  public void device(String id, long from, long until, Belief belief) {
    spans.computeIfAbsent(id, name -> new ArrayList<>()).add(wide(from, until, belief));
  }

  /**
   * A reading that had no number, and the meter had given none: of an accumulator that was set back
   * to a zero that means "not available" nobody can say when it counts again.
   */
  void absent(String id, String point, long ts) {
    List<Span> own = spans.computeIfAbsent(id + "/" + point, name -> new ArrayList<>());
    Span span = wide(ts, ts, Belief.TELLING);
    Span last = own.isEmpty() ? null : own.getLast();
    if (last != null && last.belief == Belief.TELLING && last.meets(span.from, span.until)) {
      own.removeLast();
      span =
          new Span(
              Math.min(last.from, span.from), Math.max(last.until, span.until), Belief.TELLING);
    }
    own.add(span);
  }

  /** A fault of everything: the machine was away, or could keep nothing. */
  public void everything(long from, long until) {
    whole.add(wide(from, until, Belief.TRUE));
  }

  /**
   * The wall clock was set: whose energy is in a time is not told by its name, but nothing is lost
   * and no duration is another. So such a time may be suspect, or missing, because it was skipped
   * or gone through twice; an estimate it is not.
   */
  public void stepped(long from, long until) {
    unclear.add(wide(from, until, Belief.TRUE));
    stepped.add(wide(from, until, Belief.TRUE));
  }

  boolean isStepped(long start, long end) {
    return meets(stepped, start, end);
  }

  /**
   * Readings of this time were delivered, and then forgotten by the gateway's card.
   *
   * @param unsureMillis before that, of which the card may have kept some
   */
  public void forgotten(long from, long until, long unsureMillis) {
    forgotten.add(new Span(from, until, Belief.TRUE));
    unsure.add(new Span(from - unsureMillis, from, Belief.TRUE));
    whole.add(wide(from - unsureMillis, until, Belief.TRUE));
  }

  private static Span wide(long from, long until, Belief belief) {
    return new Span(from - BEFORE_MILLIS, until + RECOVERY_MILLIS, belief);
  }

  boolean isTouched(Counter counter, long start, long end) {
    return meets(whole, start, end)
        || meets(spans.getOrDefault(counter.meter().id(), List.of()), start, end)
        || meets(spans.getOrDefault(name(counter), List.of()), start, end);
  }

  private static String name(Counter counter) {
    return counter.meter().id() + "/" + counter.point().name();
  }

  /** Whether what was served deceived every reader. */
  boolean isDeceived(Counter counter, long start, long end) {
    return isDeceived(spans.getOrDefault(counter.meter().id(), List.of()), start, end)
        || isDeceived(spans.getOrDefault(name(counter), List.of()), start, end);
  }

  private static boolean isDeceived(List<Span> spans, long start, long end) {
    return spans.stream()
        .anyMatch(span -> span.belief == Belief.DECEIVING && span.meets(start, end));
  }

  boolean isUnclear(long start, long end) {
    return meets(unclear, start, end);
  }

  boolean isForgotten(long millis) {
    return meets(forgotten, millis, millis + 1);
  }

  boolean isForgottenWithin(long start, long end) {
    return meets(forgotten, start, end) || meets(unsure, start, end);
  }

  /** Whether the gateway may have forgotten a reading of this time, or may have not. */
  boolean isUnsure(long millis) {
    return meets(unsure, millis, millis + 1);
  }

  private static boolean meets(List<Span> spans, long start, long end) {
    for (Span span : spans) {
      if (span.meets(start, end)) {
        return true;
      }
    }
    return false;
  }
}
