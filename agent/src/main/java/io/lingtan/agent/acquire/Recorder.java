package io.lingtan.agent.acquire;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sample.Stat;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes one sample per record period out of a device's polls: the values of the last answered poll,
 * minimum, mean and maximum of power over all of them, less what stays within its deadband.
 *
 * <p>Periods count from the device's phase. The first answered poll after a start or after silence
 * is recorded at once, so that nobody waits a period for it. A period without an answered poll
 * gives a failed sample; while the device is offline that is one a minute.
 */
final class Recorder {

  private static final long MINUTE_NANOS = 60_000_000_000L;

  /** Longest time for which a value is held back where the site file gives none. */
  private static final long USUAL_MAX_INTERVAL_NANOS = 5 * MINUTE_NANOS;

  private final Device device;
  private final String boot;
  private final long recordNanos;
  private final long phaseNanos;
  private final boolean eachPoll;
  private final Statistics statistics = new Statistics();
  private final @Nullable Deadband deadband;

  private long period = Long.MIN_VALUE;
  private boolean fresh = true;
  private @Nullable Values values;
  private @Nullable Values groupValues;
  private SortedMap<Point, Reason> bad = new TreeMap<>();
  private SortedMap<Point, Reason> groupBad = new TreeMap<>();
  private long atNanos;
  private boolean atCounters;
  private @Nullable Reason failure;
  private long failedNanos;
  private long offlineDueNanos;

  Recorder(Device device, String boot, long phaseNanos) {
    this.device = device;
    this.boot = boot;
    this.recordNanos = device.record().toNanos();
    this.phaseNanos = phaseNanos;
    this.eachPoll = device.record().equals(device.every());
    this.deadband =
        device.deadband().isEmpty()
            ? null
            : new Deadband(
                device,
                device.maxInterval() == null
                    ? USUAL_MAX_INTERVAL_NANOS
                    : device.maxInterval().toNanos());
  }

  private long periodOf(long scheduledNanos) {
    return Math.floorDiv(scheduledNanos - phaseNanos, recordNanos);
  }

  /**
   * A poll of the device's own period was answered.
   *
   * @param scheduled when it was due
   * @param at arrival of the block that holds the energy registers, or of the last block
   * @param counters whether such a block was among them
   * @param next when the next poll is due
   * @return the period's sample, if this poll completes it
   */
  @Nullable Sample answered(
      long scheduled,
      long at,
      boolean counters,
      Values polled,
      SortedMap<Point, Reason> absent,
      long next) {
    period = periodOf(scheduled);
    values = polled;
    bad = absent;
    arrived(at, counters);
    if (!eachPoll) {
      statistics.add(polled);
    }
    if (fresh) {
      fresh = false;
      Sample first = sample();
      if (periodOf(next) == period) {
        // Not to be recorded twice, but it still belongs to the period's statistics.
        takeValues();
      } else {
        clear();
      }
      return first;
    }
    return due(next);
  }

  /** A poll of a point group was answered; its values travel with the device's next sample. */
  void answeredGroup(long at, boolean counters, Values polled, SortedMap<Point, Reason> absent) {
    groupValues =
        groupValues == null
            ? polled
            : new Values.Builder().putAll(groupValues).putAll(polled).build();
    for (int i = 0; i < polled.size(); i++) {
      groupBad.remove(polled.point(i));
    }
    groupBad.putAll(absent);
    if (counters) {
      arrived(at, true);
    }
  }

  private void arrived(long at, boolean counters) {
    if (counters || !atCounters) {
      atNanos = at;
      atCounters = counters;
    }
  }

  /** A poll failed wholly. */
  @Nullable Sample failed(long scheduled, long at, Reason reason, long next) {
    period = periodOf(scheduled);
    failure = reason;
    failedNanos = at;
    return due(next);
  }

  /** Polls up to {@code next} were left out: ends the period if it is over. */
  @Nullable Sample due(long next) {
    if (period == Long.MIN_VALUE || periodOf(next) == period) {
      return null;
    }
    Sample sample = null;
    if (values != null) {
      sample = sample();
    } else if (failure != null) {
      sample = Sample.failed(device.id(), boot, failedNanos, failure);
    }
    clear();
    return sample;
  }

  private Sample sample() {
    Values all = values == null ? Values.NONE : values;
    SortedMap<Point, Reason> reasons = bad;
    if (groupValues != null || !groupBad.isEmpty()) {
      if (groupValues != null) {
        all = new Values.Builder().putAll(all).putAll(groupValues).build();
      }
      reasons = new TreeMap<>(bad);
      reasons.putAll(groupBad);
    }
    if (deadband != null) {
      all = deadband.filter(all, atNanos);
    }
    return new Sample(device.id(), boot, atNanos, all, statistics.over(all), reasons, null);
  }

  private void takeValues() {
    values = null;
    groupValues = null;
    bad = new TreeMap<>();
    groupBad = new TreeMap<>();
    atCounters = false;
  }

  private void clear() {
    period = Long.MIN_VALUE;
    takeValues();
    failure = null;
    statistics.clear();
  }

  /** The device is offline from now on: what is under way is recorded, then one sample a minute. */
  @Nullable Sample offline(long now) {
    Sample sample =
        values != null
            ? sample()
            : failure != null ? Sample.failed(device.id(), boot, failedNanos, failure) : null;
    clear();
    fresh = true;
    offlineDueNanos = now + MINUTE_NANOS;
    return sample;
  }

  long offlineDueNanos() {
    return offlineDueNanos;
  }

  /** The sample of an offline device, once a minute; null if it is not due. */
  @Nullable Sample stillOffline(long now) {
    if (now < offlineDueNanos) {
      return null;
    }
    offlineDueNanos = Math.max(offlineDueNanos + MINUTE_NANOS, now);
    return Sample.failed(device.id(), boot, now, Reason.OFFLINE);
  }

  /** Minimum, sum and maximum of the power points over the polls of a period. */
  private static final class Statistics {
    private Point[] points = new Point[4];
    private long[] least = new long[4];
    private long[] greatest = new long[4];
    private long[] sum = new long[4];
    private int[] count = new int[4];
    private int size;

    void add(Values polled) {
      for (int i = 0; i < polled.size(); i++) {
        Point point = polled.point(i);
        if (point.quantity() == Quantity.POWER) {
          add(point, polled.micros(i));
        }
      }
    }

    private void add(Point point, long micros) {
      int at = 0;
      while (at < size && points[at] != point) {
        at++;
      }
      if (at == size) {
        grow();
        points[at] = point;
        least[at] = micros;
        greatest[at] = micros;
        sum[at] = 0;
        count[at] = 0;
      }
      least[at] = Math.min(least[at], micros);
      greatest[at] = Math.max(greatest[at], micros);
      sum[at] += micros;
      count[at]++;
    }

    private void grow() {
      if (size == points.length) {
        points = Arrays.copyOf(points, size * 2);
        least = Arrays.copyOf(least, size * 2);
        greatest = Arrays.copyOf(greatest, size * 2);
        sum = Arrays.copyOf(sum, size * 2);
        count = Arrays.copyOf(count, size * 2);
      }
      size++;
    }

    SortedMap<Point, Stat> over(Values recorded) {
      SortedMap<Point, Stat> stats = new TreeMap<>();
      for (int i = 0; i < size; i++) {
        if (count[i] > 1 && recorded.has(points[i])) {
          long mean = Math.clamp(Math.floorDiv(sum[i], count[i]), least[i], greatest[i]);
          stats.put(points[i], new Stat(least[i], mean, greatest[i]));
        }
      }
      return stats;
    }

    void clear() {
      size = 0;
    }
  }

  /** Holds back values that have hardly changed since they were recorded last. */
  private static final class Deadband {
    private final Device device;
    private final long maxIntervalNanos;
    private final long[] recorded = new long[Point.all().size()];
    private final long[] recordedNanos = new long[recorded.length];

    Deadband(Device device, long maxIntervalNanos) {
      this.device = device;
      this.maxIntervalNanos = maxIntervalNanos;
      Arrays.fill(recordedNanos, Long.MIN_VALUE);
    }

    Values filter(Values all, long now) {
      Values.Builder kept = new Values.Builder();
      for (int i = 0; i < all.size(); i++) {
        Point point = all.point(i);
        long micros = all.micros(i);
        if (!isHeld(point, micros, now)) {
          recorded[point.index()] = micros;
          recordedNanos[point.index()] = now;
          kept.put(point, micros);
        }
      }
      String state = all.state();
      if (state != null) {
        kept.state(state);
      }
      return kept.build();
    }

    private boolean isHeld(Point point, long micros, long now) {
      Long band = device.deadband().get(point);
      int index = point.index();
      return band != null
          && recordedNanos[index] != Long.MIN_VALUE
          && now - recordedNanos[index] < maxIntervalNanos
          && Math.abs(micros - recorded[index]) < band;
    }
  }
}
