package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.agent.carbon.sheet.Calendar;
import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.activity.ActivityReader;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What no meter sees, in all cases of the kinds: the case's parameters become a factor file and its
 * amounts a feed, as an operator would write them, and the figures are those of a month.
 */
final class ActivityCasesTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final long JUNE = Instant.parse("2026-05-31T16:00:00Z").toEpochMilli();
  private static final List<String> SETS = List.of("AR5", "AR6");

  @TempDir private Path folder;

  private final StringBuilder factors = new StringBuilder();
  private final StringBuilder feed = new StringBuilder();

  /** Every number that was made: none may be one that the case calls wrong. */
  private final List<BigDecimal> made = new ArrayList<>();

  private static List<Node> some(String kind) {
    List<Node> cases = TruthCases.of(kind);
    assertFalse(cases.isEmpty(), kind);
    return cases;
  }

  static List<Node> fuels() {
    return some("fuels");
  }

  static List<Node> refrigerants() {
    return some("refrigerants");
  }

  static List<Node> heats() {
    return some("heat");
  }

  private void factor(String id, String carrier, String rest) {
    factors
        .append("  - {id: %s, carrier: %s, ".formatted(id, carrier))
        .append(rest)
        .append(", data_year: 2025, valid_from: 2025-01-01}\n");
  }

  private void row(String header, Object... cells) {
    if (feed.isEmpty()) {
      feed.append(header).append('\n');
    }
    feed.append("2026-06-%02d".formatted(1 + feed.toString().lines().count()));
    for (Object cell : cells) {
      feed.append(',').append(cell);
    }
    feed.append(",the case,").append("D-").append(feed.length()).append('\n');
  }

  private Sheet month(String set) throws IOException {
    Files.writeString(
        folder.resolve("case.yaml"),
        """
        name: case
        version: "1"
        defaults: {region: CN, status: official, publication: it, unit: kg/kg, gas: CO2e%s}
        publications: {it: {document: the case}}
        factors:
        %s\
        """
            .formatted(set.isEmpty() ? "" : ", gwp_set: " + set, factors));
    Catalogue.Loaded<FactorTable> loaded = Catalogue.factors(folder).load("case");
    assertEquals(List.of(), loaded.problems());
    FactorTable table = loaded.value();
    assertNotNull(table);
    Feeds feeds =
        FeedReader.read(
            feed.toString(),
            FeedReader.Known.of(List.of(table), "CN", Set.of()),
            (line, column, message) -> {
              throw new AssertionError(line + ":" + column + ": " + message + "\n" + feed);
            });
    assertNotNull(feeds);
    Sheet sheet =
        new Sheet(
            new Counted("1M", JUNE, List.of(), List.of(), null, feeds),
            Map.of(),
            new LinkedHashMap<>(),
            Map.of(),
            null);
    Factors in = new Factors(List.of(table), "CN", ZONE);
    for (Chapter chapter :
        List.of(new Activities(in, new Calendar(ZONE)), new Emissions(in), new StandardCoal(in))) {
      chapter.rollUp(sheet);
    }
    return sheet;
  }

  private BigDecimal tonnes(Sheet sheet, String name) {
    return value(sheet, name).movePointLeft(3);
  }

  private BigDecimal value(Sheet sheet, String name) {
    Metric metric = sheet.get(name);
    assertNotNull(metric, name + " of " + sheet.names());
    BigDecimal value = BigDecimal.valueOf(Combining.value(metric), 6);
    made.add(value.movePointLeft(metric.ucum().equals("kg") ? 3 : 0));
    return value;
  }

  private static void like(Node expected, BigDecimal value) {
    assertEquals(expected.text(), TruthCases.like(expected, value), expected.path());
  }

  private void nothingWrong(Node expected) {
    for (String name : expected.names()) {
      if (name.startsWith("WRONG")) {
        Node wrong = expected.at(name);
        made.forEach(
            value -> assertNotEquals(wrong.text(), TruthCases.like(wrong, value), wrong.path()));
      }
    }
  }

  /** Of a thing that is there twice each is one of its own, because the case wants both alone. */
  private static List<String> names(List<Node> all, String key) {
    List<String> names = new ArrayList<>();
    for (Node each : all) {
      String name = each.at(key).text().replaceAll("[^A-Za-z0-9_-]", "_");
      names.add(names.contains(name) ? name + "_" + names.size() : name);
    }
    return names;
  }

  @ParameterizedTest
  @MethodSource("fuels")
  void fuelsByMassOrVolume(Node each) throws IOException {
    List<Node> fuels = each.at("inputs").at("fuels").list();
    List<String> names = names(fuels, "fuel");
    for (int i = 0; i < fuels.size(); i++) {
      Node in = fuels.get(i);
      String fuel = names.get(i);
      factor(
          "f/" + fuel,
          fuel,
          "basis: combustion, gas: CO2, ncv: %s, carbon: %s, oxidation: %s"
              .formatted(
                  TruthCases.number(in.at("NCV_GJ_per_t")).movePointLeft(3).toPlainString(),
                  in.at("carbon_t_per_GJ").text(),
                  in.at("oxidation").text()));
      factor(
          "c/" + fuel,
          fuel,
          "basis: equivalent, gas: none, unit: 'kg{ce}/kg', value: '%s'"
              .formatted(in.at("kgce_per_kg").text()));
      if (in.has("volume_L")) {
        row(
            ActivityReader.FUEL,
            fuel,
            in.at("volume_L").text(),
            "L",
            in.at("density_kg_per_L").text());
      } else {
        row(ActivityReader.FUEL, fuel, in.at("mass_kg").text(), "kg", "");
      }
    }
    Sheet month = month("");
    Node expected = each.at("expected");
    List<String> covered = new ArrayList<>();
    for (int i = 0; i < fuels.size(); i++) {
      String fuel = names.get(i);
      Node of = expected.at("fuels").list().get(i);
      like(of.at("mass_t"), tonnes(month, "fuel.mass." + fuel));
      like(of.at("tCO2"), tonnes(month, "co2.scope1." + fuel));
      like(of.at("tce"), value(month, "tce.by_carrier." + fuel));
      covered.add("co2.scope1." + fuel);
    }
    like(expected.at("total_tCO2"), tonnes(month, "co2.total"));
    Metric total = month.get("co2.total");
    assertNotNull(total);
    assertEquals(Set.copyOf(covered), Set.of(String.valueOf(total.text()).split(" ")));
    nothingWrong(expected);
  }

  @ParameterizedTest
  @MethodSource("refrigerants")
  void refrigerantsByOneSetOfPotentials(Node each) throws IOException {
    List<Node> gases = each.at("inputs").at("gases").list();
    Node expected = each.at("expected");
    for (String set : SETS) {
      factors.setLength(0);
      feed.setLength(0);
      Set<String> components = new LinkedHashSet<>();
      for (Node in : gases) {
        Node potentials = in.at("GWP_" + set);
        for (String gas : potentials.names()) {
          if (components.add(gas)) {
            factor(
                "g/" + gas, gas, "basis: gwp100, value: '%s'".formatted(potentials.at(gas).text()));
          }
        }
      }
      List<String> names = names(gases, "refrigerant");
      for (int i = 0; i < gases.size(); i++) {
        Node in = gases.get(i);
        String name = names.get(i);
        Node shares = in.at("mass_share");
        if (components.add(name)) {
          List<String> parts = new ArrayList<>();
          shares.names().forEach(gas -> parts.add(gas + ": " + shares.at(gas).text()));
          factor(
              "b/" + name, name, "basis: gwp100, shares: {%s}".formatted(String.join(", ", parts)));
        }
        row(
            ActivityReader.REFRIGERANT,
            name,
            in.at("charged_kg").text(),
            in.at("recovered_kg").text());
      }
      Sheet month = month(set);
      for (int i = 0; i < gases.size(); i++) {
        String name = names.get(i);
        Node of = expected.at("gases").list().get(i);
        like(of.at("leak_kg"), value(month, "refrigerant.loss." + name));
        like(of.at("tCO2e_" + set), tonnes(month, "refrigerant.co2e." + name));
        like(
            of.at("GWP_" + set),
            new BigDecimal(factorOf(month, "refrigerant.co2e." + name).value()));
      }
      like(expected.at("total_tCO2e_" + set), tonnes(month, Activities.REFRIGERANTS));
      like(expected.at("total_tCO2e_" + set), tonnes(month, "co2.total"));
      Metric sum = month.get(Activities.REFRIGERANTS);
      assertNotNull(sum);
      assertEquals("GWP100 " + set, sum.text(), "the set is named");
    }
    nothingWrong(expected);
  }

  private static io.lingtan.agent.reading.Interval.FactorUsed factorOf(Sheet sheet, String name) {
    Metric metric = sheet.get(name);
    assertNotNull(metric);
    return java.util.Objects.requireNonNull(
        sheet.figures(Set.of()).factors().get(String.valueOf(metric.factor())));
  }

  @ParameterizedTest
  @MethodSource("heats")
  void steamByEnthalpyAndHotWaterByTemperature(Node each) throws IOException {
    Node in = each.at("inputs");
    factor(
        "h/heat",
        "heat",
        "basis: purchased_heat, gas: CO2, unit: t/GJ, value: '%s'"
            .formatted(in.at("tCO2_per_GJ").text()));
    factor(
        "h/coal",
        "heat",
        "basis: equivalent, gas: none, unit: 'kg{ce}/MJ', value: '%s'"
            .formatted(in.at("kgce_per_MJ").text()));
    row(
        ActivityReader.HEAT,
        "steam",
        in.at("steam_t").text(),
        in.at("steam_enthalpy_kJ_per_kg").text(),
        in.at("water_enthalpy_kJ_per_kg").text(),
        "",
        "");
    row(
        ActivityReader.HEAT,
        "hot_water",
        in.at("hot_water_t").text(),
        "",
        "",
        in.at("hot_water_degC").text(),
        "");
    Sheet month = month("");
    Node expected = each.at("expected");
    like(expected.at("steam_GJ"), value(month, "heat.steam"));
    like(expected.at("hot_water_GJ"), value(month, "heat.hot_water"));
    like(expected.at("tCO2"), tonnes(month, "co2.total"));
    like(expected.at("tce"), value(month, "tce.total"));
    nothingWrong(expected);
  }
}
