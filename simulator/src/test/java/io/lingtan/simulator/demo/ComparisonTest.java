package io.lingtan.simulator.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Micros;
import io.lingtan.simulator.demo.Comparison.Row;
import io.lingtan.simulator.json.Json;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.Wire;
import io.lingtan.simulator.world.World;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ComparisonTest {
  private static final String REGISTER = "pv1/energy_generated";
  private static final long STEP = 10_000;
  private static final long MINUTE = 60_000;

  private final World world = new World(Plant.demo(3));
  private final long start = world.stepStart();
  private final Truth truth = new Truth(0, 1_000);
  private final Comparison comparison = new Comparison(truth, Map.of(REGISTER, STEP));

  @BeforeEach
  void fiveMinutesPass() {
    truth.take(world.snapshot());
    world.observe(now -> truth.take(now.snapshot()));
    world.advanceTo(start + 5 * MINUTE + 5_000);
  }

  private long pvMicros(int minute) {
    return (truth.millijoules(Wire.PV, start + (minute + 1) * MINUTE)
            - truth.millijoules(Wire.PV, start + minute * MINUTE))
        / 3_600;
  }

  private void interval(NavigableMap<Long, Json> intervals, int minute, long micros, String q)
      throws IOException {
    long from = start + minute * MINUTE;
    intervals.put(
        from,
        Json.read(
            """
            {"start":%d,"end":%d,"metrics":{"elec.pv.generation":{"v":%s,"q":"%s"}}}
            """
                .formatted(from, from + MINUTE, Micros.text(micros), q)
                .getBytes(UTF_8)));
  }

  private Row pv(NavigableMap<Long, Json> intervals) {
    return comparison.rows(intervals).stream()
        .filter(row -> row.figure() == Figure.PV)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aSumThatIsOneStepOffIsAllowedAndALittleMoreIsNot() throws IOException {
    NavigableMap<Long, Json> intervals = new TreeMap<>();
    interval(intervals, 1, pvMicros(1), "measured");
    interval(intervals, 2, pvMicros(2) + STEP, "measured");
    assertEquals(2, pv(intervals).intervals());
    assertTrue(pv(intervals).isGood(), () -> pv(intervals).toString());
    interval(intervals, 2, pvMicros(2) + STEP + 10, "measured");
    assertFalse(pv(intervals).isGood(), () -> pv(intervals).toString());
  }

  @Test
  void whatOneIntervalLacksTheNextMayHave() throws IOException {
    NavigableMap<Long, Json> intervals = new TreeMap<>();
    interval(intervals, 1, pvMicros(1) - 500_000, "est_linear");
    interval(intervals, 2, pvMicros(2) + 500_000, "est_linear");
    assertTrue(pv(intervals).isGood(), () -> pv(intervals).toString());
    intervals.remove(start + 2 * MINUTE);
    assertFalse(pv(intervals).isGood(), () -> pv(intervals).toString());
  }

  @Test
  void missingPartialAndUnknownIntervalsAreLeftOut() throws IOException {
    NavigableMap<Long, Json> intervals = new TreeMap<>();
    interval(intervals, 0, 1, "partial");
    interval(intervals, 1, 1, "suspect");
    interval(intervals, 7, 1, "measured");
    assertEquals(0, pv(intervals).intervals());
    assertFalse(pv(intervals).isGood(), "nothing compared is nothing proved");
  }

  @Test
  void aHoleInTheReadingsAtTheEndOfTheSpanIsAllowedForAndOneInsideIsNot() throws IOException {
    NavigableMap<Long, Json> intervals = new TreeMap<>();
    interval(intervals, 1, pvMicros(1), "measured");
    interval(intervals, 2, pvMicros(2), "measured");
    long inside = start + 2 * MINUTE;
    long end = start + 3 * MINUTE;
    long usual = pv(intervals).allowed();
    comparison.read(REGISTER, inside - 20_000, inside - 20_000);
    comparison.read(REGISTER, inside + 20_000, inside + 20_000);
    comparison.read(REGISTER, end - 30_000, end - 30_000);
    assertEquals(usual, pv(intervals).allowed());
    comparison.read(REGISTER, end + 30_000, end + 30_000);
    long around =
        (truth.millijoules(Wire.PV, end - 30_000) + truth.millijoules(Wire.PV, end + 30_000)) / 2;
    long unknown = Math.abs(around - truth.millijoules(Wire.PV, end)) / 3_600;
    assertTrue(Math.abs(pv(intervals).allowed() - usual - unknown) <= 2);
  }

  @Test
  void theBillIsGoodOnlyIfEveryRowAgreesAndEveryCountIsZero() {
    Row good = new Row(Figure.PV, 1, 1_230_000, 1_231_000, 10_000);
    Row bad = new Row(Figure.LOAD, 1, 1_230_000, 1_250_000, 10_000);
    Bill.Count none = new Bill.Count("missing", 0, "records");
    Bill.Count some = new Bill.Count("missing", 1, "records");
    assertTrue(new Bill(List.of(good), List.of(none), true, List.of()).isGood());
    assertFalse(new Bill(List.of(good, bad), List.of(none), true, List.of()).isGood());
    assertFalse(new Bill(List.of(good), List.of(some), true, List.of()).isGood());
    Row nothing = new Row(Figure.PV, 0, 0, 0, 0);
    assertFalse(new Bill(List.of(nothing), List.of(none), true, List.of()).isGood());
    assertTrue(new Bill(List.of(nothing), List.of(none), false, List.of()).isGood());
    String text =
        String.join("\n", new Bill(List.of(good, bad), List.of(some), true, List.of()).lines());
    assertTrue(text.contains("1.230        1.231   +0.001000      0.010  ✓"), text);
    assertTrue(text.contains("+0.020      0.010  ✗"), text);
    assertTrue(text.lines().allMatch(line -> line.length() <= 80), text);
  }
}
