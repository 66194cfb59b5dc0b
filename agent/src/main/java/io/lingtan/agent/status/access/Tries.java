package io.lingtan.agent.status.access;

import io.lingtan.agent.run.MonotonicInstant;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Wrong PINs, by where they came from: five are free, then each costs a pause that doubles from 30
 * s to 15 min. All places together have {@value #MOST_A_MINUTE} a minute, so that somebody with
 * many addresses gets no further. Not thread-safe.
 */
final class Tries {
  private static final int FREE = 5;
  private static final int MOST_PLACES = 64;
  private static final int MOST_A_MINUTE = 20;
  private static final long MINUTE_MILLIS = 60_000;
  private static final long FIRST_PAUSE_MILLIS = 30_000;
  private static final long LONGEST_PAUSE_MILLIS = 15 * MINUTE_MILLIS;
  private static final long FORGOTTEN_MILLIS = 60 * MINUTE_MILLIS;

  /** Half of an IPv6 address: who has one has all of the other half. */
  private static final int PREFIX_BYTES = 8;

  private record Place(int wrong, MonotonicInstant last, MonotonicInstant next) {}

  private final Map<String, Place> places = new LinkedHashMap<>();
  private MonotonicInstant minute = MonotonicInstant.ofMillis(0);
  private int inMinute;

  /** How long the next try from there has to wait, ms; 0 if it need not. */
  long waitMillis(InetAddress from, MonotonicInstant now) {
    Place place = places.get(key(from));
    long own = place == null ? 0 : Math.max(0, place.next.millisSince(now));
    long everybody =
        now.millisSince(minute) < MINUTE_MILLIS && inMinute >= MOST_A_MINUTE
            ? MINUTE_MILLIS - now.millisSince(minute)
            : 0;
    return Math.max(own, everybody);
  }

  /** A wrong one came; returns how many more are free. */
  int wrong(InetAddress from, MonotonicInstant now) {
    if (now.millisSince(minute) >= MINUTE_MILLIS) {
      minute = now;
      inMinute = 0;
    }
    inMinute++;
    // Taken out and put in again: the one not heard of for longest is the first.
    Place before = places.remove(key(from));
    int wrong =
        before == null || now.millisSince(before.last) > FORGOTTEN_MILLIS ? 1 : before.wrong + 1;
    long pause =
        wrong < FREE
            ? 0
            : Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(wrong - FREE, 10));
    if (places.size() >= MOST_PLACES) {
      places.remove(places.keySet().iterator().next());
    }
    places.put(key(from), new Place(wrong, now, now.plusMillis(pause)));
    return Math.max(0, FREE - wrong);
  }

  /** The right one came. */
  void right(InetAddress from) {
    places.remove(key(from));
  }

  private static String key(InetAddress from) {
    byte[] bytes = from.getAddress();
    return HexFormat.of()
        .formatHex(from instanceof Inet6Address ? Arrays.copyOf(bytes, PREFIX_BYTES) : bytes);
  }
}
