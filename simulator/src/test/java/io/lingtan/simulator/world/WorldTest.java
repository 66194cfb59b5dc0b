package io.lingtan.simulator.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WorldTest {
  private static final long HOUR = 3_600_000L;
  private static final long DAY = 24 * HOUR;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void everythingThatComesInGoesOutOrIsStillThereOverThreeDays(long seed) {
    World world = new World(Plant.demo(seed));
    world.observe(
        at -> {
          at.checkBalance();
          at.checkBuses();
          int in =
              at.watts(Wire.GRID_IMPORT) + at.watts(Wire.PV) + at.watts(Wire.BATTERY_DISCHARGE);
          int out = at.watts(Wire.GRID_EXPORT) + at.watts(Wire.BATTERY_CHARGE);
          for (Wire wire :
              List.of(Wire.BUILDINGS, Wire.ELECTROLYSER, Wire.COMPRESSOR, Wire.CHARGERS)) {
            out += at.watts(wire);
          }
          assertEquals(in, out, () -> "seed " + seed + " at " + at.stepStart());
          assertTrue(at.socBasisPoints() >= 999 && at.socBasisPoints() <= 9_500);
          assertTrue(at.tankMilligrams(0, at.stepStart()) > 0);
        });
    world.advanceTo(world.stepStart() + 3 * DAY);
    for (Wire wire : Wire.values()) {
      boolean flows = world.energyMillijoules(wire, world.stepStart()) > 0;
      // The demonstration has no charging points.
      assertEquals(wire != Wire.CHARGERS, flows, wire + ", seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 500, 2_000, 60_000})
  void theBalanceHoldsInStepsOfAnyLength(int stepMillis) {
    World world = new World(Plant.demo(11).inStepsOf(stepMillis));
    world.advanceTo(world.stepStart() + 6 * HOUR);
    world.checkBalance();
    world.checkBuses();
  }

  @Test
  void energyWithinAStepIsExactAndMeetsTheNextStep() {
    World world = new World(Plant.demo(3));
    long start = world.stepStart();
    long before = world.energyMillijoules(Wire.PV, start);
    assertEquals(
        before + 250L * world.watts(Wire.PV), world.energyMillijoules(Wire.PV, start + 250));
    long end = world.energyMillijoules(Wire.PV, start + 1_000);
    world.advanceTo(start + 1_000);
    assertEquals(end, world.energyMillijoules(Wire.PV, start + 1_000));
    assertThrows(IllegalArgumentException.class, () -> world.energyMillijoules(Wire.PV, start));
    assertThrows(IllegalArgumentException.class, () -> world.advanceTo(start));
  }

  @Test
  void theSameSeedIsTheSameDayAndAnotherSeedAnother() {
    assertEquals(dayOf(42), dayOf(42));
    assertNotEquals(dayOf(42), dayOf(43));
  }

  private static long dayOf(long seed) {
    World world = new World(Plant.demo(seed));
    long[] print = new long[1];
    world.observe(at -> print[0] = 31 * print[0] + at.fingerprint());
    world.advanceTo(world.stepStart() + DAY);
    return print[0];
  }

  @Test
  void howOneCallsItMakesNoDifference() {
    World bySteps = new World(Plant.demo(5));
    World atOnce = new World(Plant.demo(5));
    long end = bySteps.stepStart() + HOUR;
    for (long at = bySteps.stepStart(); at <= end; at += 137) {
      bySteps.advanceTo(at);
    }
    bySteps.advanceTo(end);
    atOnce.advanceTo(end);
    assertEquals(atOnce.fingerprint(), bySteps.fingerprint());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 7, 99, 2_026})
  void atHalfPastTenInJuneTheSunIsUpTheElectrolyserRunsAndABusRefuels(long seed) {
    World world = new World(Plant.demo(seed));
    assertTrue(world.watts(Wire.PV) > 20_000, () -> "PV " + world.watts(Wire.PV));
    assertTrue(world.watts(Wire.PV) <= 160_000);
    assertEquals(2, world.electrolyserState());
    assertTrue(world.isFuelling(), "no bus refuels");
    assertTrue(world.buses().stream().anyMatch(bus -> bus.activity() == BusState.Activity.DRIVING));
    assertTrue(world.watts(Wire.GRID_IMPORT) + world.watts(Wire.GRID_EXPORT) > 0);
  }

  @Test
  void theSunIsDownAtNightAndHighestAroundLocalNoon() {
    World world = new World(Plant.demo(8));
    long midnight = world.stepStart() + DAY - 10 * HOUR - HOUR / 2;
    world.advanceTo(midnight);
    assertEquals(0, world.watts(Wire.PV));
    long night = world.energyMillijoules(Wire.PV, midnight);
    world.advanceTo(midnight + 4 * HOUR);
    assertEquals(night, world.energyMillijoules(Wire.PV, midnight + 4 * HOUR));
    world.advanceTo(midnight + DAY);
    double kilowattHours =
        (world.energyMillijoules(Wire.PV, midnight + DAY) - night)
            / (double) Plant.MILLIJOULES_PER_KWH;
    // 160 kW on a part-cloudy June day: three to seven full-load hours.
    assertTrue(kilowattHours > 3 * 160 && kilowattHours < 7 * 160, () -> "PV " + kilowattHours);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void theElectrolyserNeedsFortyEightToSixtyKilowattHoursAKilogram(long seed) {
    World world = new World(Plant.demo(seed));
    long[] sums = new long[2];
    long[] last = {
      world.energyMillijoules(Wire.ELECTROLYSER, world.stepStart()),
      world.massMilligrams(Pipe.PRODUCED, world.stepStart())
    };
    world.observe(
        at -> {
          long energy = at.energyMillijoules(Wire.ELECTROLYSER, at.stepStart());
          long mass = at.massMilligrams(Pipe.PRODUCED, at.stepStart());
          if (mass > last[1]) {
            sums[0] += energy - last[0];
            sums[1] += mass - last[1];
          }
          last[0] = energy;
          last[1] = mass;
        });
    world.advanceTo(world.stepStart() + DAY);
    double perKilogram = sums[0] / (double) Plant.MILLIJOULES_PER_KWH / (sums[1] / 1e6);
    assertTrue(perKilogram > 48 && perKilogram < 60, () -> perKilogram + " kWh/kg, seed " + seed);
    assertTrue(sums[1] > 20_000_000, () -> "a day makes more than 20 kg, not " + sums[1] + " mg");
  }

  @Test
  void everyPartOfTheElectrolysersCurveIsBetweenFortyEightAndSixty() {
    for (double share = 0.20; share <= 1.0; share += 0.01) {
      double kilowattHours = Electrolyser.specificEnergy(share);
      assertTrue(kilowattHours > 48 && kilowattHours < 60, "at " + share);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void eachBusDrivesTwoHundredFortyToThreeHundredKilometresADay(long seed) {
    World world = new World(Plant.demo(seed));
    long midnight = world.stepStart() + DAY - 10 * HOUR - HOUR / 2;
    world.advanceTo(midnight);
    List<BusState> last = world.buses();
    for (int day = 1; day <= 4; day++) {
      world.advanceTo(midnight + day * DAY);
      List<BusState> now = world.buses();
      assertEquals(5, now.size());
      for (int bus = 0; bus < now.size(); bus++) {
        long metres = now.get(bus).metres() - last.get(bus).metres();
        assertTrue(
            metres == 240_000 || metres == 300_000,
            "bus " + bus + " drove " + metres + " m on day " + day + ", seed " + seed);
      }
      last = now;
    }
    double kilograms = world.massMilligrams(Pipe.BURNT, world.stepStart()) / 1e6;
    double per100Km = kilograms / (4.5 * 5 * 4.5 * 60) * 100;
    assertTrue(per100Km > 3 && per100Km < 6, () -> per100Km + " kg/100 km");
    assertTrue(world.fills() > 4, () -> "only " + world.fills() + " fills");
  }

  @Test
  void theDepotNeverRunsDryInTwoWeeks() {
    World world = new World(Plant.demo(21));
    double[] least = {Double.MAX_VALUE};
    world.observe(
        at -> {
          if (at.stepStart() % 600_000 == 0) {
            least[0] = Math.min(least[0], at.tankPressureMpa(0, at.stepStart()));
            for (BusState bus : at.buses()) {
              assertTrue(bus.milligrams() > 0, "a bus stands empty on the road");
            }
          }
        });
    world.advanceTo(world.stepStart() + 14 * DAY);
    assertTrue(least[0] > 5, () -> "tanks fell to " + least[0] + " MPa");
  }
}
