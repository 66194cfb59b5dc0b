package io.lingtan.agent.status.access;

import io.lingtan.agent.run.MonotonicInstant;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Wrong PINs, by where they came from: five are free, then each costs a pause that doubles from 30
 * s to 15 min. Whoever has many addresses gets no further than the budget of all together: {@value
 * Budget#MOST} at once, and one more each two minutes, so that half of the PINs of six digits take
 * two years. There are two of these: those who come over routers cannot use up what the neighbours
 * on the gateway's own networks have. And a place that gave the right PIN within a week needs
 * neither, whatever the others do: {@value #MOST_KNOWN} places, the latest. Not thread-safe.
 */
final class Tries {
  private static final int FREE = 5;
  private static final int MOST_PLACES = 64;
  private static final int MOST_KNOWN = 16;
  private static final long MINUTE_MILLIS = 60_000;
  private static final long FIRST_PAUSE_MILLIS = 30_000;
  private static final long LONGEST_PAUSE_MILLIS = 15 * MINUTE_MILLIS;
  private static final long FORGOTTEN_MILLIS = 60 * MINUTE_MILLIS;
  private static final long KNOWN_MILLIS = 7 * 24 * 60 * MINUTE_MILLIS;

  /** Half of an IPv6 address: who has one has all of the other half. */
  private static final int PREFIX_BYTES = 8;

  private record Place(int wrong, MonotonicInstant last, MonotonicInstant next) {}

  /** Wrong ones that are left to those who are not known. */
  private static final class Budget {
    static final int MOST = 20;
    private static final long EACH_MILLIS = 2 * MINUTE_MILLIS;

    /** When it is full again. */
    private MonotonicInstant full = MonotonicInstant.ofMillis(0);

    long waitMillis(MonotonicInstant now) {
      return Math.max(0, full.millisSince(now) - (MOST - 1) * EACH_MILLIS);
    }

    void take(MonotonicInstant now) {
      full = (full.isBefore(now) ? now : full).plusMillis(EACH_MILLIS);
    }
  }

  private final Predicate<InetAddress> isNear;
  private final Budget near = new Budget();
  private final Budget far = new Budget();
  private final Map<String, Place> places = new LinkedHashMap<>();

  /** When each gave the right one, the latest last. */
  private final Map<String, MonotonicInstant> known = new LinkedHashMap<>();

  /**
   * @param isNear whether an address is on a network of this machine
   */
  Tries(Predicate<InetAddress> isNear) {
    this.isNear = isNear;
  }

  /** How long the next try from there has to wait, ms; 0 if it need not. */
  long waitMillis(InetAddress from, MonotonicInstant now) {
    Place place = places.get(key(from));
    long own = place == null ? 0 : Math.max(0, place.next.millisSince(now));
    return isKnown(from, now) ? own : Math.max(own, budget(from).waitMillis(now));
  }

  /** A wrong one came; returns how many more are free. */
  int wrong(InetAddress from, MonotonicInstant now) {
    if (!isKnown(from, now)) {
      budget(from).take(now);
    }
    // Taken out and put in again: the one not heard of for longest is the first.
    Place before = places.remove(key(from));
    int wrong =
        before == null || now.millisSince(before.last) > FORGOTTEN_MILLIS ? 1 : before.wrong + 1;
    long pause =
        wrong < FREE
            ? 0
            : Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(wrong - FREE, 10));
    limit(places, MOST_PLACES);
    places.put(key(from), new Place(wrong, now, now.plusMillis(pause)));
    return Math.max(0, FREE - wrong);
  }

  /** The right one came. */
  void right(InetAddress from, MonotonicInstant now) {
    places.remove(key(from));
    known.remove(key(from));
    limit(known, MOST_KNOWN);
    known.put(key(from), now);
  }

  private boolean isKnown(InetAddress from, MonotonicInstant now) {
    MonotonicInstant last = known.get(key(from));
    return last != null && now.millisSince(last) <= KNOWN_MILLIS;
  }

  private Budget budget(InetAddress from) {
    return isNear.test(from) ? near : far;
  }

  /** Makes room for one more. */
  private static void limit(Map<String, ?> map, int most) {
    if (map.size() >= most) {
      map.remove(map.keySet().iterator().next());
    }
  }

  /** Who is taken for one and the same. */
  static String key(InetAddress from) {
    byte[] bytes = from.getAddress();
    return HexFormat.of()
        .formatHex(from instanceof Inet6Address ? Arrays.copyOf(bytes, PREFIX_BYTES) : bytes);
  }
}
