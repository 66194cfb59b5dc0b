package io.lingtan.agent.ledger.code;

import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.reading.Times;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** MetricsCodec by name, written down and compared. */
public final class MetricsCodec {

  private static final List<Quality> QUALITIES = List.of(Quality.values());
  private static final List<Standing> STANDINGS = List.of(Standing.values());

  /** Room for qualities beside a standing. */
  private static final int EACH = 16;

  /** Added to a factor's number where its uncertainty follows. */
  private static final int UNSURE = 64;

  /** Added where times follow that the figure does not account for. */
  private static final int LACKING = 1024;

  private MetricsCodec() {}

  /**
   * One number, that of the quality alone where the standing is official and nothing is lacking.
   */
  private static int both(Metric metric) {
    return QUALITIES.indexOf(metric.quality())
        + EACH * STANDINGS.indexOf(metric.standing())
        + (metric.lacking().isNone() ? 0 : LACKING);
  }

  public static void write(Map<String, Metric> metrics, CheckpointWriter to) {
    to.number(metrics.size());
    metrics.forEach(
        (name, metric) -> {
          Long micros = metric.micros();
          to.word(name).word(metric.ucum()).number(both(metric));
          to.number(metric.coverage()).number(metric.estimated());
          to.word(metric.of() == null ? "" : metric.of());
          to.word(metric.factor() == null ? "" : metric.factor());
          to.word(metric.why() == null ? "" : metric.why());
          if (micros != null) {
            to.number(micros);
          }
          if (!metric.lacking().isNone()) {
            to.times(metric.lacking());
          }
        });
  }

  public static SequencedMap<String, Metric> read(CheckpointReader from) {
    SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    for (int left = from.count(); left > 0; left--) {
      String name = from.word();
      String ucum = from.word();
      int both = (int) from.number();
      Quality quality = QUALITIES.get(both % EACH);
      Standing standing = STANDINGS.get(both % LACKING / EACH);
      int coverage = (int) from.number();
      int estimated = (int) from.number();
      String of = orNull(from.word());
      String factor = orNull(from.word());
      String why = orNull(from.word());
      Long micros = quality == Quality.MISSING ? null : (Long) from.number();
      metrics.put(
          name,
          new Metric(micros, ucum, quality, coverage, estimated, of, factor, why)
              .restingOn(standing)
              .lacking(both >= LACKING ? from.times() : Times.NONE));
    }
    return metrics;
  }

  public static void writeFactors(Map<String, FactorUsed> factors, CheckpointWriter to) {
    to.number(factors.size());
    factors.forEach(
        (id, factor) -> {
          String u95Percent = factor.u95Percent();
          to.text(id)
              .text(factor.value())
              .text(factor.ucum())
              .text(factor.version())
              .number(
                  (factor.provisional() ? 1 : 0)
                      + 2L * STANDINGS.indexOf(factor.standing())
                      + (u95Percent == null ? 0 : UNSURE));
          if (u95Percent != null) {
            to.text(u95Percent);
          }
        });
  }

  public static SequencedMap<String, FactorUsed> readFactors(CheckpointReader from) {
    SequencedMap<String, FactorUsed> factors = new LinkedHashMap<>();
    for (int left = from.count(); left > 0; left--) {
      String id = from.text();
      String value = from.text();
      String ucum = from.text();
      String tableVersion = from.text();
      int both = (int) from.number();
      factors.put(
          id,
          new FactorUsed(
              value,
              ucum,
              tableVersion,
              both % 2 == 1,
              STANDINGS.get(both % UNSURE / 2),
              both >= UNSURE ? from.text() : null));
    }
    return factors;
  }

  /** An amount that follows from no factor. */
  public static void write(Metric amount, boolean withWhy, CheckpointWriter to) {
    Long micros = amount.micros();
    boolean lacking = !amount.lacking().isNone();
    to.number(QUALITIES.indexOf(amount.quality()) + (lacking ? EACH : 0));
    if (micros != null) {
      to.number(amount.coverage()).number(amount.estimated()).number(micros);
    } else if (withWhy) {
      to.word(String.valueOf(amount.why()));
    }
    if (lacking) {
      to.times(amount.lacking());
    }
  }

  /**
   * What {@link #write(Metric, boolean, CheckpointWriter)} wrote.
   *
   * @param why of what is missing; null if it was written
   * @throws IllegalArgumentException if there is no such quality
   */
  public static Metric read(CheckpointReader from, String ucum, @Nullable String why) {
    long head = from.number();
    long quality = head % EACH;
    if (head < 0 || head >= 2 * EACH || quality >= QUALITIES.size()) {
      throw new IllegalArgumentException("no quality has number " + head);
    }
    if (QUALITIES.get((int) quality) == Quality.MISSING) {
      return Metric.missing(ucum, why == null ? from.word() : why);
    }
    int coverage = (int) from.number();
    int estimated = (int) from.number();
    return new Metric(from.number(), ucum, QUALITIES.get((int) quality), coverage, estimated)
        .lacking(head >= EACH ? from.times() : Times.NONE);
  }

  public static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  /**
   * A number that differs, in practice always, when an interval's figures do. The reason of a
   * missing figure is left out: learning it later is no news.
   */
  public static long digest(Interval interval) {
    long hash = 0xcbf29ce484222325L;
    for (Map.Entry<String, Metric> entry : interval.metrics().entrySet()) {
      hash = digest(entry.getKey(), entry.getValue(), hash);
    }
    return mix(hash, interval);
  }

  private static long mix(long hash, Interval interval) {
    long mixed = hash;
    for (Correction correction : interval.corrections().values()) {
      mixed = mix(mixed, digest(correction.toString()));
    }
    return mixed;
  }

  private static long digest(String name, Metric metric, long before) {
    Long micros = metric.micros();
    long hash = mix(before, text(name));
    hash = mix(hash, micros == null ? Long.MIN_VALUE : micros);
    hash = mix(hash, QUALITIES.indexOf(metric.quality()));
    hash = mix(hash, metric.coverage() * 128L + metric.estimated());
    hash = mix(hash, text(metric.factor()));
    for (String factor : metric.factors()) {
      hash = mix(hash, text(factor));
    }
    Long pm = metric.pm();
    hash = pm == null ? hash : mix(hash, pm);
    return metric.standing() == Standing.OFFICIAL
        ? hash
        : mix(hash, text(metric.standing().word()));
  }

  /**
   * A number that differs, in practice always, when an interval's figures or the factors that they
   * name do, by value or validity; not when only their order does, or the version of a table whose
   * other factors have changed.
   */
  public static long digestWithFactors(Interval interval) {
    long sum = 0;
    for (Map.Entry<String, Metric> entry : interval.metrics().entrySet()) {
      sum += mix(digest(entry.getKey(), entry.getValue(), 0xcbf29ce484222325L), 1);
    }
    for (Map.Entry<String, FactorUsed> entry : interval.factors().entrySet()) {
      FactorUsed factor = entry.getValue();
      long hash = mix(0x84222325cbf29ce4L, text(entry.getKey()));
      hash = mix(mix(hash, text(factor.value())), text(factor.ucum()));
      hash = mix(hash, text(factor.standing().word()));
      sum += mix(hash, factor.provisional() ? 1 : 0);
    }
    return mix(sum, interval);
  }

  /** A number that differs, in practice always, when a text does. */
  public static long digest(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = mix(hash, text.charAt(i));
    }
    return hash;
  }

  private static long text(@Nullable String text) {
    return text == null ? 0 : text.hashCode();
  }

  private static long mix(long hash, long with) {
    long mixed = (hash ^ with) * 0x9e3779b97f4a7c15L;
    return mixed ^ (mixed >>> 32);
  }
}
