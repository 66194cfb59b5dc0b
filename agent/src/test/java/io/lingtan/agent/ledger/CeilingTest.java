package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.metric;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Parts;
import io.lingtan.testing.Sites;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a meter's rating lets it have, not only from one reading to the next. */
final class CeilingTest {

  private static final long START = Played.START / 3_600_000 * 3_600_000;
  private static final int RATED_KW = 10;

  /** A gate of 10 kW that is read each ten seconds for two hours. */
  private static void expect(Quality quality, RegisterPoint point, long first, long each) {
    Site site =
        new Sites()
            .meter(
                Parts.meter(
                    "grid",
                    "grid-dev",
                    Role.GRID,
                    RATED_KW,
                    false,
                    null,
                    0,
                    Double.NaN,
                    0,
                    Double.NaN),
                Kind.METER,
                List.of(point))
            .base("5m")
            .site();
    Collected out = new Collected();
    Fold fold = new Fold(site);
    Point read = Objects.requireNonNull(point.point());
    for (int i = 0; i <= 720; i++) {
      long at = i * 10_000L;
      Values values = new Values.Builder().put(read, first + i * each).build();
      fold.observe(Sample.of("grid-dev", "b", at * 1_000_000, values), START + at, out);
    }
    List<Interval> told = new ArrayList<>(out.of("5m"));
    told.addAll(out.of("1h"));
    assertFalse(told.isEmpty());
    for (Interval interval : told) {
      assertEquals(quality, metric(interval, "elec.grid.import").quality(), interval.toString());
    }
  }

  @Test
  void powerThatAMeterCannotHaveMakesNoGoodEnergy() {
    expect(Quality.SUSPECT, Sites.register("power", 0), 38_000_000_000L, 0);
    expect(Quality.DERIVED, Sites.register("power", 0), 10_000_000_000L, 0);
  }

  /** Each of its rises is one that a register may make which is renewed once a minute. */
  @Test
  void aRegisterThatIsTooFastForHoursIsNotBelievedForEachOfItsSteps() {
    expect(Quality.SUSPECT, minutely(), 5_000_000_000L, 190_000);
    expect(Quality.MEASURED, minutely(), 5_000_000_000L, 27_777);
  }

  private static RegisterPoint minutely() {
    RegisterPoint fine = Sites.register("energy_import", 0);
    return Parts.register(
        fine.point(),
        fine.function(),
        fine.address(),
        DeviceProfile.Type.UINT32,
        fine.words(),
        fine.order(),
        new BigDecimal("0.001"),
        fine.scaleFrom(),
        fine.ratio(),
        fine.sentinels(),
        null,
        Duration.ofMinutes(1),
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        Map.of());
  }

  /** Its unit comes with the value: what is a hundredth of a kilowatt-hour can be ten of them. */
  @Test
  void aHeatMeterThatTellsMegawattHoursIsBelieved() throws IOException {
    Path file = Path.of("../config/sites/heat-and-water.yaml");
    Site site =
        Objects.requireNonNull(new SiteLoader().read(file, Files.readAllBytes(file)).site());
    Collected out = new Collected();
    Fold fold = new Fold(site);
    Point energy = Objects.requireNonNull(Point.find("energy_import"));
    // 200 kW in steps of 10 kWh.
    for (int i = 0; i <= 240; i++) {
      long at = i * 30_000L;
      Values values =
          new Values.Builder().put(energy, 1_000_000_000L + i / 6 * 10_000_000L).build();
      fold.observe(Sample.of("hall", "b", at * 1_000_000, values), START + at, out);
    }
    assertEquals(
        List.of(), out.events.stream().filter(event -> event.name().startsWith("meter.")).toList());
    long heat = 0;
    for (Interval interval : out.of("15m")) {
      heat += Objects.requireNonNull(metric(interval, "heat.energy.hall-heat").micros());
      assertEquals(Quality.MEASURED, metric(interval, "heat.energy.hall-heat").quality());
    }
    assertTrue(heat >= 1_080_000L, "of 1.44 GJ at most the last interval is not told: " + heat);
  }
}
