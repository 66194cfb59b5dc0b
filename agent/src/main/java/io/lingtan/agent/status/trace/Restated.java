package io.lingtan.agent.status.trace;

import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.status.trace.Trace.Kind;
import io.lingtan.agent.status.trace.Trace.Rule;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A figure that is an energy by a factor, and that may have been told again by another one than the
 * base intervals in it.
 *
 * @param name of the figure
 * @param of what the factor is applied to
 * @param less what is taken off that first, empty for nothing
 * @param id of the factor
 */
record Restated(String name, String of, String less, String id, FactorUsed factor) {

  private static final String NET = "co2.purchased_net";
  private static final String PER_KWH = "kg/(kW.h)";

  /** Null if it is none, or not in kilograms by the kilowatt-hour. */
  static @Nullable Restated of(Interval interval, String name) {
    Metric metric = interval.metrics().get(name);
    String of = metric == null ? null : metric.of();
    String id = metric == null ? null : metric.factor();
    FactorUsed factor = id == null ? null : interval.factors().get(id);
    boolean shared = name.startsWith("co2.load.");
    return of == null || id == null || factor == null || shared || !factor.ucum().equals(PER_KWH)
        ? null
        : new Restated(name, of, name.equals(NET) ? "elec.grid.export" : "", id, factor);
  }

  /** Whether a base interval was worked out by another factor. */
  boolean isByAnother(Interval base) {
    Metric metric = base.metrics().get(name);
    String other = metric == null ? null : metric.factor();
    FactorUsed how = other == null ? null : base.factors().get(other);
    return how != null && !(id.equals(other) && factor.value().equals(how.value()));
  }

  /** Some base intervals together, each by the factor and rounded half-even to the milligram. */
  Trace part(String title, List<Interval> bases) {
    BigDecimal sum = BigDecimal.ZERO;
    Set<String> told = new LinkedHashSet<>();
    for (Interval base : bases) {
      Metric metric = base.metrics().get(name);
      if (metric != null) {
        told.add(factors(base, metric));
      }
      Long energy = micros(base, of);
      Long taken = less.isEmpty() ? Long.valueOf(0) : micros(base, less);
      if (energy == null || taken == null) {
        return Trace.given(Kind.INTERVAL, title, null, "kg", "not all of its energy is known");
      }
      sum =
          sum.add(
              new BigDecimal(factor.value())
                  .multiply(BigDecimal.valueOf(energy - taken))
                  .setScale(0, RoundingMode.HALF_EVEN));
    }
    return new Trace(
        Kind.INTERVAL,
        title,
        new BigDecimal(Micros.text(sum.longValueExact())),
        "kg",
        Rule.GIVEN,
        false,
        "%d × energy × %s, each rounded; told in its time by %s"
            .formatted(bases.size(), factor.value(), String.join(" and ", told)),
        List.of());
  }

  private static @Nullable Long micros(Interval base, String name) {
    Metric metric = base.metrics().get(name);
    return metric == null ? null : metric.micros();
  }

  /** The factors that a figure names, with the versions of their tables. */
  static String factors(Interval interval, Metric metric) {
    List<String> words = new ArrayList<>();
    for (String id : metric.allFactors()) {
      FactorUsed factor = interval.factors().get(id);
      words.add(
          factor == null
              ? id
              : "%s %s of %s%s"
                  .formatted(
                      id,
                      factor.value(),
                      factor.version(),
                      factor.provisional() ? " (provisional)" : ""));
    }
    return words.isEmpty() ? "no factor" : String.join(", ", words);
  }
}
