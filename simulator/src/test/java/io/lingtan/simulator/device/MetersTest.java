package io.lingtan.simulator.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.device.measure.Gauges;
import io.lingtan.simulator.device.measure.Measure;
import io.lingtan.simulator.device.measure.View;
import io.lingtan.simulator.device.site.DemoMicrogrid;
import io.lingtan.simulator.world.Pipe;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.Wire;
import io.lingtan.simulator.world.World;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Registers are read as the makers' documents say and compared with the world's own numbers. */
final class MetersTest {
  private final DemoMicrogrid site = new DemoMicrogrid(Plant.demo(7), 0);
  private final World world = site.world();
  private final long now = world.stepStart() + 12_345;

  @BeforeEach
  void arrive() {
    world.advanceTo(now);
  }

  private Master line(int number) {
    return new Master(site.endpoints().get(number));
  }

  @Test
  void theInverterIsAChainOfSunSpecModels() {
    ByteBuffer all = line(0).read(1, 3, 40_000, 124, now);
    assertEquals("SunS", text(all, 0, 4));
    assertEquals(1, all.getShort(4));
    assertEquals(66, all.getShort(6));
    assertEquals("SIM-160K", text(all, 2 * (2 + 18), 32));
    int inverter = 2 * (2 + 2 + 66);
    assertEquals(103, all.getShort(inverter));
    assertEquals(50, all.getShort(inverter + 2));
    int end = inverter + 2 * (2 + 50);
    assertEquals(-1, all.getShort(end));
    assertEquals(0, all.getShort(end + 2));

    int watts = all.getShort(inverter + 2 * 14) * 10;
    assertEquals(1, all.getShort(inverter + 2 * 15));
    assertEquals(world.watts(Wire.PV) / 10 * 10, watts);
    long wattHours = (all.getInt(inverter + 2 * 24) & 0xFFFF_FFFFL) * 10;
    assertEquals(1, all.getShort(inverter + 2 * 26));
    long truth = 412_345_678L + world.energyMillijoules(Wire.PV, now) / 3_600_000L;
    assertEquals(truth / 10 * 10, wattHours);
    assertEquals(4, all.getShort(inverter + 2 * 38));
    assertEquals(world.gridMillivolts() / 100, all.getShort(inverter + 2 * 11));
  }

  @Test
  void theGatesRegistersAreSecondaryValues() {
    Master master = line(2);
    assertEquals(80, master.read(1, 3, 0x8E, 1, now).getShort());
    long counts = master.read(1, 3, 0x0A, 2, now).getInt() & 0xFFFF_FFFFL;
    long truth = 1_234_567_890L * 3_600_000L + world.energyMillijoules(Wire.GRID_IMPORT, now);
    // 0.01 kWh x 80 = 0.8 kWh a count.
    assertEquals(truth / 2_880_000_000L, counts);
    int power = master.read(1, 3, 0x16A, 2, now).getInt() * 80;
    int net = world.watts(Wire.GRID_IMPORT) - world.watts(Wire.GRID_EXPORT);
    assertTrue(net - power >= 0 && net - power < 80, net + " against " + power);
  }

  @Test
  void exportIsCountedInItsOwnRegisterAndMakesPowerNegative() {
    long at = now;
    for (; world.watts(Wire.GRID_EXPORT) == 0; at += 1_000) {
      world.advanceTo(at);
      assertTrue(at < now + 7 * 24 * 3_600_000L, "the site never exports");
    }
    at = world.stepStart() + 1;
    assertTrue(line(2).read(1, 3, 0x16A, 2, at).getInt() < 0);
    long counts = line(2).read(1, 3, 0x14, 2, at).getInt() & 0xFFFF_FFFFL;
    long truth = 45_678_901L * 3_600_000L + world.energyMillijoules(Wire.GRID_EXPORT, at);
    assertEquals(truth / 2_880_000_000L, counts);
  }

  @Test
  void theBuildingsMeterCountsInFloats() {
    Master master = line(2);
    assertEquals(world.watts(Wire.BUILDINGS), master.read(2, 4, 0x34, 2, now).getFloat());
    float kilowattHours = master.read(2, 4, 0x48, 2, now).getFloat();
    double truth = (4_321_098L * 3_600_000L + world.energyMillijoules(Wire.BUILDINGS, now)) / 3.6e9;
    assertEquals((float) truth, kilowattHours);
  }

  @Test
  void anEastronMeterAtTheGateCountsBothWays() {
    Meter check = Meters.eastronSdm630("check", View.GRID, 1_000_000L, 2_000_000L);
    Master master =
        new Master(new Endpoint("l", Wiring.tcp(), world, site.faults(), 0).with(1, check));
    float in = (float) (1_000 + world.energyMillijoules(Wire.GRID_IMPORT, now) / 3.6e9);
    float out = (float) (2_000 + world.energyMillijoules(Wire.GRID_EXPORT, now) / 3.6e9);
    assertEquals(in, master.read(1, 4, 0x48, 2, now).getFloat());
    assertEquals(out, master.read(1, 4, 0x4A, 2, now).getFloat());
    int net = world.watts(Wire.GRID_IMPORT) - world.watts(Wire.GRID_EXPORT);
    assertEquals(net, master.read(1, 4, 0x34, 2, now).getFloat());
  }

  @Test
  void theElectrolyserAndTheDispenserCountHydrogen() {
    Master master = line(3);
    assertEquals(
        6_432_100L + world.massMilligrams(Pipe.PRODUCED, now) / 1_000,
        master.read(1, 3, 6, 2, now).getInt());
    assertEquals(2, master.read(1, 3, 9, 1, now).getShort());
    assertEquals(
        6_210_900L + world.massMilligrams(Pipe.DISPENSED, now) / 1_000,
        master.read(3, 3, 0, 2, now).getInt());
    ByteBuffer tank = master.read(2, 4, 0, 6, now);
    assertEquals(world.tankGaugePascal(0, now) / 1_000, tank.getInt(0));
    assertEquals(world.tankMilligrams(0, now) / 1_000, tank.getInt(8));
  }

  /** But for floats: these are next to it, on either side. */
  @Test
  void everyPointShowsTheTruthRoundedDownToItsStep() {
    for (long at = now; at < now + 30 * 60_000L; at += 977) {
      world.advanceTo(at);
      for (Endpoint endpoint : site.endpoints()) {
        for (Meter meter : endpoint.units().values()) {
          for (Point point : meter.points()) {
            long truth = meter.trueMicros(point, world, at);
            long shown = meter.shownMicros(point, world, at);
            long step = meter.stepMicros(point, world, at);
            long rest = truth - shown;
            boolean isFloat = meter.resolutionMicros(point, world, at) > step;
            assertTrue(
                isFloat ? Math.abs(rest) <= step : rest >= 0 && rest < step,
                meter.id() + " " + point + " shows " + shown + " for " + truth);
          }
        }
      }
    }
  }

  @Test
  void aCounterBeginsAgainAtItsModulus() {
    long nearlyFull = (1L << 32) - 2;
    world.advanceTo(now + 60_000);
    Meter meter = Meters.exampleBattery("b", nearlyFull, 0);
    Endpoint endpoint = new Endpoint("l", Wiring.tcp(), world, site.faults(), 0).with(1, meter);
    long charged = world.energyMillijoules(Wire.BATTERY_CHARGE, world.stepStart()) / 3_600_000L;
    assertTrue(charged > 2);
    ByteBuffer reply = new Master(endpoint).read(1, 3, 2, 2, world.stepStart());
    assertEquals(charged - 2, reply.getInt());

    Meter decimal =
        Meter.named("d", "p")
            .block(3, 0, 2)
            .live(
                "mass",
                0,
                Coding.UINT32,
                Measure.MILLIGRAM,
                1,
                1_000_000,
                Gauges.constant(1_000_001))
            .build();
    byte[] out = new byte[4];
    assertEquals(0, decimal.read(3, 0, 2, world, world.stepStart(), out, 0));
    assertEquals(1, ByteBuffer.wrap(out).getInt());
  }

  @Test
  void halfAValueIsAnsweredWithHalfOfItsWords() {
    Master master = line(1);
    int whole = master.read(1, 3, 2, 2, now).getInt();
    assertEquals((short) whole, master.read(1, 3, 3, 1, now).getShort());
    assertEquals((short) (whole >> 16), master.read(1, 3, 2, 1, now).getShort());
  }

  private static String text(ByteBuffer bytes, int at, int length) {
    byte[] characters = new byte[length];
    bytes.get(at, characters);
    return new String(characters, StandardCharsets.US_ASCII).replace("\0", "");
  }
}
