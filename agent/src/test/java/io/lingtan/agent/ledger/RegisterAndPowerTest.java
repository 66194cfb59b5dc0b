package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.metric;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Decimal;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Exchange;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.testing.MeterParts;
import io.lingtan.testing.Parts;
import io.lingtan.testing.Sites;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A register and the power of the same meter, which have to tell the same. */
final class RegisterAndPowerTest {

  private static final long MINUTE = 60_000L;
  private static final long START = Played.START / (15 * MINUTE) * (15 * MINUTE);
  private static final Point ENERGY = Point.of("energy_import");
  private static final Point POWER = Point.of("power");

  private final Collected out = new Collected();
  private Site site = new Sites().site();
  private Site withoutPower = site;
  private Fold fold = new Fold(site);

  /**
   * A new meter.
   *
   * @param step of its register, kWh
   */
  private void begin(double ratedKw, String step) {
    begin(ratedKw, step, Map.of());
  }

  private void begin(double ratedKw, String step, Map<Point, Long> deadband) {
    begin(ratedKw, step, deadband, List.of());
  }

  private void begin(
      double ratedKw, String step, Map<Point, Long> deadband, List<Exchange> exchanges) {
    var parts = new MeterParts();
    parts.ratedKw = ratedKw;
    parts.exchanges = exchanges;
    Meter meter = parts.meter("grid", "grid-dev", Role.GRID);
    RegisterPoint fine = Sites.register("energy_import", 0);
    RegisterPoint register =
        Parts.register(
            fine.point(),
            fine.function(),
            fine.address(),
            fine.type(),
            fine.words(),
            fine.order(),
            new BigDecimal(step),
            fine.scaleFrom(),
            fine.ratio(),
            fine.sentinels(),
            null,
            fine.updatePeriod(),
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            Map.of());
    List<RegisterPoint> points = List.of(register, Sites.register("power", 2));
    site = new Sites().meter(meter, Kind.METER, points, deadband).site();
    withoutPower = new Sites().meter(meter, Kind.METER, List.of(register)).site();
    fold = new Fold(site);
    out.events.clear();
    out.intervals.clear();
  }

  private void read(long minute, long reading, long microwatts) {
    read(minute, new Values.Builder().put(ENERGY, reading).put(POWER, microwatts));
  }

  private void read(long minute, Values.Builder read) {
    Sample sample = Sample.of("grid-dev", "b", minute * MINUTE * 1_000_000, read.build());
    fold.observe(sample, START + minute * MINUTE, out);
    if (minute % 7 == 0) {
      fold = Fold.from(site, fold.checkpoint());
    }
  }

  private List<Event> told() {
    return out.events.stream()
        .filter(event -> event.name().equals("meter.power_disagrees"))
        .toList();
  }

  /** Of each quarter of an hour, as it was told last. */
  private Map<Long, Quality> qualities() {
    fold.revise(out);
    Map<Long, Quality> last = new LinkedHashMap<>();
    for (Interval interval : out.of("15m")) {
      last.put(interval.startMillis(), metric(interval, "elec.grid.import").quality());
    }
    return last;
  }

  static List<Node> cases() {
    List<Node> cases = TruthCases.of("register_vs_power");
    assertFalse(cases.isEmpty());
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aRegisterThatTellsAnotherThanThePowerIsToldAndNotTrusted(Node each) {
    Node in = each.at("inputs");
    long minutes = in.at("window_h").decimal().movePointRight(0).longValueExact() * 60;
    BigDecimal made = TruthCases.number(in.at("power_integral_kWh"));
    List<Node> rows = in.at("register_kWh").list();
    for (int row = 0; row < rows.size(); row++) {
      BigDecimal register = TruthCases.number(rows.get(row));
      Node expected = each.at("expected").at("checks").list().get(row);
      begin(10 * register.max(made).doubleValue() * 60 / minutes, "0.00001");
      long watts = made.multiply(BigDecimal.valueOf(60_000_000_000L)).longValue() / minutes;
      long all = register.movePointRight(6).longValueExact();
      for (long minute = 0; minute <= minutes; minute++) {
        read(minute, 5_000_000_000L + all * minute / minutes, watts);
      }
      String verdict = expected.at("verdict").text();
      assertEquals(verdict.equals("ok") ? 0 : 1, told().size(), expected.path() + told());
      for (Event event : told()) {
        assertEquals(verdict.equals("suspect"), event.detail().get("suspect"), event.toString());
        assertEquals(false, event.detail().get("over"));
        assertEquals(
            expected.at("ratio").text(),
            TruthCases.like(
                expected.at("ratio"),
                kilowattHours(event, "counted")
                    .divide(kilowattHours(event, "made"), 9, RoundingMode.HALF_UP)));
      }
      boolean trusted = !verdict.equals("suspect");
      qualities()
          .forEach(
              (start, quality) ->
                  assertEquals(
                      trusted ? Quality.MEASURED : Quality.SUSPECT,
                      quality,
                      expected.path() + " " + start));
    }
  }

  private static BigDecimal kilowattHours(Event event, String detail) {
    return BigDecimal.valueOf(
        assertInstanceOf(Decimal.class, event.detail().get(detail)).micros(), 6);
  }

  /** One phase counted from the second hour on, until somebody screws the wire in again. */
  @Test
  void fromWhereTheyAgreeAgainItIsTrusted() {
    begin(400, "0.001");
    long reading = 5_000_000;
    for (long minute = 0; minute <= 300; minute++) {
      read(minute, reading, 60_000_000_000L);
      reading += minute >= 60 && minute < 180 ? 333_000 : 1_000_000;
    }
    List<Event> told = told();
    assertEquals(2, told.size(), told.toString());
    assertEquals(true, told.getFirst().detail().get("suspect"));
    // A quarter of an hour at 60 kW of which three minutes gave a third: 12 + 3 x 0.333 kWh.
    assertEquals(new Decimal(12_999_000), told.getFirst().detail().get("counted"));
    assertEquals(new Decimal(15_000_000), told.getFirst().detail().get("made"));
    assertEquals(true, told.getLast().detail().get("over"));
    Map<Long, Quality> qualities = qualities();
    long wrong =
        qualities.entrySet().stream()
            .filter(each -> each.getValue() == Quality.SUSPECT)
            .mapToLong(each -> (each.getKey() - START) / MINUTE)
            .count();
    assertEquals(true, wrong >= 8 && wrong <= 10, qualities.toString());
    assertEquals(Quality.SUSPECT, qualities.get(START + 90 * MINUTE));
    assertEquals(Quality.MEASURED, qualities.get(START + 30 * MINUTE));
    assertEquals(Quality.MEASURED, qualities.get(START + 240 * MINUTE));
  }

  /** The same register by another profile, which tells no power. */
  @Test
  void whatIsCountedGoesOnWhereThePowerIsNotReadAnyMore() {
    begin(400, "0.001");
    for (long minute = 0; minute <= 90; minute++) {
      read(minute, 5_000_000 + minute * 333_000, 60_000_000_000L);
    }
    site = withoutPower;
    fold = Fold.from(site, fold.checkpoint());
    for (long minute = 91; minute <= 180; minute++) {
      read(minute, 5_000_000 + minute * 333_000, 0);
    }
    Map<Long, Quality> qualities = qualities();
    assertEquals(Quality.SUSPECT, qualities.get(START + 60 * MINUTE));
    assertEquals(Quality.MEASURED, qualities.get(START + 150 * MINUTE));
    Map<Long, Long> counted = new LinkedHashMap<>();
    for (Interval interval : out.of("15m")) {
      Long micros = metric(interval, "elec.grid.import").micros();
      counted.put(interval.startMillis(), micros == null ? 0 : micros);
    }
    assertEquals(
        counted.size() * 15L * 333_000L, counted.values().stream().mapToLong(each -> each).sum());
  }

  /** What the old meter counted while nobody read it is not compared with the new one's power. */
  @Test
  void anExchangeThatWasWrittenDownIsNoDisagreement() {
    LocalDateTime at =
        Instant.ofEpochMilli(START + 23 * MINUTE + 30_000)
            .atZone(ZoneId.of("Asia/Shanghai"))
            .toLocalDateTime();
    begin(400, "0.001", Map.of(), List.of(new Exchange(at, ENERGY, 28_500_000, 0)));
    for (long minute = 0; minute <= 90; minute++) {
      long counted = minute < 24 ? 5_000_000 + minute * 1_000_000 : minute * 1_000_000 - 23_500_000;
      if (minute < 20 || minute > 23) {
        read(minute, counted, 60_000_000_000L);
      }
    }
    assertEquals(List.of(), told());
    assertEquals(Quality.MEASURED, qualities().get(START + 30 * MINUTE));
  }

  /** A load that stays within its power's deadband, so that every fourth sample tells it only. */
  @ParameterizedTest
  @ValueSource(longs = {50, 20_000})
  void aPowerThatItsDeadbandHoldsBackIsComparedAsFarAsThatIsSure(long deadbandWatts) {
    begin(400, "0.001", Map.of(POWER, deadbandWatts * 1_000_000));
    long reading = 5_000_000;
    for (long minute = 0; minute <= 400; minute++) {
      Values.Builder read = new Values.Builder().put(ENERGY, reading);
      read(minute, minute % 4 == 0 ? read.put(POWER, 60_000_000_000L) : read);
      reading += minute >= 60 && minute < 180 ? 800_000 : 1_000_000;
    }
    List<Object> suspect = new ArrayList<>();
    told().forEach(each -> suspect.add(each.detail().get("suspect")));
    assertEquals(deadbandWatts == 50 ? List.of(false, true, false) : List.of(), suspect);
  }

  /** Honest meters: coarse, renewed rarely, under a load that comes and goes between readings. */
  @Test
  void anHonestMeterIsNeverDoubted() {
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      String kwhPerStep = List.of("0.001", "0.01", "0.8", "1").get(seed % 4);
      long step = new BigDecimal(kwhPerStep).movePointRight(6).longValueExact();
      begin(400, kwhPerStep);
      int renewed = List.of(1, 1, 5, 17).get(seed / 4 % 4);
      double swing = seed / 16 % 2 == 0 ? 0.1 : 0.6;
      double kwh = 0;
      double shown = 0;
      for (long minute = 0; minute <= 24 * 60; minute++) {
        double base = 60 + 50 * Math.sin(minute / 230.0);
        double kw = base * (1 + swing * random.nextGaussian());
        kwh += Math.max(0.05 * base, kw) / 60;
        shown = minute % renewed == 0 ? kwh : shown;
        // What is read is one look in the minute, and not its mean.
        double seen = base * (1 + swing * random.nextGaussian());
        long reading = (long) (shown * 1e6) / step * step;
        read(minute, reading, (long) (Math.max(0, seen) * 1e9));
      }
      assertEquals(List.of(), told(), "seed " + seed);
    }
  }
}
