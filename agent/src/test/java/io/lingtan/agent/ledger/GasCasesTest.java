package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.metric;
import static io.lingtan.agent.ledger.Collected.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Combustion;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Gas;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.Site.Place;
import io.lingtan.testing.MeterParts;
import io.lingtan.testing.Sites;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One day of a gas meter: one normal cubic metre for CO2, energy and standard coal. */
final class GasCasesTest {

  private static final long MINUTE = 60_000L;
  private static final long DAY = 24 * 60;

  /** Local midnight. */
  private static final long START = 1_748_707_200_000L;

  private static final long BEFORE = 1_000_000_000_000L;

  private final Collected out = new Collected();

  static List<Node> corrected() {
    List<Node> cases = TruthCases.of("gas");
    assertFalse(cases.isEmpty());
    return cases;
  }

  static List<Node> raw() {
    List<Node> cases = TruthCases.of("gas_uncorrected");
    assertFalse(cases.isEmpty());
    return cases;
  }

  private static double number(Node in, String name) {
    return TruthCases.number(in.at(name)).doubleValue();
  }

  private static Factor factor(String id, String basis, String value, String unit) {
    return new Factor(
        id,
        "natural_gas",
        "CN",
        basis,
        "CO2",
        value,
        unit,
        2025,
        LocalDate.of(2025, 1, 1),
        null,
        "d",
        "",
        "official",
        null);
  }

  private static Combustion combustion(Node in) {
    return new Combustion(
        TruthCases.number(
                in.has("NCV_GJ_per_10000_Nm3") ? in.at("NCV_GJ_per_10000_Nm3") : in.at("NCV"))
            .movePointLeft(4),
        TruthCases.number(in.at("carbon_t_per_GJ")),
        TruthCases.number(in.at("oxidation")));
  }

  private static Site site(Node in, double celsius, Gas gas, double airKpa) {
    return site(in, celsius, gas, airKpa, true);
  }

  private static Site site(Node in, double celsius, Gas gas, double airKpa, boolean measures) {
    return site(in, celsius, gas, airKpa, measures, Double.NaN);
  }

  private static Site site(
      Node in, double celsius, Gas gas, double airKpa, boolean measures, double maxRate) {
    var parts = new MeterParts();
    parts.gasCelsius = celsius;
    parts.maxRate = maxRate;
    parts.gas = gas;
    Meter meter = parts.meter("boiler", "boiler-dev", Role.GAS);
    List<RegisterPoint> points =
        List.of(
            Sites.register("volume", 0),
            Sites.register("temperature", 2),
            Sites.register("pressure", 4));
    return new Sites()
        .air(airKpa)
        .meter(meter, Kind.METER, measures ? points : points.subList(0, 1))
        .factors(
            "1",
            factor("co2", "combustion", combustion(in).kilograms().toPlainString(), "kg/m3"),
            factor("tce", "equivalent", in.at("kgce_per_Nm3").text(), "kg{ce}/m3"))
        .site();
  }

  /** A day in which so much is counted, evenly. */
  private Interval day(Site site, long volume, Values.Builder state) {
    return day(site, volume, state, DAY);
  }

  /** The same, with the gas's state told until a minute only. */
  private Interval day(Site site, long volume, Values.Builder state, long until) {
    Fold fold = new Fold(site);
    for (long minute = 0; minute <= DAY + 5; minute += 5) {
      Values.Builder read =
          new Values.Builder()
              .put(Point.of("volume"), BEFORE + volume * Math.min(minute, DAY) / DAY);
      Values beside = state.build();
      for (String name : List.of("temperature", "pressure")) {
        if (minute <= until && beside.has(Point.of(name))) {
          read.put(Point.of(name), beside.micros(Point.of(name)));
        }
      }
      Sample sample = Sample.of("boiler-dev", "b", minute * MINUTE * 1_000_000, read.build());
      fold.observe(sample, START + minute * MINUTE, out);
      if (minute % 70 == 0) {
        fold = Fold.from(site, fold.checkpoint());
      }
    }
    return out.of("1d").getLast();
  }

  private static void like(Node expected, Interval day, String name, int thousands) {
    Long micros = metric(day, name).micros();
    assertNotNull(micros, name + metric(day, name));
    BigDecimal value = BigDecimal.valueOf(micros, 6).movePointRight(thousands);
    assertEquals(expected.text(), TruthCases.like(expected, value), name);
  }

  private static void allFromOneCubicMetre(Node each, Interval day) {
    Node expected = each.at("expected");
    like(expected.at("Nm3"), day, "fuel.gas.normal", 0);
    like(expected.at("CO2_kg"), day, "co2.scope1.natural_gas", 0);
    like(expected.at("tce"), day, "tce.by_carrier.natural_gas", 0);
    Long normal = metric(day, "fuel.gas.normal").micros();
    BigDecimal energy =
        combustion(each.at("inputs"))
            .heatingValue()
            .multiply(BigDecimal.valueOf(normal == null ? 0 : normal, 6));
    assertEquals(
        expected.at("energy_GJ").text(), TruthCases.like(expected.at("energy_GJ"), energy));
    for (String name : expected.names()) {
      if (name.startsWith("WRONG_") && name.endsWith("Nm3")) {
        Node wrong = expected.at(name);
        assertNotEquals(
            wrong.text(),
            TruthCases.like(wrong, BigDecimal.valueOf(normal == null ? 0 : normal, 6)));
      }
    }
    assertEquals("fuel.gas.normal", metric(day, "tce.by_carrier.natural_gas").of());
    assertEquals("fuel.gas.normal", metric(day, "co2.scope1.natural_gas").of());
    assertEquals("co2.scope1.natural_gas", metric(day, "co2.total").text(), "all it covers");
  }

  @ParameterizedTest
  @MethodSource("corrected")
  void aMeterThatCorrectsIsBroughtToZeroDegreesOnce(Node each) {
    Node in = each.at("inputs");
    Gas gas = new Gas(false, number(in, "reference_kPa"), Double.NaN, Double.NaN);
    Site site = site(in, number(in, "reference_degC"), gas, Place.STANDARD_KPA);
    Interval day = day(site, TruthCases.micros(in, "volume_m3"), new Values.Builder());
    allFromOneCubicMetre(each, day);
  }

  @ParameterizedTest
  @MethodSource("raw")
  void aMeterThatDoesNotCorrectIsCorrectedByItsTemperatureAndPressure(Node each) {
    Node in = each.at("inputs");
    double air = number(in, "p_atmosphere_kPa");
    Gas measured = new Gas(true, Place.STANDARD_KPA, Double.NaN, Double.NaN);
    Values.Builder state =
        new Values.Builder()
            .put(
                Point.of("temperature"),
                TruthCases.number(in.at("t_degC")).movePointRight(6).longValueExact())
            .put(
                Point.of("pressure"),
                TruthCases.number(in.at("p_kPa_gauge")).movePointRight(3).longValueExact());
    long volume = TruthCases.micros(in, "volume_m3");
    Interval day = day(site(in, 20, measured, air), volume, state);
    like(each.at("expected").at("m3_at_20degC"), day, "fuel.gas.volume", 0);
    assertEquals(Quality.DERIVED, metric(day, "fuel.gas.volume").quality());
    assertEquals(null, day.registers().get("boiler/volume"), "readings are of another volume");
    allFromOneCubicMetre(each, day);

    Gas other = new Gas(true, Place.STANDARD_KPA, 60, 1);
    allFromOneCubicMetre(each, day(site(in, 20, other, air), volume, state));

    Gas written =
        new Gas(true, Place.STANDARD_KPA, number(in, "t_degC"), number(in, "p_kPa_gauge"));
    allFromOneCubicMetre(
        each, day(site(in, 20, written, air, false), volume, new Values.Builder()));
  }

  @Test
  void withoutTemperatureAndPressureNobodyKnowsHowMuchItIs() {
    Node in = raw().getFirst().at("inputs");
    Gas measured = new Gas(true, Place.STANDARD_KPA, Double.NaN, Double.NaN);
    Interval day =
        day(
            site(in, 20, measured, 101.3),
            850_000_000,
            new Values.Builder()
                .put(Point.of("temperature"), 15_000_000)
                .put(Point.of("pressure"), 200_000),
            -1);
    Metric volume = metric(day, "fuel.gas.volume");
    assertNull(volume.micros());
    assertEquals(Quality.MISSING, volume.quality());
    Metric coal = metric(day, "tce.by_carrier.natural_gas");
    assertEquals(Quality.MISSING, coal.quality());
    assertEquals("fuel.gas.normal", coal.of(), "and not of itself");
  }

  @Test
  void temperatureAndPressureAreHeldForTwoHours() {
    Gas measured = new Gas(true, Place.STANDARD_KPA, Double.NaN, Double.NaN);
    Site site = site(raw().getFirst().at("inputs"), 20, measured, 101.3);
    Fold fold = new Fold(site);
    long counted = 0;
    for (long minute = 0; minute <= 300; minute += 5) {
      Values.Builder read = new Values.Builder();
      // They never meet, nor are they told with the volume: a group of points and a deadband.
      if (minute == 5) {
        read.put(Point.of("temperature"), 20_000_000);
      } else if (minute == 10) {
        read.put(Point.of("pressure"), 25_000);
      } else {
        counted += minute == 0 ? 0 : 1_000_000;
        read.put(Point.of("volume"), BEFORE + counted);
      }
      Sample sample = Sample.of("boiler-dev", "b", minute * MINUTE * 1_000_000, read.build());
      fold.observe(sample, START + minute * MINUTE, out);
      fold = Fold.from(site, fold.checkpoint());
    }
    List<Interval> told = out.of("15m");
    assertTrue(Math.abs(value(told.get(2), "fuel.gas.volume") - 3_739_452) < 10);
    assertTrue(Math.abs(value(told.get(6), "fuel.gas.volume") - 3_739_452) < 10);
    assertNull(metric(told.get(12), "fuel.gas.volume").micros(), "too long ago");
  }

  /** 90 m³/h of a meter for 100 are 356 at reference: the register counted what it can. */
  @Test
  void whatTheRegisterCanCountIsNotSuspectForBeingCorrected() {
    Gas raised = new Gas(true, Place.STANDARD_KPA, 20, 300);
    Site site = site(raw().getFirst().at("inputs"), 20, raised, Place.STANDARD_KPA, false, 100);
    Interval day = day(site, 90L * 24 * 1_000_000, new Values.Builder());
    assertEquals(90 * 24 * 401.325 / 101.325, value(day, "fuel.gas.volume") / 1e6, 1e-3);
    assertEquals(Quality.DERIVED, metric(day, "fuel.gas.volume").quality());
    for (Interval quarter : out.of("15m")) {
      assertEquals(Quality.DERIVED, metric(quarter, "fuel.gas.volume").quality());
    }
    out.intervals.clear();
    Metric wrong =
        metric(day(site, 150L * 24 * 1_000_000, new Values.Builder()), "fuel.gas.volume");
    assertTrue(wrong.quality().compareTo(Quality.SUSPECT) >= 0, () -> "more than it can: " + wrong);
  }
}
