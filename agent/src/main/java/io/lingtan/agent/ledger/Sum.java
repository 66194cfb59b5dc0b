package io.lingtan.agent.ledger;

import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One metric added up over base intervals. Every part can be taken out again exactly, so that a
 * revised part replaces the earlier one.
 */
final class Sum {

  private static final List<Quality> QUALITIES = List.of(Quality.values());

  private final String ucum;
  private final @Nullable String of;
  private @Nullable String factor;
  private final long[] ofQuality = new long[QUALITIES.size()];
  private long value;
  private long size;
  private long estimated;
  private long partMillis;
  private long knownMillis;
  private long coveredPercentMillis;

  private Sum(String ucum, @Nullable String of, @Nullable String factor) {
    this.ucum = ucum;
    this.of = of;
    this.factor = factor;
  }

  /** An empty sum of metrics like this one. */
  static Sum like(Metric metric) {
    return new Sum(metric.ucum(), metric.of(), metric.factor());
  }

  void add(Metric part, long millis) {
    change(part, millis, 1);
    if (part.factor() != null) {
      factor = part.factor();
    }
  }

  /** Returns whether nothing is left. */
  boolean remove(Metric part, long millis) {
    change(part, millis, -1);
    return partMillis == 0;
  }

  /** How long its parts are together, those of unknown value included. */
  long millis() {
    return partMillis;
  }

  private void change(Metric part, long millis, int sign) {
    partMillis += sign * millis;
    Long micros = part.micros();
    if (micros == null) {
      return;
    }
    ofQuality[QUALITIES.indexOf(part.quality())] += sign;
    value += sign * micros;
    size += sign * Math.abs(micros);
    // Per part, so that taking it out again gives back the same.
    estimated += sign * Math.ceilDiv(Math.abs(micros) * part.estimated(), 100);
    knownMillis += sign * millis;
    coveredPercentMillis += sign * ((long) part.coverage() * millis);
  }

  /**
   * The sum over an interval.
   *
   * @param millis how long it is: parts that are not there make it partial
   */
  Metric over(long millis) {
    if (knownMillis == 0) {
      return new Metric(null, ucum, Quality.MISSING, 0, 0, of, factor, "no part of it is known");
    }
    Quality quality = knownMillis < millis ? Quality.PARTIAL : Quality.MEASURED;
    for (int i = 0; i < ofQuality.length; i++) {
      quality = ofQuality[i] > 0 ? quality.worse(QUALITIES.get(i)) : quality;
    }
    return new Metric(
        value,
        ucum,
        quality,
        (int) Math.min(100, coveredPercentMillis / millis),
        size == 0 ? 0 : (int) Math.min(100, Math.ceilDiv(100 * estimated, size)),
        of,
        factor,
        null);
  }

  void write(CheckpointWriter to) {
    to.text(ucum).text(of == null ? "" : of).text(factor == null ? "" : factor);
    for (long count : ofQuality) {
      to.number(count);
    }
    to.number(value).number(size).number(estimated);
    to.number(partMillis).number(knownMillis).number(coveredPercentMillis);
  }

  static Sum read(CheckpointReader from) {
    Sum sum = new Sum(from.text(), Metrics.orNull(from.text()), Metrics.orNull(from.text()));
    for (int i = 0; i < sum.ofQuality.length; i++) {
      sum.ofQuality[i] = from.number();
    }
    sum.value = from.number();
    sum.size = from.number();
    sum.estimated = from.number();
    sum.partMillis = from.number();
    sum.knownMillis = from.number();
    sum.coveredPercentMillis = from.number();
    return sum;
  }
}
