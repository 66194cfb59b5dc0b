package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.metric;
import static io.lingtan.agent.ledger.Collected.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Parts;
import io.lingtan.testing.Sites;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class TanksTest {

  private static final long MINUTE = 60_000L;
  private static final long START = Played.START + 10_000;

  /** One tank of 12 m³ with gauges, one that says its mass itself. */
  private static final Site SITE =
      new Sites()
          .meter(
              Parts.meter(
                  "bank",
                  "bank-dev",
                  Role.H2_STORAGE,
                  0,
                  false,
                  null,
                  0,
                  Double.NaN,
                  12.0,
                  Double.NaN),
              Kind.SENSOR,
              List.of(Sites.register("pressure", 0), Sites.register("temperature", 2)))
          .meter("buffer", Role.H2_STORAGE, Kind.SENSOR, 0, "mass")
          .site();

  private final Collected out = new Collected();
  private Fold fold = new Fold(SITE);

  private void gauges(long millis, double megapascals, double celsius) {
    Values values =
        new Values.Builder()
            .put(Point.of("pressure"), Math.round(megapascals * 1e6))
            .put(Point.of("temperature"), Math.round(celsius * 1e6))
            .build();
    fold.observe(Sample.of("bank-dev", "b", millis * 1_000_000, values), START + millis, out);
  }

  private void mass(long millis, double kilograms) {
    Values values = new Values.Builder().put(Point.of("mass"), Math.round(kilograms * 1e6)).build();
    fold.observe(Sample.of("buffer-dev", "b", millis * 1_000_000, values), START + millis, out);
  }

  @Test
  void whatIsInTheTanksAtTheEndComesFromTheGaugesPlusTheAtmosphere() {
    for (long minute = 0; minute <= 15; minute++) {
      // 34.898675 MPa on the gauge is 35 MPa absolute; at 15 °C that is 23.99503 kg/m3.
      gauges(minute * MINUTE, 34.898675, 15);
      mass(minute * MINUTE, 5.0 + minute);
      fold = Fold.from(SITE, fold.checkpoint());
    }
    Interval interval = out.of("15m").getFirst();
    assertEquals(12 * 23.99503, (double) value(interval, "h2.storage_mass.bank") / 1e6, 1e-3);
    assertEquals(Quality.DERIVED, metric(interval, "h2.storage_mass.bank").quality());
    assertEquals(20_000_000, value(interval, "h2.storage_mass.buffer"));
    assertEquals(
        value(interval, "h2.storage_mass.bank") + 20_000_000, value(interval, "h2.storage_mass"));
  }

  @Test
  void whereTheClockSkippedABoundaryNoLevelIsKnown() {
    mass(14 * MINUTE, 10);
    gauges(14 * MINUTE, 10, 20);
    Values later = new Values.Builder().put(Point.of("mass"), 12_000_000).build();
    // Ten seconds pass, the wall clock says ten minutes.
    long nanos = (14 * MINUTE + 10_000) * 1_000_000;
    fold.observe(Sample.of("buffer-dev", "b", nanos, later), START + 24 * MINUTE, out);
    fold.closeOverdue("", 0, START + 30 * MINUTE, out);
    var level = metric(out.of("15m").getFirst(), "h2.storage_mass.buffer");
    assertNull(level.micros());
    assertEquals("buffer-dev: the clock was set", level.why());
  }

  @Test
  void aLevelIsInterpolatedBetweenReadingsThatAreCloseEnough() {
    gauges(14 * MINUTE, 10, 20);
    mass(14 * MINUTE, 10);
    gauges(16 * MINUTE, 10, 20);
    mass(18 * MINUTE, 14);
    assertEquals(11_000_000, value(out.of("15m").getFirst(), "h2.storage_mass.buffer"));
  }

  @Test
  void aBrokenGaugeIsMissingAndNotAnEmptyTank() {
    for (long minute = 0; minute <= 17; minute++) {
      gauges(minute * MINUTE, 10, -250);
      mass(minute * MINUTE, 5);
    }
    Interval interval = out.of("15m").getFirst();
    assertEquals("bank-dev: range", metric(interval, "h2.storage_mass.bank").why());
    assertEquals("bank-dev: range", metric(interval, "h2.storage_mass").why());
    assertEquals(5_000_000, value(interval, "h2.storage_mass.buffer"));
  }

  @Test
  void theDaySoFarHasWhatIsInTheTankNow() {
    for (long minute = 0; minute <= 20; minute++) {
      gauges(minute * MINUTE, 34.898675, 15);
      mass(minute * MINUTE, 5.0 + minute);
    }
    Interval today = Objects.requireNonNull(fold.today());
    assertEquals(25_000_000, value(today, "h2.storage_mass.buffer"));
    for (long minute = 21; minute <= 47; minute++) {
      gauges(minute * MINUTE, 34.898675, 15);
      fold.observe(
          Sample.failed("buffer-dev", "b", minute * MINUTE * 1_000_000, Reason.TIMEOUT),
          START + minute * MINUTE,
          out);
    }
    Interval later = Objects.requireNonNull(fold.today());
    assertNull(metric(later, "h2.storage_mass.buffer").micros(), "it is silent by now");
  }

  @Test
  void aSilentTankSaysWhy() {
    for (long minute = 0; minute <= 17; minute++) {
      gauges(minute * MINUTE, 10, 15);
      fold.observe(
          Sample.failed("buffer-dev", "b", minute * MINUTE * 1_000_000, Reason.TIMEOUT),
          START + minute * MINUTE,
          out);
    }
    assertEquals("buffer-dev: timeout", metric(out.of("15m").getFirst(), "h2.storage_mass").why());
    assertTrue(fold.indicators().containsKey("h2.storage_mass.bank"));
  }
}
