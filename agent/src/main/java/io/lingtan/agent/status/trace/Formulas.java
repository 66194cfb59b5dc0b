package io.lingtan.agent.status.trace;

import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.status.trace.Trace.Kind;
import io.lingtan.agent.status.trace.Trace.Rule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How figures follow from others of the same record, as {@code carbon.SiteFigures} has it. */
final class Formulas {

  private static final BigDecimal HUNDRED = new BigDecimal(100);
  private static final String IMPORT = "elec.grid.import";
  private static final String EXPORT = "elec.grid.export";
  private static final String LOAD = "elec.load.total";
  private static final String MARKET = "co2.scope2.market";

  /** Kilograms in the unit before a factor's stroke. */
  private static final Map<String, String> KILOGRAMS =
      Map.of("kg", "1", "t", "1000", "g", "0.001", "kg{ce}", "1", "t{ce}", "1000");

  /** How many units after a factor's stroke one unit of the figure is. */
  private static final Map<String, String> UNITS =
      Map.of(
          "kW.h>MW.h", "0.001",
          "kW.h>W.h", "1000",
          "GJ>MJ", "1000",
          "kg>t", "0.001");

  /** Sums of figures that are there; those after a minus are taken off. */
  private static final Map<String, List<String>> SUMS =
      Map.of(
          LOAD,
          List.of(
              IMPORT,
              "elec.pv.generation",
              "elec.chp.generation",
              "elec.battery.discharge",
              "-" + EXPORT,
              "-elec.battery.charge",
              "elec.hybrid.output",
              "-elec.hybrid.input",
              "-elec.hybrid.pv",
              "-elec.hybrid.discharge",
              "elec.hybrid.charge"),
          "heat.purchased",
          List.of("heat.energy", "-heat.own"),
          "elec.hybrid.loss",
          List.of(
              "elec.hybrid.pv",
              "elec.hybrid.discharge",
              "elec.hybrid.input",
              "-elec.hybrid.charge",
              "-elec.hybrid.output"));

  private static final Map<String, List<String>> RATIOS =
      Map.of("co2.per_load_kwh", List.of("co2.total", LOAD));

  /** Figures that are an energy times one factor, by how their names begin. */
  private static final List<String> PRODUCTS =
      List.of(
          "co2.scope1.",
          "co2.scope2.",
          "co2.avoided.",
          "co2.purchased_net",
          "refrigerant.co2e.",
          "tce.by_carrier.",
          "tce.equal_value");

  private Formulas() {}

  /** The record that a figure is of. */
  interface Figures {
    Interval interval();

    Site site();

    Indicators listed();

    Trace figure(String name, int depth);
  }

  /** Whether a longer interval adds this figure up over its parts. */
  static boolean isAdded(Indicators listed, String name, Interval interval) {
    Indicator indicator = listed.find(name);
    String length = interval.length();
    if (name.equals("co2.total")
        && interval.metrics().keySet().stream()
            .map(listed::find)
            .anyMatch(other -> other != null && other.needs().contains("activities"))) {
      // What people told is of days, and in none of their parts.
      return false;
    }
    // Certificates are of months, and a year is the sum of these.
    return (length.equals("1Y") && name.equals(MARKET))
        || (indicator != null && indicator.rolling() == Rolling.SUMMED);
  }

  static Trace explain(Trace trace, String name, Metric metric, Figures page, int depth) {
    List<String> sum = SUMS.get(name);
    if (sum != null) {
      return trace.of(Rule.SUM, present(sum, page, depth));
    }
    List<String> ratio = RATIOS.get(name);
    if (ratio != null) {
      return trace.of(Rule.RATIO, present(ratio, page, depth));
    }
    Trace special = special(trace, name, page, depth);
    if (special != null) {
      return special;
    }
    String factor = metric.factor();
    if (factor != null && PRODUCTS.stream().anyMatch(name::startsWith)) {
      return product(trace, name, metric, factor, page, depth);
    }
    Indicator indicator = page.listed().find(name);
    List<Trace> inputs =
        indicator == null ? new ArrayList<>() : present(inputs(indicator, name, page), page, depth);
    for (String used : metric.allFactors()) {
      inputs.add(factor(used, page, "", ""));
    }
    return indicator == null || inputs.isEmpty()
        ? trace
        : trace.of(Rule.SHOWN, inputs).noted(indicator.rule());
  }

  /** What is listed as going into a figure, of the record's figures. */
  private static List<String> inputs(Indicator indicator, String name, Figures page) {
    String part = page.listed().part(name);
    List<String> inputs = new ArrayList<>();
    for (String input : indicator.inputs()) {
      if (!input.endsWith("}")) {
        inputs.add(input);
      } else if (indicator.name().endsWith("}")) {
        inputs.add(input.substring(0, input.indexOf('{')) + part);
      } else {
        page.interval().metrics().keySet().stream()
            .filter(other -> isOne(other, input, indicator, page))
            .forEach(inputs::add);
      }
    }
    return inputs;
  }

  /**
   * Whether a figure is one of those that a pattern means; of hydrogen the electrolysers', and at
   * the nozzle the compressors'.
   */
  private static boolean isOne(String metric, String pattern, Indicator of, Figures page) {
    Indicator found = page.listed().find(metric);
    Role role = of.name().equals("h2.dispensed_co2") ? Role.COMPRESSOR : Role.ELECTROLYSER;
    return found != null
        && found.name().equals(pattern)
        && (of.section() != Section.H2
            || page.site().metering().meters().stream()
                .anyMatch(
                    meter ->
                        meter.role() == role && meter.id().equals(page.listed().part(metric))));
  }

  private static @Nullable Trace special(Trace trace, String name, Figures page, int depth) {
    return switch (name) {
      case "co2.total" -> trace.of(Rule.SUM, present(scopes(page), page, depth));
      case "co2.scope1.refrigerants" ->
          trace.of(Rule.SUM, present(named("refrigerant.co2e.", page), page, depth));
      case "tce.total" -> trace.of(Rule.SUM, present(named("tce.by_carrier.", page), page, depth));
      case "balance.residual" -> trace.of(Rule.SUM, residual(page, depth));
      case "balance.residual_pct" ->
          trace.of(
              Rule.RATIO,
              List.of(
                  percent(page.figure("balance.residual", depth + 1)),
                  together(
                      "what came in",
                      List.of(
                          IMPORT,
                          "elec.pv.generation",
                          "elec.chp.generation",
                          "elec.battery.discharge"),
                      page,
                      depth)));
      case "kpi.self_consumption" ->
          trace.of(
              Rule.RATIO,
              List.of(
                  together(
                      "generated and used here",
                      List.of("flow.pv_to_load", "flow.pv_to_battery"),
                      page,
                      depth),
                  page.figure("elec.pv.generation", depth + 1)));
      case "kpi.self_sufficiency" ->
          trace.of(
              Rule.RATIO,
              List.of(
                  together("used and not bought", List.of(LOAD, "-flow.grid_to_load"), page, depth),
                  page.figure(LOAD, depth + 1)));
      case "demand.block" ->
          trace.of(
              Rule.PRODUCT,
              List.of(
                  page.figure(IMPORT, depth + 1),
                  Trace.given(Kind.CONSTANT, "blocks in an hour", new BigDecimal(4), "1/h", "")));
      default -> null;
    };
  }

  private static Trace product(
      Trace trace, String name, Metric metric, String factor, Figures page, int depth) {
    Trace amount =
        switch (name) {
          case "co2.purchased_net", "tce.by_carrier.electricity", "tce.equal_value" ->
              together("bought less sold", List.of(IMPORT, "-" + EXPORT), page, depth);
          case MARKET -> uncovered(page, depth);
          case "co2.market_hourly" ->
              together(
                  "not covered hour by hour", List.of(IMPORT, "-cert.matched_hourly"), page, depth);
          case "tce.by_carrier.pv" ->
              metric.text() == null
                  ? page.figure("elec.pv.generation", depth + 1)
                  : together(
                      "PV without what its inverters lost",
                      List.of("elec.pv.generation", "-flow.pv_to_loss"),
                      page,
                      depth);
          case "tce.by_carrier.natural_gas" ->
              page.figure(metric.of() == null ? "fuel.gas.volume" : metric.of(), depth + 1);
          case "tce.by_carrier.heat" ->
              page.figure(
                  page.interval().metrics().containsKey("heat.own")
                      ? "heat.purchased"
                      : "heat.energy",
                  depth + 1);
          default ->
              metric.of() == null
                  ? Trace.given(Kind.FIGURE, "its amount", null, "", "not told")
                  : page.figure(metric.of(), depth + 1);
        };
    return trace.of(
        Rule.PRODUCT, List.of(amount, factor(factor, page, amount.unit(), trace.unit())));
  }

  /** What no certificate covers: each is for 1 MWh, and none covers more than was bought. */
  private static Trace uncovered(Figures page, int depth) {
    Trace bought = page.figure(IMPORT, depth + 1);
    Metric certificates = page.interval().metrics().get("cert.applied");
    BigDecimal energy = bought.value();
    Long count = certificates == null ? null : certificates.micros();
    if (energy == null || count == null) {
      return bought;
    }
    BigDecimal covered = energy.min(BigDecimal.valueOf(count).movePointLeft(3));
    Trace by =
        Trace.given(
            Kind.FIGURE,
            "covered by certificates",
            covered,
            "kW.h",
            BigDecimal.valueOf(count).movePointLeft(6).stripTrailingZeros().toPlainString()
                + " applied, 1 MWh each, at most what was bought");
    return Trace.given(Kind.FIGURE, "not covered", energy.subtract(covered), "kW.h", "")
        .of(Rule.SUM, List.of(bought, by.taken()));
  }

  private static Trace percent(Trace figure) {
    Trace hundred = Trace.given(Kind.CONSTANT, "percent", HUNDRED, "%", "");
    BigDecimal value = figure.value();
    return Trace.given(
            Kind.FIGURE,
            "100 × " + figure.name(),
            value == null ? null : value.multiply(HUNDRED),
            figure.unit(),
            "")
        .of(Rule.PRODUCT, List.of(figure, hundred));
  }

  private static Trace together(String name, List<String> of, Figures page, int depth) {
    List<Trace> parts = present(of, page, depth + 1);
    BigDecimal sum = BigDecimal.ZERO;
    String unit = "";
    for (Trace part : parts) {
      BigDecimal value = part.value();
      if (value == null) {
        sum = null;
        break;
      }
      sum = part.minus() ? sum.subtract(value) : sum.add(value);
      unit = part.unit();
    }
    return Trace.given(Kind.FIGURE, name, sum, unit, "").of(Rule.SUM, parts);
  }

  /** Those of the names that the record has; with a minus before it, to be taken off. */
  private static List<Trace> present(List<String> names, Figures page, int depth) {
    List<Trace> present = new ArrayList<>();
    for (String name : names) {
      boolean taken = name.startsWith("-");
      String plain = taken ? name.substring(1) : name;
      if (page.interval().metrics().containsKey(plain)) {
        Trace figure = page.figure(plain, depth + 1);
        present.add(taken ? figure.taken() : figure);
      }
    }
    return present;
  }

  private static List<String> scopes(Figures page) {
    return page.interval().metrics().keySet().stream()
        .filter(n -> n.startsWith("co2.scope1.") || n.startsWith("co2.scope2."))
        .filter(n -> !n.startsWith(MARKET))
        .toList();
  }

  private static List<String> named(String beginning, Figures page) {
    return page.interval().metrics().keySet().stream()
        .filter(n -> n.startsWith(beginning))
        .toList();
  }

  private static List<Trace> residual(Figures page, int depth) {
    List<String> names = new ArrayList<>(List.of(LOAD));
    List<Meter> loads =
        page.site().metering().meters().stream().filter(meter -> meter.role().isLoad()).toList();
    for (Meter meter : loads) {
      if (loads.stream().noneMatch(other -> other.id().equals(meter.parent()))) {
        names.add("-elec.load." + meter.id());
      }
    }
    return present(names, page, depth);
  }

  /**
   * A factor, in the figure's unit for one unit of what it is applied to.
   *
   * @param per unit of what it is applied to, empty to leave it as it is written
   */
  private static Trace factor(String id, Figures page, String per, String made) {
    FactorUsed used = page.interval().factors().get(id);
    if (used == null) {
      return Trace.given(Kind.FACTOR, id, null, "", "the record does not list it");
    }
    StringBuilder note = new StringBuilder();
    BigDecimal value = new BigDecimal(used.value());
    int stroke = used.ucum().indexOf('/');
    if (stroke > 0 && !per.isEmpty()) {
      String mass = KILOGRAMS.getOrDefault(used.ucum().substring(0, stroke), "1");
      String unit = used.ucum().substring(stroke + 1).replaceAll("[()]", "");
      String each = UNITS.getOrDefault(per + ">" + unit, "1");
      BigDecimal into = new BigDecimal(KILOGRAMS.getOrDefault(made, "1"));
      value = value.multiply(new BigDecimal(mass)).multiply(new BigDecimal(each)).divide(into);
      if (value.compareTo(new BigDecimal(used.value())) != 0) {
        note.append(used.value()).append(' ').append(used.ucum()).append(", ");
      }
    }
    note.append("version ").append(used.version());
    if (used.provisional()) {
      note.append(", provisional: the factor of the year is not out");
    }
    if (used.standing() != Standing.OFFICIAL) {
      note.append(", status ").append(used.standing().word());
    }
    Factor source = source(id, page.site());
    if (source != null) {
      note.append(", ").append(source.basis()).append(" of ").append(source.region());
      note.append(' ').append(source.dataYear()).append(", ").append(source.document());
      if (!source.url().isEmpty()) {
        note.append(", ").append(source.url());
      }
    }
    String unit = per.isEmpty() ? used.ucum() : made + "/(" + per + ")";
    return Trace.given(Kind.FACTOR, id, value, unit, note.toString());
  }

  private static @Nullable Factor source(String id, Site site) {
    for (FactorTable table : site.carbon().tables()) {
      for (Factor factor : table.factors()) {
        if (factor.id().equals(id)) {
          return factor;
        }
      }
    }
    return null;
  }
}
