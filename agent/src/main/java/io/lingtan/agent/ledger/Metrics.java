package io.lingtan.agent.ledger;

import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Standing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** Metrics by name, written down and compared. */
final class Metrics {

  private static final List<Quality> QUALITIES = List.of(Quality.values());
  private static final List<Standing> STANDINGS = List.of(Standing.values());

  /** Room for qualities beside a standing. */
  private static final int EACH = 16;

  private Metrics() {}

  /** One number, that of the quality alone where the standing is official. */
  private static int both(Quality quality, Standing standing) {
    return QUALITIES.indexOf(quality) + EACH * STANDINGS.indexOf(standing);
  }

  static void write(Map<String, Metric> metrics, CheckpointWriter to) {
    to.number(metrics.size());
    metrics.forEach(
        (name, metric) -> {
          Long micros = metric.micros();
          to.word(name).word(metric.ucum()).number(both(metric.quality(), metric.standing()));
          to.number(metric.coverage()).number(metric.estimated());
          to.word(metric.of() == null ? "" : metric.of());
          to.word(metric.factor() == null ? "" : metric.factor());
          to.word(metric.why() == null ? "" : metric.why());
          if (micros != null) {
            to.number(micros);
          }
        });
  }

  static SequencedMap<String, Metric> read(CheckpointReader from) {
    SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
    for (int left = from.count(); left > 0; left--) {
      String name = from.word();
      String ucum = from.word();
      int both = (int) from.number();
      Quality quality = QUALITIES.get(both % EACH);
      Standing standing = STANDINGS.get(both / EACH);
      int coverage = (int) from.number();
      int estimated = (int) from.number();
      String of = orNull(from.word());
      String factor = orNull(from.word());
      String why = orNull(from.word());
      Long micros = quality == Quality.MISSING ? null : (Long) from.number();
      metrics.put(
          name,
          new Metric(micros, ucum, quality, coverage, estimated, of, factor, why)
              .restingOn(standing));
    }
    return metrics;
  }

  static void writeFactors(Map<String, FactorUsed> factors, CheckpointWriter to) {
    to.number(factors.size());
    factors.forEach(
        (id, factor) ->
            to.text(id)
                .text(factor.value())
                .text(factor.ucum())
                .text(factor.version())
                .number(
                    (factor.provisional() ? 1 : 0) + 2L * STANDINGS.indexOf(factor.standing())));
  }

  static SequencedMap<String, FactorUsed> readFactors(CheckpointReader from) {
    SequencedMap<String, FactorUsed> factors = new LinkedHashMap<>();
    for (int left = from.count(); left > 0; left--) {
      String id = from.text();
      String value = from.text();
      String ucum = from.text();
      String tableVersion = from.text();
      int both = (int) from.number();
      factors.put(
          id, new FactorUsed(value, ucum, tableVersion, both % 2 == 1, STANDINGS.get(both / 2)));
    }
    return factors;
  }

  static @Nullable String orNull(String text) {
    return text.isEmpty() ? null : text;
  }

  /**
   * A number that differs, in practice always, when an interval's figures do. The reason of a
   * missing figure is left out: learning it later is no news.
   */
  static long digest(Interval interval) {
    long hash = 0xcbf29ce484222325L;
    for (Map.Entry<String, Metric> entry : interval.metrics().entrySet()) {
      hash = digest(entry.getKey(), entry.getValue(), hash);
    }
    return hash;
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
    return metric.standing() == Standing.OFFICIAL
        ? hash
        : mix(hash, text(metric.standing().word()));
  }

  /**
   * A number that differs, in practice always, when an interval's figures or the factors that they
   * name do, by value, version or validity; not when only their order does.
   */
  static long digestWithFactors(Interval interval) {
    long sum = 0;
    for (Map.Entry<String, Metric> entry : interval.metrics().entrySet()) {
      sum += mix(digest(entry.getKey(), entry.getValue(), 0xcbf29ce484222325L), 1);
    }
    for (Map.Entry<String, FactorUsed> entry : interval.factors().entrySet()) {
      FactorUsed factor = entry.getValue();
      long hash = mix(0x84222325cbf29ce4L, text(entry.getKey()));
      hash = mix(mix(hash, text(factor.value())), text(factor.ucum()));
      hash = mix(mix(hash, text(factor.version())), text(factor.standing().word()));
      sum += mix(hash, factor.provisional() ? 1 : 0);
    }
    return sum;
  }

  private static long text(@Nullable String text) {
    return text == null ? 0 : text.hashCode();
  }

  private static long mix(long hash, long with) {
    long mixed = (hash ^ with) * 0x9e3779b97f4a7c15L;
    return mixed ^ (mixed >>> 32);
  }
}
