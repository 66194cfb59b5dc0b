package io.lingtan.agent.ledger;

import io.lingtan.agent.ledger.code.MetricsCodec;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.reading.Times;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * One metric added up over base intervals. Every part can be taken out again exactly, so that a
 * revised part replaces the earlier one.
 */
final class Sum {

  private static final List<Quality> QUALITIES = List.of(Quality.values());
  private static final List<Standing> STANDINGS = List.of(Standing.values());

  /** Added to the number of factors where it is written down when the parts are. */
  private static final long PLACED = 1 << 16;

  private final String ucum;
  private final @Nullable String of;

  /** Parts by the factor that they name, in the order in which each came first. */
  private final SequencedMap<String, Long> factors = new LinkedHashMap<>();

  private final long[] ofQuality = new long[QUALITIES.size()];
  private final long[] ofStanding = new long[STANDINGS.size()];
  private long value;
  private long size;
  private long estimated;
  private long partMillis;
  private long knownMillis;
  private long coveredPercentMillis;

  /** When its parts are. */
  private Times told = Times.NONE;

  /** What they do not account for in that. */
  private Times lacking = Times.NONE;

  /** Whether these two are known: older software did not write them down. */
  private boolean isPlaced = true;

  private Sum(String ucum, @Nullable String of) {
    this.ucum = ucum;
    this.of = of;
  }

  /** An empty sum of metrics like this one. */
  static Sum like(Metric metric) {
    return new Sum(metric.ucum(), metric.of());
  }

  /** Adds the part that begins at {@code at}. */
  void add(Metric part, long at, long millis) {
    change(part, millis, 1);
    told = told.and(Times.of(at, at + millis));
    lacking = lacking.and(part.micros() == null ? Times.of(at, at + millis) : part.lacking());
  }

  /** Returns whether nothing is left. */
  boolean remove(Metric part, long at, long millis) {
    change(part, millis, -1);
    told = told.without(at, at + millis);
    lacking = lacking.without(at, at + millis);
    return partMillis == 0;
  }

  /** How long its parts are together, those of unknown value included. */
  long millis() {
    return partMillis;
  }

  private void change(Metric part, long millis, int sign) {
    partMillis += sign * millis;
    String factor = part.factor();
    if (factor != null && factors.merge(factor, (long) sign, Long::sum) == 0) {
      factors.remove(factor);
    }
    Long micros = part.micros();
    if (micros == null) {
      return;
    }
    ofQuality[QUALITIES.indexOf(part.quality())] += sign;
    ofStanding[STANDINGS.indexOf(part.standing())] += sign;
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
   * @param start of it, UTC ms
   * @param millis how long it is: parts that are not there make it partial
   */
  Metric over(long start, long millis) {
    if (knownMillis == 0) {
      return new Metric(null, ucum, Quality.MISSING, 0, 0, of, null, "no part of it is known")
          .by(factors.sequencedKeySet());
    }
    Quality quality = knownMillis < millis ? Quality.PARTIAL : Quality.MEASURED;
    for (int i = 0; i < ofQuality.length; i++) {
      quality = ofQuality[i] > 0 ? quality.worse(QUALITIES.get(i)) : quality;
    }
    Standing standing = Standing.OFFICIAL;
    for (int i = 0; i < ofStanding.length; i++) {
      standing = ofStanding[i] > 0 ? standing.worse(STANDINGS.get(i)) : standing;
    }
    return new Metric(
            value,
            ucum,
            quality,
            (int) Math.min(100, coveredPercentMillis / millis),
            size == 0 ? 0 : (int) Math.min(100, Math.ceilDiv(100 * estimated, size)),
            of,
            null,
            null)
        .by(factors.sequencedKeySet())
        .restingOn(standing)
        .lacking(knownMillis < millis || !lacking.isNone() ? lacking(start, millis) : Times.NONE);
  }

  private Times lacking(long start, long millis) {
    Times whole = Times.of(start, start + millis);
    Times untold = whole;
    for (int i = 0; i < told.ends().size(); i += 2) {
      untold = untold.without(told.ends().get(i), told.ends().get(i + 1));
    }
    return isPlaced ? untold.and(lacking.within(whole)) : whole;
  }

  void write(CheckpointWriter to) {
    to.word(ucum).word(of == null ? "" : of);
    to.number(factors.size() + (isPlaced ? PLACED : 0));
    factors.forEach((factor, parts) -> to.word(factor).number(parts));
    for (long count : ofQuality) {
      to.number(count);
    }
    to.number(value).number(size).number(estimated);
    to.number(partMillis).number(knownMillis).number(coveredPercentMillis);
    for (long count : ofStanding) {
      to.number(count);
    }
    if (isPlaced) {
      to.times(told).times(lacking);
    }
  }

  static Sum read(CheckpointReader from) {
    Sum sum = new Sum(from.word(), MetricsCodec.orNull(from.word()));
    long head = from.number();
    sum.isPlaced = head >= PLACED;
    for (long left = head % PLACED; left > 0; left--) {
      sum.factors.put(from.word(), from.number());
    }
    sum.numbers(from);
    for (int i = 0; i < sum.ofStanding.length; i++) {
      sum.ofStanding[i] = from.number();
    }
    if (sum.isPlaced) {
      sum.told = from.times();
      sum.lacking = from.times();
    }
    return sum;
  }

  private void numbers(CheckpointReader from) {
    for (int i = 0; i < ofQuality.length; i++) {
      ofQuality[i] = from.number();
    }
    value = from.number();
    size = from.number();
    estimated = from.number();
    partMillis = from.number();
    knownMillis = from.number();
    coveredPercentMillis = from.number();
  }
}
