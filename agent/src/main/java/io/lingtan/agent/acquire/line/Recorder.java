package io.lingtan.agent.acquire.line;

import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sample.Stat;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes one sample per record period out of a device's polls: the values of the last answered poll,
 * minimum, mean and maximum of power over all of them, less what stays within its deadband. A
 * sample has one instant, so that values of a point group which were read at another time make a
 * sample of their own.
 *
 * <p>Periods count from the device's phase. The first answered poll after a start or after silence
 * is recorded at once, so that nobody waits a period for it, and the statistics of its period are
 * of the polls after it. A period without an answered poll gives a failed sample; while the device
 * is offline that is one a minute.
 */
public final class Recorder {

  /** Place of the points that belong to no group. */
  private static final int OWN = 0;

  private static final long MINUTE_NANOS = 60_000_000_000L;

  /** Longest time for which a value is held back where the site file gives none. */
  private static final long USUAL_MAX_INTERVAL_NANOS = 5 * MINUTE_NANOS;

  /** Polls so close together share a sample, and so an instant, if they are not a period apart. */
  private static final long LONGEST_JOIN_NANOS = 1_000_000_000L;

  private final Device device;
  private final String boot;
  private final long recordNanos;
  private final long phaseNanos;
  private final long joinNanos;
  private final boolean eachPoll;
  private final Statistics statistics = new Statistics();
  private final @Nullable Deadband deadband;

  private long period = Long.MIN_VALUE;
  private boolean fresh = true;

  /** What was read last in this period: the device's own points, then each of its groups. */
  private final @Nullable Part[] parts;

  private @Nullable Reason failure;
  private long failedNanos;
  private long offlineDueNanos;
  private boolean lastFailed;

  /**
   * What one poll gave.
   *
   * @param atNanos arrival of the block that holds the energy registers, or of the last block
   * @param counters whether such a block was among them
   */
  private record Part(long atNanos, boolean counters, Values values, SortedMap<Point, Reason> bad) {

    /** An alarm that an earlier poll saw has a value, also if the last poll could not read it. */
    Part {
      if (bad.keySet().stream().anyMatch(values::has)) {
        bad = new TreeMap<>(bad);
        bad.keySet().removeIf(values::has);
      }
    }
  }

  public Recorder(Device device, String boot, long phaseNanos) {
    this.device = device;
    this.boot = boot;
    this.recordNanos = device.record().toNanos();
    this.phaseNanos = phaseNanos;
    this.joinNanos = Math.min(LONGEST_JOIN_NANOS, device.every().toNanos());
    this.parts = new @Nullable Part[1 + device.groups().size()];
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
   * @return the period's samples, if this poll completes it
   */
  public List<Sample> answered(
      long scheduled,
      long at,
      boolean counters,
      Values polled,
      SortedMap<Point, Reason> absent,
      long next) {
    boolean same = period == periodOf(scheduled);
    period = periodOf(scheduled);
    // All of the poll before is replaced: a value is never stamped with another poll's time.
    parts[OWN] = new Part(at, counters, same ? raised(parts[OWN], polled) : polled, absent);
    if (!eachPoll) {
      statistics.add(polled);
    }
    if (fresh) {
      fresh = false;
      List<Sample> first = samples();
      if (periodOf(next) == period) {
        // Not to be recorded twice, nor counted twice: what follows in this period tells of itself.
        Arrays.fill(parts, null);
        statistics.clear();
      } else {
        clear();
      }
      return first;
    }
    return due(next);
  }

  /**
   * A poll for which nobody had to be asked: what was read last still holds, because the device
   * would have told of a change. A period with nothing else in it gives a sample without values.
   *
   * @param scheduled when it was due
   * @param next when the next poll is due
   */
  public List<Sample> unchanged(long scheduled, long at, long next) {
    if (fresh) {
      return due(next);
    }
    period = periodOf(scheduled);
    if (parts[OWN] == null && failure == null) {
      parts[OWN] = new Part(at, false, Values.NONE, new TreeMap<>());
    }
    return due(next);
  }

  /**
   * A poll of a point group was answered; its values travel with the device's next sample, or in a
   * sample of their own beside it if they were read at another time.
   *
   * @param group number of the group in the site file, from 0
   */
  public void answeredGroup(
      int group, long at, boolean counters, Values polled, SortedMap<Point, Reason> absent) {
    parts[1 + group] = new Part(at, counters, raised(parts[1 + group], polled), absent);
  }

  /** A poll of a point group failed wholly; values that an earlier one gave are kept. */
  public void failedGroup(int group, long at, SortedMap<Point, Reason> absent) {
    Part earlier = parts[1 + group];
    if (earlier == null || earlier.values().isEmpty()) {
      parts[1 + group] = new Part(at, false, Values.NONE, absent);
    }
  }

  /** A poll failed wholly. */
  public List<Sample> failed(long scheduled, long at, Reason reason, long next) {
    period = periodOf(scheduled);
    failure = reason;
    failedNanos = at;
    return due(next);
  }

  /** Polls up to {@code next} were left out: ends the period if it is over. */
  public List<Sample> due(long next) {
    if (period == Long.MIN_VALUE || periodOf(next) == period) {
      return List.of();
    }
    List<Sample> samples = samples();
    clear();
    return samples;
  }

  /** What has been read, in the order of its instants; a failure if it has no own values. */
  private List<Sample> samples() {
    List<Part> read = new ArrayList<>(parts.length);
    for (Part part : parts) {
      if (part != null) {
        read.add(part);
      }
    }
    read.sort(Comparator.comparingLong(Part::atNanos));
    List<Sample> samples = new ArrayList<>(1);
    int from = 0;
    for (int i = 1; i <= read.size(); i++) {
      if (i == read.size() || !isOneWith(read.subList(from, i), read.get(i))) {
        samples.add(join(read.subList(from, i)));
        from = i;
      }
    }
    if (failure != null && parts[OWN] == null) {
      samples.add(Sample.failed(device.id(), boot, failedNanos, failure));
      samples.sort(Comparator.comparingLong(Sample::atNanos));
    }
    if (!samples.isEmpty()) {
      lastFailed = samples.getLast().failed() != null;
    }
    return samples;
  }

  /** Whether it was read at about the same time; energy registers keep each their own instant. */
  private boolean isOneWith(List<Part> read, Part next) {
    return next.atNanos() - read.getFirst().atNanos() < joinNanos
        && !(next.counters() && read.stream().anyMatch(Part::counters));
  }

  /** One sample of what was read at about the same time, energy registers giving the instant. */
  private Sample join(List<Part> read) {
    Part stamp = read.getFirst();
    Values all = stamp.values();
    SortedMap<Point, Reason> bad = stamp.bad();
    for (Part part : read.subList(1, read.size())) {
      all = new Values.Builder().putAll(all).putAll(part.values()).build();
      bad = new TreeMap<>(bad);
      bad.putAll(part.bad());
      if (part.counters() || !stamp.counters()) {
        stamp = part;
      }
    }
    if (deadband != null) {
      all = deadband.filter(all, stamp.atNanos());
    }
    return new Sample(device.id(), boot, stamp.atNanos(), all, statistics.over(all), bad, null);
  }

  /** An alarm that was raised in any poll of the period is told, be it over at the last. */
  private static Values raised(@Nullable Part before, Values polled) {
    Values all = polled;
    for (int i = 0; before != null && i < before.values().size(); i++) {
      Point point = before.values().point(i);
      long earlier = before.values().micros(i);
      if (point.form() instanceof Form.Bits && earlier != 0) {
        long either = polled.has(point) ? polled.micros(point) | earlier : earlier;
        all = new Values.Builder().putAll(all).put(point, either).build();
      }
    }
    return all;
  }

  private void clear() {
    period = Long.MIN_VALUE;
    Arrays.fill(parts, null);
    failure = null;
    statistics.clear();
  }

  /**
   * The device is offline from now on: what is under way is recorded, that it failed, and from then
   * on one sample a minute.
   */
  public List<Sample> offline(Reason reason, long now) {
    List<Sample> samples = end(now);
    if (!lastFailed) {
      samples.add(Sample.failed(device.id(), boot, now, reason));
      lastFailed = true;
    }
    return samples;
  }

  /** What is under way is recorded; what comes next is a beginning. */
  public List<Sample> end(long now) {
    List<Sample> samples = samples();
    clear();
    fresh = true;
    offlineDueNanos = now + MINUTE_NANOS;
    return samples;
  }

  public long offlineDueNanos() {
    return offlineDueNanos;
  }

  /** The sample of an offline device, once a minute; null if it is not due. */
  public @Nullable Sample stillOffline(long now) {
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
      while (at < size && !points[at].equals(point)) {
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
    private final Map<Point, Recorded> recorded = new HashMap<>();

    private record Recorded(long micros, long atNanos) {}

    Deadband(Device device, long maxIntervalNanos) {
      this.device = device;
      this.maxIntervalNanos = maxIntervalNanos;
    }

    Values filter(Values all, long now) {
      Values.Builder kept = new Values.Builder();
      for (int i = 0; i < all.size(); i++) {
        Point point = all.point(i);
        long micros = all.micros(i);
        if (!isHeld(point, micros, now)) {
          if (device.deadband().containsKey(point)) {
            recorded.put(point, new Recorded(micros, now));
          }
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
      Recorded last = recorded.get(point);
      return band != null
          && last != null
          && now - last.atNanos() < maxIntervalNanos
          && point.distanceMicros(micros, last.micros()) < band;
    }
  }
}
