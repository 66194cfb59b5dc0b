package io.lingtan.agent.reading;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One recorded reading of one device: the last values of a record period, and what power did over
 * the polls in it.
 *
 * @param device the device's id
 * @param boot id of the boot that {@code atNanos} counts from
 * @param atNanos monotonic nanoseconds at which the block that holds the energy registers arrived,
 *     or the poll failed
 * @param values last values; a point that is neither here nor in {@code bad} was not due
 * @param stats minimum, mean and maximum of power points over the polls of the period
 * @param bad why a point that was due has no value
 * @param failed why the whole poll failed ({@code "*"} in the record), null if it did not
 */
public record Sample(
    String device,
    String boot,
    long atNanos,
    Values values,
    SortedMap<Point, Stat> stats,
    SortedMap<Point, Reason> bad,
    @Nullable Reason failed) {

  /** Minimum, mean and maximum in millionths of the point's unit. */
  public record Stat(long min, long mean, long max) {
    public Stat {
      if (min > mean || mean > max) {
        throw new IllegalArgumentException(
            "min <= mean <= max, was " + min + " " + mean + " " + max);
      }
    }
  }

  public Sample {
    stats = Collections.unmodifiableSortedMap(new TreeMap<>(stats));
    bad = Collections.unmodifiableSortedMap(new TreeMap<>(bad));
    if (failed != null && !values.isEmpty()) {
      throw new IllegalArgumentException("a failed poll has no values: " + device);
    }
  }

  /** A sample whose values all are good, without statistics. */
  public static Sample of(String device, String boot, long atNanos, Values values) {
    return new Sample(device, boot, atNanos, values, new TreeMap<>(), new TreeMap<>(), null);
  }

  /** A wholly failed poll. */
  public static Sample failed(String device, String boot, long atNanos, Reason reason) {
    return new Sample(device, boot, atNanos, Values.NONE, new TreeMap<>(), new TreeMap<>(), reason);
  }
}
