package io.lingtan.simulator.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.device.site.DemoMicrogrid;
import io.lingtan.simulator.fault.Belief;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.Wire;
import io.lingtan.simulator.world.World;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Devices that answer well and say what is not. */
final class IllnessTest {
  private static final Point IMPORT = Point.of("energy_import");
  private static final Point EXPORT = Point.of("energy_export");
  private static final Point POWER = Point.of("power");
  private static final long HOUR = 3_600_000L;

  private final DemoMicrogrid site = new DemoMicrogrid(Plant.demo(1), 0);
  private final World world = site.world();
  private final long now = world.stepStart();
  private final Meter ely = site.meter("ely1");
  private final Meter gate = site.meter("gate");

  private Master line(int index) {
    return new Master(site.endpoints().get(index));
  }

  /** What the electrolyser's meter counts, Wh. */
  private long elyCount(long at) {
    return line(3).read(1, 3, 2, 2, at).getInt() & 0xFFFF_FFFFL;
  }

  /** Equal to within a step. */
  private static void assertNear(long expected, long actual, long step) {
    assertTrue(Math.abs(expected - actual) <= step, "expected " + expected + ", shows " + actual);
  }

  private long shown(Meter meter, Point point, long at) {
    world.advanceTo(Math.max(at, world.stepStart()));
    return meter.shownMicros(point, world, at);
  }

  private long truth(Meter meter, Point point, long at) {
    return meter.trueMicros(point, world, at);
  }

  private void add(Fault fault) {
    site.faults().add(fault);
  }

  @Test
  void aSentinelIsServedAndNothingElseOfTheDeviceIsHurt() {
    Point warmth = Point.of("temperature");
    add(new MeterFault.Sentinel("ely1", warmth, now, now + 10));
    assertEquals((short) 0x8000, line(3).read(1, 3, 8, 1, now).getShort());
    assertEquals(world.watts(Wire.ELECTROLYSER), line(3).read(1, 3, 0, 2, now).getInt());
    assertNotEquals((short) 0x8000, line(3).read(1, 3, 8, 1, now + 10).getShort());
    assertEquals(1, site.faults().injected().get("sentinel"));
    assertTrue(ely.pointsWithSentinel().contains(warmth));
  }

  @Test
  void aRegisterWithoutASentinelIsNotStruck() {
    add(new MeterFault.Sentinel("gate", IMPORT, now, now + 10));
    assertNotEquals(-1, line(2).read(1, 3, 0x0A, 2, now).getInt());
    assertFalse(gate.pointsWithSentinel().contains(IMPORT));
    assertEquals(Map.of(), site.faults().injected());
  }

  @Test
  void aSunSpecAccumulatorSaysZeroForNotAvailable() {
    Point made = Point.of("energy_generated");
    add(new MeterFault.Sentinel("pv1", made, now, now + 10));
    assertEquals(0, line(0).read(1, 3, 40_094, 2, now).getInt());
    assertNotEquals(0, line(0).read(1, 3, 40_094, 2, now + 10).getInt());
  }

  @Test
  void aStuckRegisterStandsAndThenShowsTheTruthAgain() {
    add(new MeterFault.Stuck("ely1", IMPORT, now + 1, now + HOUR));
    long before = elyCount(now + 1);
    assertEquals(before, elyCount(now + HOUR - 1));
    assertTrue(elyCount(now + HOUR) > before + 1_000);
    assertEquals(truth(ely, IMPORT, now + HOUR) / 1_000, elyCount(now + HOUR));
  }

  @Test
  void aSpikeIsOfOneReading() {
    long base = elyCount(now);
    add(new MeterFault.Spike("ely1", IMPORT, now, now + HOUR, 5, 50_000));
    int spikes = 0;
    for (int i = 0; i < 20; i++) {
      long seen = elyCount(now);
      assertTrue(seen == base || seen == base + 50_000, "shows " + seen);
      spikes += seen == base ? 0 : 1;
    }
    assertEquals(4, spikes);
  }

  @Test
  void aResetCounterGoesOnFromZero() {
    add(new MeterFault.CounterReset("ely1", IMPORT, now + 500, now + HOUR));
    elyCount(now);
    assertEquals(0, elyCount(now + 500));
    long then = truth(ely, IMPORT, now + 500);
    long later = elyCount(now + 2 * HOUR);
    assertTrue(later > 1_000);
    assertNear((truth(ely, IMPORT, now + 2 * HOUR) - then) / 1_000, later, 1);
    assertEquals(1, site.faults().injected().get("counter_reset"));
  }

  @Test
  void aRegisterNearItsEndRollsOverWithoutALoss() {
    add(new MeterFault.Rollover("ely1", IMPORT, now, now + HOUR, 100));
    long first = elyCount(now);
    assertEquals((1L << 32) - 100, first);
    long start = truth(ely, IMPORT, now);
    long end = elyCount(now + HOUR);
    assertTrue(end < first);
    long counted = end - first + (1L << 32);
    assertNear((truth(ely, IMPORT, now + HOUR) - start) / 1_000, counted, 1);
    add(new MeterFault.Rollover("house", IMPORT, now, now + 2 * HOUR, 100));
    assertThrows(IllegalArgumentException.class, () -> line(2).read(2, 4, 0x48, 2, now + HOUR));
  }

  @Test
  void anExchangedMeterHasAnotherNumberAndReading() {
    add(new MeterFault.Exchange("ely1", now + 10, now + HOUR, 17));
    elyCount(now);
    assertEquals("SIM-ely1", serial(now));
    assertEquals(17, elyCount(now + 10));
    assertEquals("SIM-ely1-1", serial(now + 10));
    assertTrue(elyCount(now + 2 * HOUR) > 1_000);
    assertEquals("SIM-ely1-1", serial(now + 2 * HOUR));
  }

  private String serial(long at) {
    byte[] text = new byte[16];
    line(3).read(1, 3, 100, 8, at).get(text);
    return new String(text, StandardCharsets.US_ASCII).replace("\0", "");
  }

  @Test
  void reversedTransformersCountTheOtherWay() {
    shown(gate, IMPORT, now);
    long in = shown(gate, IMPORT, now);
    long out = shown(gate, EXPORT, now);
    add(new MeterFault.ReversedCt("gate", now, now + 24 * HOUR));
    shown(gate, IMPORT, now);
    long trueIn = truth(gate, IMPORT, now);
    long trueOut = truth(gate, EXPORT, now);
    long end = now + 12 * HOUR;
    long step = gate.stepMicros(IMPORT, world, now);
    assertNear(in + truthAt(EXPORT, end) - trueOut, shown(gate, IMPORT, end), step);
    assertNear(out + truth(gate, IMPORT, end) - trueIn, shown(gate, EXPORT, end), step);
    assertTrue(truth(gate, IMPORT, end) > trueIn + step, "nothing was drawn");
    long power = truth(gate, POWER, end);
    assertNear(-power, shown(gate, POWER, end), gate.stepMicros(POWER, world, end));
    // What was counted wrong stays wrong.
    long wrong = shown(gate, IMPORT, now + 24 * HOUR) - truth(gate, IMPORT, now + 24 * HOUR);
    assertNotEquals(0, wrong / step);
    assertNear(
        wrong, shown(gate, IMPORT, now + 30 * HOUR) - truth(gate, IMPORT, now + 30 * HOUR), step);
  }

  private long truthAt(Point point, long at) {
    world.advanceTo(at);
    return truth(gate, point, at);
  }

  @Test
  void aRatioAppliedTwiceMultipliesWhatIsCounted() {
    add(new MeterFault.RatioTwice("ely1", now, now + HOUR, 40));
    long first = elyCount(now);
    long start = truth(ely, IMPORT, now);
    long last = elyCount(now + HOUR - 1_000);
    long grown = (truth(ely, IMPORT, now + HOUR - 1_000) - start) / 1_000;
    assertNear(40 * grown, last - first, 40);
    assertEquals(
        40L * world.watts(Wire.ELECTROLYSER), line(3).read(1, 3, 0, 2, now + HOUR - 1).getInt());
  }

  @Test
  void swappedPhasesAddUpToNothing() {
    Meter house = site.meter("house");
    add(new MeterFault.SwappedPhase("house", now, now + HOUR));
    long before = shown(house, IMPORT, now);
    assertEquals(before, shown(house, IMPORT, now + HOUR - 1));
    assertEquals(0, shown(house, POWER, now + HOUR - 1));
    assertTrue(shown(house, Point.of("power_l1"), now + HOUR - 1) < 0);
    assertTrue(shown(house, Point.of("power_l2"), now + HOUR - 1) < 0);
    assertTrue(shown(house, Point.of("power_l3"), now + HOUR - 1) > 0);
  }

  @Test
  void anInverterSleepsWhileItsRoofIsDark() {
    add(new MeterFault.Asleep("pv1", now, now + 48 * HOUR));
    Master roof = line(0);
    assertEquals(4, roof.ask(1, 3, 40_000, 1, now).length);
    // 10:30 + 14 h is half past midnight.
    assertEquals(0, roof.ask(1, 3, 40_000, 1, now + 14 * HOUR).length);
    assertEquals(4, roof.ask(1, 3, 40_000, 1, now + 24 * HOUR).length);
    assertEquals(1, site.faults().injected().get("asleep"));
  }

  @Test
  void aSlowRegisterStandsForItsPeriod() {
    add(new MeterFault.SlowUpdate("ely1", now, now + HOUR, 300_000));
    long first = elyCount(now);
    assertEquals(first, elyCount(now + 299_000));
    assertTrue(elyCount(now + 300_000) > first);
  }

  @Test
  void eachFaultSaysWhatItDidAndWhetherItCanBeTold() {
    add(new MeterFault.Stuck("ely1", IMPORT, now, now + HOUR));
    add(new MeterFault.Stuck("ely1", POWER, now + HOUR, now + 2 * HOUR));
    elyCount(now + 3);
    elyCount(now + 9);
    var touches = site.faults().touches();
    assertEquals(1, touches.size());
    assertEquals(2, touches.getFirst().strikes());
    assertEquals(now + 3, touches.getFirst().firstMillis());
    assertEquals(now + 9, touches.getFirst().lastMillis());
    assertEquals(Belief.TELLING, touches.getFirst().fault().belief());
    assertEquals(Belief.DECEIVING, new MeterFault.ReversedCt("gate", 0, 1).belief());
    assertEquals(Belief.TRUE, new MeterFault.Rollover("gate", IMPORT, 0, 1, 5).belief());
  }
}
