package io.lingtan.simulator.check;

import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.simulator.check.record.Decimals;
import io.lingtan.simulator.check.record.Received.Interval;
import io.lingtan.simulator.check.record.Received.Metric;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Figures of a base interval that follow from others in the same record: what is split adds up to
 * the whole, ratios are ratios, and nothing looks better than the worst that it is made of. Worked
 * out by rules of its own.
 */
final class Books {

  private static final List<String> QUALITIES =
      List.of(
          "measured",
          "derived",
          "est_linear",
          "est_profile",
          "substituted",
          "partial",
          "suspect",
          "missing");

  private static final List<String> BUSBAR =
      List.of(
          "elec.grid.import",
          "elec.grid.export",
          "elec.pv.generation",
          "elec.battery.charge",
          "elec.battery.discharge");

  private static final List<String> PERIODS = List.of("sharp", "peak", "flat", "valley", "deep");

  /** Lower heating value of hydrogen, kWh/kg. */
  private static final BigDecimal HEATING_VALUE = new BigDecimal("33.33");

  private final Findings findings;
  private final List<String> electrolysers = new ArrayList<>();

  /** What is being judged. */
  private record Page(Interval interval, Map<String, Metric> metrics) {

    @Nullable Metric get(String name) {
      return metrics.get(name);
    }

    @Nullable Long value(String name) {
      Metric metric = metrics.get(name);
      return metric == null ? null : metric.micros();
    }
  }

  /** How bad a quality is, 0 for the best; of an unknown word worse than all. */
  static int rank(String quality) {
    int rank = QUALITIES.indexOf(quality);
    return rank < 0 ? QUALITIES.size() : rank;
  }

  static String quality(int rank) {
    return QUALITIES.get(rank);
  }

  Books(Site site, Findings findings) {
    this.findings = findings;
    for (Site.Meter meter : site.metering().meters()) {
      if (meter.role() == Role.ELECTROLYSER && meter.parent() == null) {
        electrolysers.add("elec.load." + meter.id());
      }
    }
  }

  /** Says what in a base interval does not follow. */
  void judge(Interval interval) {
    Page page = new Page(interval, interval.metrics());
    Long load = page.value("elec.load.total");
    if (load != null && load >= 0 && page.get("flow.grid_to_load") != null) {
      split(page, "elec.grid.import", "flow.grid_to_", "load", "battery", "grid");
      split(page, "elec.pv.generation", "flow.pv_to_", "load", "battery", "grid");
      split(page, "elec.battery.discharge", "flow.battery_to_", "load", "grid", "battery");
      gathered(page, "elec.load.total", "load");
      gathered(page, "elec.battery.charge", "battery");
      gathered(page, "elec.grid.export", "grid");
    }
    noBetter(page, "elec.load.total", BUSBAR);
    noBetter(page, "flow.grid_to_load", BUSBAR);
    noBetter(page, "co2.scope2.location", List.of("elec.grid.import"));
    shares(page);
    hydrogen(page);
    sum(
        page,
        "co2.total",
        present(page, "co2.scope1.natural_gas", "co2.scope2.location", "co2.scope2.heat"),
        0);
    List<String> periods = new ArrayList<>();
    PERIODS.forEach(period -> periods.add("elec.grid.import." + period));
    sum(page, "elec.grid.import", present(page, periods.toArray(String[]::new)), 0);
  }

  private void split(Page page, String whole, String beginning, String... sinks) {
    List<String> parts = new ArrayList<>();
    for (String sink : sinks) {
      parts.add(beginning + sink);
    }
    sum(page, whole, present(page, parts.toArray(String[]::new)), 0);
  }

  private void gathered(Page page, String whole, String sink) {
    sum(
        page,
        whole,
        present(
            page,
            "flow.grid_to_" + sink,
            "flow.pv_to_" + sink,
            "flow.chp_to_" + sink,
            "flow.battery_to_" + sink),
        0);
  }

  private static List<String> present(Page page, String... names) {
    List<String> present = new ArrayList<>();
    for (String name : names) {
      if (page.get(name) != null) {
        present.add(name);
      }
    }
    return present;
  }

  /** The parts add up to the whole, but for roundings; nothing is asked where there are none. */
  private void sum(Page page, String whole, List<String> parts, long roundings) {
    Long value = page.value(whole);
    Long sum = total(page, parts);
    if (value != null && sum != null && Math.abs(value - sum) > roundings) {
      wrong(page, whole, "its parts give " + Decimals.text(sum));
    }
  }

  private static @Nullable Long total(Page page, List<String> parts) {
    long sum = 0;
    for (String part : parts) {
      Long value = page.value(part);
      if (value == null) {
        return null;
      }
      sum += value;
    }
    return parts.isEmpty() ? null : (Long) sum;
  }

  private void shares(Page page) {
    List<String> own = present(page, "flow.pv_to_load", "flow.pv_to_battery");
    Long used = total(page, own);
    Long generated = page.value("elec.pv.generation");
    if (used != null && generated != null && generated != 0) {
      own.add("elec.pv.generation");
      ratio(page, "kpi.self_consumption", BigDecimal.valueOf(used), generated, own);
    }
    Long bought = page.value("flow.grid_to_load");
    Long load = page.value("elec.load.total");
    if (bought != null && load != null && load > 0) {
      List<String> sources = present(page, "elec.pv.generation", "elec.chp.generation");
      // What a battery gives at a site without a source it took from the grid.
      if (!sources.isEmpty() || page.get("elec.battery.discharge") == null) {
        ratio(
            page,
            "kpi.self_sufficiency",
            BigDecimal.valueOf(load - bought),
            load,
            List.of("flow.grid_to_load", "elec.load.total"));
      }
      Long carbon = page.value("co2.total");
      if (carbon != null) {
        ratio(
            page,
            "co2.per_load_kwh",
            BigDecimal.valueOf(carbon),
            load,
            List.of("co2.total", "elec.load.total"));
      }
    }
  }

  private void hydrogen(Page page) {
    Long energy = total(page, present(page, electrolysers.toArray(String[]::new)));
    Long produced = page.value("h2.produced");
    if (energy == null || produced == null) {
      return;
    }
    List<String> inputs = new ArrayList<>(electrolysers);
    inputs.add("h2.produced");
    if (produced > 0) {
      ratio(page, "h2.sec", BigDecimal.valueOf(energy), produced, inputs);
    }
    if (energy > 0) {
      BigDecimal heat = HEATING_VALUE.multiply(BigDecimal.valueOf(produced));
      ratio(page, "h2.eta_lhv", heat, energy, inputs);
    }
    List<String> sources =
        present(page, "h2.from_grid", "h2.from_pv", "h2.from_battery", "h2.from_chp");
    Long from = total(page, sources);
    // Each is rounded once.
    if (from != null && Math.abs(from - energy) > sources.size()) {
      wrong(
          page,
          "h2.from_*",
          Decimals.text(from) + " in all, the electrolysers took " + Decimals.text(energy));
    }
  }

  /** A figure that is a ratio, rounded to a millionth. */
  private void ratio(
      Page page, String name, BigDecimal numerator, long denominator, List<String> inputs) {
    Metric said = page.get(name);
    BigDecimal ratio =
        numerator
            .movePointRight(6)
            .divide(BigDecimal.valueOf(denominator), 0, RoundingMode.HALF_EVEN);
    Long value = said == null ? null : said.micros();
    if (said == null || value == null) {
      // What is known in part may be known of different parts of the time.
      if (inputs.stream().noneMatch(input -> isPartial(page, input))) {
        wrong(page, name, "nothing is missing that it is made of");
      }
      return;
    }
    if (value != ratio.longValueExact()) {
      wrong(page, name, "it ought to be " + Decimals.text(ratio.longValueExact()));
    }
    noBetter(page, name, inputs);
  }

  private static boolean isPartial(Page page, String name) {
    Metric metric = page.get(name);
    // Of a suspect one nobody says whether it is partial too.
    return metric != null
        && (metric.quality().equals("partial") || metric.quality().equals("suspect"));
  }

  /** What is made of others is no better than the worst of them, nor seen more wholly. */
  private void noBetter(Page page, String name, List<String> inputs) {
    Metric said = page.get(name);
    if (said == null || said.micros() == null) {
      return;
    }
    for (String input : inputs) {
      Metric from = page.get(input);
      if (from != null
          && (rank(said.quality()) < rank(from.quality()) || said.coverage() > from.coverage())) {
        wrong(
            page,
            name,
            "%s, coverage %d, made of %s, %s, coverage %d"
                .formatted(
                    said.quality(), said.coverage(), input, from.quality(), from.coverage()));
      }
    }
  }

  private void wrong(Page page, String name, String words) {
    Long value = page.value(name);
    findings.add(
        Verdict.INCONSISTENT,
        page.interval.start(),
        "%s of %s (%s; %s)"
            .formatted(
                name,
                Intervals.name(page.interval),
                value == null ? "none" : Decimals.text(value),
                words));
  }
}
