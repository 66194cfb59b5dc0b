package io.lingtan.simulator.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.device.DemoMicrogrid;
import io.lingtan.simulator.world.Pipe;
import io.lingtan.simulator.world.Scenario;
import io.lingtan.simulator.world.Wire;
import io.lingtan.simulator.world.World;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A perfect reader samples the meters each second, a few milliseconds off; what it delivers must
 * pass, and each way of spoiling it must be found.
 */
final class IntervalCheckTest {
  private static final long MINUTE = 60_000L;
  private static final long WALL_MINUS_WORLD = 7_200_000L;

  private final DemoMicrogrid site = new DemoMicrogrid(Scenario.demo(4), 0);
  private final World world = site.world();
  private final long start = world.stepStart() + WALL_MINUS_WORLD;
  private final long end = start + 10 * MINUTE;
  private final Boundaries truth = new Boundaries(MINUTE, WALL_MINUS_WORLD, 1_000, 20);
  private final IntervalCheck check = new IntervalCheck("1m", Figure.of(site), truth);
  private final List<long[]> boundaries = new ArrayList<>();

  @BeforeEach
  void readTenMinutes() {
    truth.stepped(world);
    world.observe(truth);
    Point imported = Point.of("energy_import");
    Point generated = Point.of("energy_generated");
    Point mass = Point.of("mass");
    // Samples lie 400 ms before and 600 ms after each boundary.
    world.advanceTo(world.stepStart() + 600);
    long before = 0;
    long[] low = new long[3];
    for (long at = start - WALL_MINUS_WORLD + 600;
        at <= end - WALL_MINUS_WORLD + 600;
        at += 1_000) {
      world.advanceTo(at);
      long[] now = {
        site.meter("gate").shownMicros(imported, world, at),
        site.meter("pv1").shownMicros(generated, world, at),
        site.meter("ely1").shownMicros(mass, world, at)
      };
      if (boundaries.isEmpty()) {
        boundaries.add(exact());
      } else if ((at - 600) % MINUTE == 0 && before != 0) {
        long[] between = new long[3];
        for (int i = 0; i < 3; i++) {
          between[i] = low[i] + (now[i] - low[i]) * 2 / 5;
        }
        boundaries.add(between);
      }
      before = at;
      low = now;
    }
    world.advanceTo(end - WALL_MINUS_WORLD + 5_000);
  }

  /** The first boundary, before which nothing was sampled. */
  private long[] exact() {
    return new long[] {
      site.meter("gate").shownMicros(Point.of("energy_import"), world, world.stepStart()),
      site.meter("pv1").shownMicros(Point.of("energy_generated"), world, world.stepStart()),
      site.meter("ely1").shownMicros(Point.of("mass"), world, world.stepStart())
    };
  }

  private String record(int minute, int seq, long spoilPv, String quality) {
    long[] from = boundaries.get(minute);
    long[] to = boundaries.get(minute + 1);
    long at = start + minute * MINUTE;
    return """
    {"epoch":"e","seq":%d,"after":0,"ts":%d,"interval":"1m","start":%d,"end":%d,"rev":0,"metrics":{\
    "elec.grid.import":{"v":%s,"u":"kW.h","q":"measured","cov":100,"est":0},\
    "elec.pv.generation":{"v":%s,"u":"kW.h","q":"%s","cov":100,"est":%d},\
    "h2.produced":{"v":%s,"u":"kg","q":"measured","cov":100,"est":0},\
    "elec.load.total":{"u":"kW.h","q":"missing","cov":0,"why":"x: timeout"}},\
    "registers":{"pv/energy_generated":[1,2]},"factors":{}}\
    """
        .formatted(
            seq,
            at + MINUTE,
            at,
            at + MINUTE,
            Micros.text(to[0] - from[0]),
            Micros.text(to[1] - from[1] + spoilPv),
            quality,
            quality.equals("measured") ? 0 : 100,
            Micros.text(to[2] - from[2]));
  }

  private void takeAll() {
    for (int minute = 0; minute < 10; minute++) {
      check.take(record(minute, minute + 1, 0, "measured"));
    }
  }

  private Report report() {
    return check.report(start, end);
  }

  @Test
  void whatAPerfectReaderDeliversPasses() {
    takeAll();
    Report report = report();
    assertTrue(report.isGood(), report::toString);
    assertEquals(10, report.intervals());
    Report.Row pv = row(report, "elec.pv.generation");
    assertEquals(10, pv.intervals());
    assertEquals(
        truth.milliwattHours(Wire.PV, end) - truth.milliwattHours(Wire.PV, start), pv.truth());
    assertTrue(pv.truth() > 1_000_000, "ten minutes of sun are more than 1 kWh");
    // 10 Wh of register, and hardly more for what lies between two samples.
    assertTrue(pv.allowed() >= 10_000 && pv.allowed() < 25_000, () -> "allowed " + pv.allowed());
    assertEquals(10, row(report, "elec.load.total").absent());
    assertTrue(row(report, "h2.produced").truth() > 100_000);
    assertEquals(
        row(report, "h2.produced").truth(),
        truth.milligrams(Pipe.PRODUCED, end) - truth.milligrams(Pipe.PRODUCED, start));
  }

  @Test
  void aWrongFigureThatSaysItIsMeasuredIsFoundAndNamed() {
    takeAll();
    IntervalCheck spoilt = new IntervalCheck("1m", Figure.of(site), truth);
    for (int minute = 0; minute < 10; minute++) {
      spoilt.take(record(minute, minute + 1, minute == 4 ? 30_000 : 0, "measured"));
    }
    Report report = spoilt.report(start, end);
    assertFalse(report.isGood());
    assertEquals(1, report.wrongButGood());
    assertEquals("elec.pv.generation", report.wrong().getFirst().metric());
    assertEquals(start + 4 * MINUTE, report.wrong().getFirst().start());
  }

  @Test
  void anEstimateMayBeWrongBecauseItSaysSo() {
    for (int minute = 0; minute < 10; minute++) {
      boolean estimated = minute == 4;
      check.take(
          record(
              minute, minute + 1, estimated ? 500_000 : 0, estimated ? "est_linear" : "measured"));
    }
    assertTrue(report().isGood(), () -> report().toString());
    assertEquals(1, row(report(), "elec.pv.generation").estimated());
  }

  @Test
  void whatDoesNotComeIsMissing() {
    for (int minute = 0; minute < 10; minute++) {
      if (minute != 3 && minute != 9) {
        check.take(record(minute, minute + 1, 0, "measured"));
      }
    }
    assertEquals(2, report().missing());
    assertFalse(report().isGood());
    assertTrue(report().rows().stream().allMatch(Report.Row::isGood), () -> report().toString());
  }

  @Test
  void theSameKeyAgainIsHarmlessAndAnotherKeyIsTwice() {
    takeAll();
    check.take(record(2, 3, 0, "measured"));
    assertTrue(report().isGood());
    assertEquals(1, report().again());
    check.take(record(2, 99, 0, "measured"));
    assertEquals(1, report().twice());
    assertFalse(report().isGood());
  }

  @Test
  void twoContentsUnderOneKeyAreAContradiction() {
    takeAll();
    check.take(record(2, 3, 1, "measured"));
    assertEquals(1, report().contradictory());
    assertFalse(report().isGood());
  }

  @Test
  void garbageAndOtherRecordsAreToldApart() {
    takeAll();
    check.take("{\"epoch\":\"e\",\"seq\":500,\"device\":\"pv1\",\"values\":{\"power\":1.0}}");
    assertTrue(report().isGood());
    check.take("{\"interval\":\"1m\"}");
    check.take("offline");
    assertEquals(2, report().unreadable());
  }

  private static Report.Row row(Report report, String metric) {
    return report.rows().stream()
        .filter(row -> row.metric().equals(metric))
        .findFirst()
        .orElseThrow();
  }
}
