package io.lingtan.agent.carbon.sheet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.sheet.Factors.InForce;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.testing.Sites;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FactorsTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");

  private static final Map<String, List<String>> PLACES =
      Map.of(
          "CN national average", List.of("CN", "location"),
          "CN national excl. market-traded non-fossil", List.of("CN", "residual"),
          "CN fossil", List.of("CN", "fossil"),
          "East China grid", List.of("CN-EAST", "location"),
          "Jiangsu", List.of("CN-JS", "location"));

  private static Factors of(String region) {
    return of(region, Set.of());
  }

  private static Factors of(String region, Set<Standing> accepted) {
    List<Factor> factors = new ArrayList<>();
    Node table = WorkedExamples.example("E10").at("inputs").at("factors_kg_per_kWh");
    for (String name : table.names()) {
      List<String> place = PLACES.getOrDefault(name, List.of());
      for (String year : table.at(name).names()) {
        int y = Integer.parseInt(year);
        factors.add(
            Sites.factor(
                place.get(0) + "/" + place.get(1) + "/" + year,
                place.get(0),
                place.get(1),
                table.at(name).at(year).decimal().toPlainString(),
                y,
                LocalDate.of(y, 12, 31)));
      }
    }
    return new Factors(
        List.of(new FactorTable("test", "1", factors, null)), accepted, region, ZONE);
  }

  private static long at(String text) {
    return Instant.parse(text).toEpochMilli();
  }

  private static InForce find(String region, String basis, String time) {
    return assertNotNull(of(region).electricity(basis, at(time)), region + " " + time);
  }

  private static InForce assertNotNull(
      @org.jspecify.annotations.Nullable InForce factor, String what) {
    if (factor == null) {
      throw new AssertionError("no factor for " + what);
    }
    return factor;
  }

  @Test
  void theValuesOfE10() {
    Node example = WorkedExamples.example("E10");
    long energy = example.at("inputs").at("kWh").micros();
    Map<String, List<String>> asked =
        Map.of(
            "CN 2021", List.of("CN", "location", "2021"),
            "CN 2022", List.of("CN", "location", "2022"),
            "CN 2023", List.of("CN", "location", "2023"),
            "Jiangsu 2021", List.of("CN-JS", "location", "2021"),
            "Jiangsu 2022", List.of("CN-JS", "location", "2022"),
            "Jiangsu 2023", List.of("CN-JS", "location", "2023"),
            "East China 2023", List.of("CN-EAST", "location", "2023"),
            "CN residual 2023", List.of("CN", "residual", "2023"),
            "CN fossil 2023", List.of("CN", "fossil", "2023"));
    asked.forEach(
        (name, key) -> {
          InForce found = find(key.get(0), key.get(1), key.get(2) + "-06-01T00:00:00Z");
          assertEquals(
              example.at("expected").at(name).micros(), found.kilograms(energy, "kW.h"), name);
          assertFalse(found.provisional(), name);
        });
  }

  @Test
  void theYearIsTheLocalYearOfTheIntervalsStart() {
    Node expected = WorkedExamples.example("E10").at("expected");
    assertEquals(
        expected.at("interval 2022-12-31T15:45Z/16:00Z uses year").decimal().intValueExact(),
        find("CN-JS", "location", "2022-12-31T15:45:00Z").factor().dataYear());
    assertEquals(
        expected.at("interval 2022-12-31T16:00Z/16:15Z uses year").decimal().intValueExact(),
        find("CN-JS", "location", "2022-12-31T16:00:00Z").factor().dataYear());
  }

  @Test
  void aYearWithoutAFactorTakesTheNewestEarlierOneAndSaysProvisional() {
    InForce found = find("CN-JS", "location", "2025-03-01T00:00:00Z");
    assertEquals(2023, found.factor().dataYear());
    assertTrue(found.provisional());
    assertTrue(found.used().provisional());
    assertEquals("0.5827", found.used().value());
  }

  /** Nobody published it for this place: whoever takes it says so, and the figure says it, too. */
  @Test
  void aProvinceWithoutFactorsHasItsGridRegionsOrTheCountrysOnlyWhereTheSiteAcceptsThat() {
    long day = at("2023-03-01T00:00:00Z");
    Map.of("CN-ZJ", "CN-EAST/location/2023", "CN-SC", "CN/location/2023")
        .forEach(
            (region, wider) -> {
              assertNull(of(region).electricity("location", day), region);
              assertEquals(
                  "no location factor of electricity for %s on 2023-03-01: %s is non-official for"
                          .formatted(region, wider)
                      + " it, and carbon.accept does not name that",
                  of(region).lacking("electricity", "location", day));
              InForce found =
                  assertNotNull(
                      of(region, Set.of(Standing.NON_OFFICIAL)).electricity("location", day),
                      region);
              assertEquals(wider, found.factor().id());
              assertEquals(Standing.NON_OFFICIAL, found.used().standing());
            });
  }

  /** A province whose own factor of that year is in doubt does not get its grid's in its place. */
  @Test
  void anUnconfirmedFactorOfTheProvinceIsNotReplacedByItsGrids() {
    Factor own = Sites.factor("bj", "CN-BJ", "location", "0.5688", 2021, null).as("unconfirmed");
    Factor grid = Sites.factor("north", "CN-NORTH", "location", "0.7120", 2021, null);
    Factors factors =
        new Factors(List.of(new FactorTable("t", "1", List.of(grid, own), null)), "CN-BJ", ZONE);
    long day = at("2021-03-01T00:00:00Z");
    assertNull(factors.electricity("location", day));
    assertEquals(
        "no location factor of electricity for CN-BJ on 2021-03-01: bj is unconfirmed, and"
            + " carbon.accept does not name that",
        factors.lacking("electricity", "location", day));
  }

  @Test
  void noOtherBasisStandsIn() {
    assertEquals(
        "CN/residual/2023", find("CN-JS", "residual", "2023-03-01T00:00:00Z").factor().id());
    assertNull(of("CN-JS").electricity("footprint", at("2023-03-01T00:00:00Z")));
    assertNull(of("CN-JS").electricity("fossil", at("2022-03-01T00:00:00Z")));
  }

  @Test
  void anUnconfirmedFactorIsNeverTaken() {
    Factor good = Sites.factor("good", "CN-JS", "location", "0.5827", 2023, null);
    Factor doubtful =
        new Factor(
            "doubtful",
            "electricity",
            "CN-JS",
            "location",
            "CO2",
            "0.1",
            "kg/(kW.h)",
            2024,
            LocalDate.of(2024, 1, 1),
            null,
            "hearsay",
            "",
            "unconfirmed",
            null);
    Factors factors =
        new Factors(
            List.of(new FactorTable("t", "1", List.of(good, doubtful), null)), "CN-JS", ZONE);
    assertEquals(
        "good",
        assertNotNull(factors.electricity("location", at("2024-06-01T00:00:00Z")), "2024")
            .factor()
            .id());
  }

  @Test
  void aLaterYearNeverAppliesToAnEarlierOne() {
    assertNull(of("CN-JS").electricity("location", at("2020-03-01T00:00:00Z")));
  }

  @Test
  void theLocationFiguresOfE09() {
    for (Node example : WorkedExamples.cases("E09").subList(0, 3)) {
      Node in = example.at("inputs");
      Factor factor =
          Sites.factor(
              "x", "CN", "location", in.at("EF_loc").decimal().toPlainString(), 2023, null);
      assertEquals(
          example.at("expected").at("location_kg").micros(),
          new InForce(factor, "1", false).kilograms(in.at("kWh").micros(), "kW.h"));
    }
  }

  @Test
  void aHalfMilligramGoesToTheEvenOne() {
    InForce half = new InForce(Sites.factor("x", "CN", "location", "0.5", 2023, null), "1", false);
    assertEquals(0, half.kilograms(1, "kW.h"));
    assertEquals(2, half.kilograms(3, "kW.h"));
    assertEquals(2, half.kilograms(5, "kW.h"));
  }

  @Test
  void aFactorInAnotherUnitIsConvertedOrRefused() {
    assertEquals(582_700_000, in("g/(kW.h)", "582.7").kilograms(1_000_000_000, "kW.h"));
    assertEquals(582_700_000, in("t/(MW.h)", "0.5827").kilograms(1_000_000_000, "kW.h"));
    assertThrows(
        IllegalStateException.class, () -> in("g/kW.h", "582.7").kilograms(1, "kW.h"), "(g/kW)·h");
  }

  private static InForce in(String ucum, String value) {
    Factor f = Sites.factor("x", "CN", "location", value, 2023, null);
    return new InForce(
        new Factor(
            f.id(),
            f.carrier(),
            f.region(),
            f.basis(),
            f.gas(),
            value,
            ucum,
            f.dataYear(),
            f.validFrom(),
            f.validTo(),
            f.document(),
            f.url(),
            f.status(),
            null),
        "1",
        false);
  }
}
