package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Parts;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The class of hydrogen goes by the footprint factor of the year, in all cases of the kind. */
final class HydrogenClassCasesTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final BigDecimal KILOGRAMS = BigDecimal.valueOf(100);

  /** What the case's own sources give, and their mean factor: the agent knows one kind of them. */
  private record Own(BigDecimal share, BigDecimal factor) {

    static Own of(Node in, String year) {
      BigDecimal share = BigDecimal.ZERO;
      BigDecimal carbon = BigDecimal.ZERO;
      for (String source : in.at("share").names()) {
        if (!source.equals("grid")) {
          BigDecimal part = TruthCases.number(in.at("share").at(source));
          share = share.add(part);
          carbon = carbon.add(part.multiply(printed(in, year, source)));
        }
      }
      return new Own(share, carbon.divide(share, MathContext.DECIMAL128));
    }
  }

  private static BigDecimal printed(Node in, String year, String source) {
    return TruthCases.number(in.at("factor_kgCO2e_per_kWh").at(year).at(source));
  }

  private static BigDecimal grid(Node in) {
    return in.at("share").has("grid")
        ? TruthCases.number(in.at("share").at("grid"))
        : BigDecimal.ZERO;
  }

  @Test
  void theClassesOfTheCases() {
    for (Node example : TruthCases.of("h2_class")) {
      Node in = example.at("inputs");
      Node years = example.at("expected").at("by_data_year");
      List<Factor> factors = new ArrayList<>();
      for (String year : in.at("factor_kgCO2e_per_kWh").names()) {
        factors.add(footprint("electricity", year, printed(in, year, "grid")));
        factors.add(footprint("electricity_pv", year, Own.of(in, year).factor()));
      }
      Factors table = new Factors(List.of(new FactorTable("t", "1", factors, null)), "CN-JS", ZONE);
      for (String year : years.names()) {
        Sheet day = day(in, table, Integer.parseInt(year));
        String what = example.at("id").text() + " " + year;
        Node intensity = years.at(year).at("kgCO2e_per_kg");
        Metric told = metric(day, "h2.ci_footprint");
        assertNotNull(told.micros(), told + what);
        assertEquals(
            intensity.text(),
            TruthCases.like(intensity, BigDecimal.valueOf(told.micros(), 6)),
            what);
        assertEquals(
            years.at(year).at("class").text(),
            String.valueOf(metric(day, "h2.class").text()).replace('-', '_'),
            what);
      }
    }
  }

  /** The factors that come with the program: with those of 2023 the second would be low-carbon. */
  @Test
  void theFactorsThatShipAreThoseOf2024() {
    FactorTable shipped = Catalogue.factors(null).load("cn-electricity").value();
    assertNotNull(shipped);
    Factors table = new Factors(List.of(shipped), "CN-JS", ZONE);
    List<Node> cases =
        TruthCases.of("h2_class").stream()
            .filter(example -> !example.at("inputs").at("share").has("wind"))
            .toList();
    assertFalse(cases.isEmpty());
    for (Node example : cases) {
      assertEquals(
          example.at("expected").at("by_data_year").at("2024").at("class").text(),
          String.valueOf(metric(day(example.at("inputs"), table, 2026), "h2.class").text())
              .replace('-', '_'),
          example.at("id").text());
    }
  }

  private static Factor footprint(String carrier, String year, BigDecimal value) {
    int y = Integer.parseInt(year);
    return new Factor(
        carrier + "/" + year,
        carrier,
        "CN",
        "footprint",
        "CO2e",
        value.toPlainString(),
        "kg/(kW.h)",
        y,
        LocalDate.of(y, 1, 1),
        LocalDate.of(y, 12, 31),
        "a document",
        "",
        "official",
        null);
  }

  /** A day on which 100 kg were made of the case's mix. */
  private static Sheet day(Node in, Factors table, int year) {
    BigDecimal all = TruthCases.number(in.at("kWh_per_kg")).multiply(KILOGRAMS);
    Metric bought = metric(all.multiply(grid(in)), "kW.h");
    Metric made = metric(all.multiply(BigDecimal.ONE.subtract(grid(in))), "kW.h");
    Map<String, Meter> meters = new LinkedHashMap<>();
    for (Role role : List.of(Role.GRID, Role.PV, Role.ELECTROLYSER)) {
      String id = role.word();
      meters.put(
          id, Parts.meter(id, id, role, 0, false, null, Double.NaN, Double.NaN, Double.NaN, 0));
    }
    LinkedHashMap<String, Metric> sums = new LinkedHashMap<>();
    sums.put("h2.from_grid", bought);
    sums.put("h2.from_pv", made);
    List<Count> counts = new ArrayList<>();
    count(counts, meters, Role.GRID, Figure.GRID_IMPORT, bought);
    count(counts, meters, Role.GRID, Figure.GRID_EXPORT, metric(BigDecimal.ZERO, "kW.h"));
    count(counts, meters, Role.PV, Figure.PV_GENERATION, made);
    count(counts, meters, Role.ELECTROLYSER, Figure.LOAD, metric(all, "kW.h"));
    count(counts, meters, Role.ELECTROLYSER, Figure.H2_PRODUCED, metric(KILOGRAMS, "kg"));
    long start = LocalDate.of(year, 6, 1).atStartOfDay(ZONE).toInstant().toEpochMilli();
    Sheet sheet =
        new Sheet(new Counted("1d", start, counts, List.of()), meters, sums, Map.of(), null);
    new EnergyBalance(Allocation.PRIORITY, 0).rollUp(sheet);
    new Hydrogen(table).rollUp(sheet);
    return sheet;
  }

  private static void count(
      List<Count> counts, Map<String, Meter> meters, Role role, Figure figure, Metric metric) {
    Meter meter = meters.get(role.word());
    assertNotNull(meter);
    counts.add(new Count(meter, figure, metric));
  }

  private static Metric metric(Sheet sheet, String name) {
    Metric metric = sheet.get(name);
    assertNotNull(metric, name);
    return metric;
  }

  private static Metric metric(BigDecimal value, String ucum) {
    return new Metric(
        value.movePointRight(6).longValueExact(), ucum, Quality.MEASURED, 100, 0, null, null, null);
  }
}
