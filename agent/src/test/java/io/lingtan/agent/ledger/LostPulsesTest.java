package io.lingtan.agent.ledger;

import static io.lingtan.agent.ledger.Collected.metric;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A gate counted by pulses of which some are lost: the total goes on as if they never came. */
final class LostPulsesTest {

  /** 10:00 in Shanghai. */
  private static final long START = Instant.parse("2026-07-15T02:00:00Z").toEpochMilli();

  private static final Point IMPORT = Point.of("energy_import");
  private static final int PERIOD_S = 10;
  private static final int LOST_AT_S = 20 * 60;

  private static final String SITE =
      """
      gateway: g1
      site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
      lines:
        - id: pulses
          gpio: {chip: gpiochip0}
          devices:
            - {id: gate, profile: s0, offset: 17, per_pulse: 0.01, point: energy_import}
      metering:
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 400}
      """;

  private final Site site =
      Objects.requireNonNull(
          new SiteLoader().read(Path.of("site.yaml"), SITE.getBytes(UTF_8)).site());

  @Test
  void noDemandOfTheTimeIsToldAsMeasured() {
    Fold fold = new Fold(site);
    Collected out = new Collected();
    long total = 0;
    for (int second = 0; second <= 62 * 60; second += PERIOD_S) {
      boolean lost = second == LOST_AT_S;
      total += lost ? 0 : 1_000_000;
      Values values = lost ? Values.NONE : new Values.Builder().put(IMPORT, total).build();
      Map<Point, Reason> bad = lost ? Map.of(IMPORT, Reason.LOST_PULSES) : Map.of();
      Sample sample =
          new Sample(
              "gate",
              "b",
              second * 1_000_000_000L,
              values,
              new TreeMap<>(),
              new TreeMap<>(bad),
              null);
      fold.observe(sample, START + second * 1000L, out);
    }
    assertEquals(
        List.of(Quality.MEASURED, Quality.PARTIAL, Quality.MEASURED, Quality.MEASURED),
        qualities(out, "elec.grid.import"));
    assertEquals(
        List.of(Quality.MEASURED, Quality.PARTIAL, Quality.MEASURED, Quality.MEASURED),
        qualities(out, "demand.block"));
    assertEquals(
        // Of the first quarter only the window that ends with it is known; the third's first ones
        // began before the pulses were lost.
        List.of(Quality.PARTIAL, Quality.PARTIAL, Quality.PARTIAL, Quality.MEASURED),
        qualities(out, "demand.sliding"));
  }

  private static List<Quality> qualities(Collected out, String figure) {
    return out.newest("15m").values().stream()
        .filter((Interval each) -> each.startMillis() < START + 3_600_000)
        .map(each -> metric(each, figure).quality())
        .toList();
  }
}
