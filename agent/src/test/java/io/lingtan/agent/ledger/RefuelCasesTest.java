package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.carbon.HydrogenDensity;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Decimal;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Nozzle;
import io.lingtan.agent.site.Site.Place;
import io.lingtan.testing.Sites;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How full a vehicle is, where one ends and the next begins, and what its hose loses. */
final class RefuelCasesTest {

  private static final long START = Played.START;
  private static final double CELSIUS = 20;

  private final Collected out = new Collected();

  private static List<Node> of(String kind) {
    List<Node> cases = TruthCases.of(kind);
    assertFalse(cases.isEmpty());
    return cases;
  }

  static List<Node> fullness() {
    return of("refuel_soc");
  }

  static List<Node> splits() {
    return of("refuel_split");
  }

  static List<Node> hoses() {
    return of("vented_hose");
  }

  private static double number(Node in, String name) {
    return TruthCases.number(in.at(name)).doubleValue();
  }

  private static Site site(Nozzle nozzle, double airKpa) {
    return new Sites().air(airKpa).nozzle(nozzle, "mass", "pressure", "temperature").site();
  }

  private void read(Fold fold, long seconds, long massMicros, double megapascals, double celsius) {
    Values.Builder read =
        new Values.Builder()
            .put(Point.of("mass"), massMicros)
            .put(Point.of("pressure"), Math.round(megapascals * 1e6))
            .put(Point.of("temperature"), Math.round(celsius * 1e6));
    long nanos = seconds * 1_000_000_000L;
    fold.observe(Sample.of("nozzle-dev", "b", nanos, read.build()), START + seconds * 1000, out);
  }

  private List<Event> told() {
    return out.events.stream().filter(event -> event.name().equals("meter.refuelled")).toList();
  }

  private static BigDecimal value(Event event, String name) {
    Object value = event.detail().get(name);
    return BigDecimal.valueOf(value instanceof Decimal(long micros) ? micros : 0, 6);
  }

  /** Gas flows for a minute at the case's pressure; then the hose is vented. */
  private Event filled(double nominal, double airKpa, double gauge, double celsius) {
    out.events.clear();
    Nozzle usual = new Nozzle(nominal, Duration.ofMinutes(2), Math.min(1, gauge / 2), 0);
    Fold fold = new Fold(site(usual, airKpa));
    for (int second = 0; second <= 60; second += 10) {
      read(fold, second, 5_000_000_000L + second * 50_000L, gauge, celsius);
    }
    read(fold, 70, 5_003_000_000L, 0.02, celsius);
    read(fold, 300, 5_003_000_000L, 0.02, celsius);
    assertEquals(1, told().size(), out.events.toString());
    return told().getFirst();
  }

  @ParameterizedTest
  @MethodSource("fullness")
  void aVehicleIsAsFullAsItsGasIsDenseWhenTheFlowEnds(Node each) {
    Node in = each.at("inputs");
    Node expected = each.at("expected");
    double air = 1000 * number(in, "p_atmosphere_MPa");
    double gauge = number(in, "p_MPa_gauge");
    double celsius = number(in, "t_degC");
    double nominal = number(in, "nominal_MPa");
    Place place = site(Nozzle.USUAL, air).place();
    double density =
        HydrogenDensity.kilogramsPerCubicMetre(celsius + 273.15, place.absoluteMpa(gauge));
    double full = HydrogenDensity.kilogramsPerCubicMetre(288.15, nominal);
    like(expected.at("density_kg_per_m3"), density);
    like(expected.at("reference_kg_per_m3"), full);
    like(expected.at("mass_kg"), density * number(in, "volume_m3"));
    Event event = filled(nominal, air, gauge, celsius);
    BigDecimal soc = value(event, "soc");
    assertEquals(expected.at("soc_pct").text(), TruthCases.like(expected.at("soc_pct"), soc));
    for (String name : List.of("pressure_ratio", "ideal_gas_soc", "gauge_as_absolute_soc")) {
      if (expected.has("WRONG_" + name + "_pct")) {
        Node wrong = expected.at("WRONG_" + name + "_pct");
        assertNotEquals(wrong.text(), TruthCases.like(wrong, soc));
      }
    }
  }

  private static void like(Node expected, double value) {
    assertEquals(expected.text(), TruthCases.like(expected, BigDecimal.valueOf(value)));
  }

  /** 40 MPa are nearly full in a tank of 35 MPa and little more than half of one of 70. */
  @Test
  void howFullNobodyKnowsWithoutTheNominalPressure() {
    assertNull(filled(Double.NaN, 101.325, 40, CELSIUS).detail().get("soc"));
    BigDecimal soc = value(filled(70, 101.325, 40, CELSIUS), "soc");
    assertEquals(true, soc.doubleValue() > 58 && soc.doubleValue() < 68, soc.toString());
  }

  @ParameterizedTest
  @MethodSource("splits")
  void vehiclesAreToldApartByAPauseAndByAVentedHose(Node each) {
    Node in = each.at("inputs");
    Duration pause = Duration.ofSeconds(in.at("pause_limit_s").decimal().longValueExact());
    Site site =
        site(new Nozzle(35, pause, number(in, "vent_threshold_MPa"), 0), Place.STANDARD_KPA);
    Fold fold = new Fold(site);
    long last = 0;
    long mass = 0;
    double pressure = 0;
    for (Node row : in.at("samples").list()) {
      last = row.at("t_s").decimal().longValueExact();
      mass = TruthCases.micros(row, "mass_counter_kg");
      pressure = number(row, "p_MPa_gauge");
      read(fold, last, mass, pressure, CELSIUS);
      fold = Fold.from(site, fold.checkpoint());
    }
    // Nobody comes any more.
    read(fold, last + pause.toSeconds() + 1, mass, pressure, CELSIUS);
    Node expected = each.at("expected");
    List<Event> told = told();
    assertEquals(expected.at("vehicles").decimal().intValueExact(), told.size(), told.toString());
    for (int i = 0; i < told.size(); i++) {
      Node kilograms = expected.at("mass_kg").list().get(i);
      assertEquals(kilograms.text(), TruthCases.like(kilograms, value(told.get(i), "mass")));
      assertEquals(second(expected, "start_s", i), seconds(told.get(i), "from"));
      assertEquals(second(expected, "end_s", i), seconds(told.get(i), "to"));
      if (i > 0) {
        assertEquals(
            second(expected, "pause_s", i - 1),
            seconds(told.get(i), "from") - seconds(told.get(i - 1), "to"));
      }
    }
  }

  private static long second(Node expected, String name, int i) {
    return expected.at(name).list().get(i).decimal().longValueExact();
  }

  private static long seconds(Event event, String name) {
    return event.detail().get(name) instanceof Long millis ? (millis - START) / 1000 : -1;
  }

  @ParameterizedTest
  @MethodSource("hoses")
  void whatTheHoseLosesIsToldApart(Node each) {
    Node in = each.at("inputs");
    Node expected = each.at("expected");
    Nozzle nozzle = new Nozzle(35, Duration.ofMinutes(2), 1, number(in, "hose_L"));
    Fold fold = new Fold(site(nozzle, 1000 * number(in, "p_atmosphere_MPa")));
    long metered = TruthCases.micros(in, "metered_kg");
    double celsius = number(in, "t_degC");
    for (int second = 0; second <= 600; second += 10) {
      read(fold, second, metered * second / 600, number(in, "p_before_MPa_gauge"), celsius);
    }
    read(fold, 610, metered, number(in, "p_after_MPa_gauge"), celsius);
    Event event = told().getFirst();
    BigDecimal vented = value(event, "vented");
    Node grams = expected.at("vented_g");
    assertEquals(grams.text(), TruthCases.like(grams, vented.movePointRight(3)));
    Node delivered = expected.at("delivered_kg");
    BigDecimal rest = value(event, "mass").subtract(vented);
    assertEquals(delivered.text(), TruthCases.like(delivered, rest));
  }
}
