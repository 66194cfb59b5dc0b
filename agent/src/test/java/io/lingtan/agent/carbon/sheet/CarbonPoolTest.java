package io.lingtan.agent.carbon.sheet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.sheet.CarbonPool.Battery;
import io.lingtan.agent.carbon.sheet.CarbonPool.Discharged;
import io.lingtan.agent.run.Randomness;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.math.BigDecimal;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class CarbonPoolTest {

  private static Battery battery(Node in) {
    BigDecimal discharging = in.has("eta_d") ? in.at("eta_d").decimal() : BigDecimal.ONE;
    return new Battery(in.at("eta_c").decimal(), discharging, 0);
  }

  private static void assertClose(Node expected, double actual) {
    assertEquals(expected.number(), actual, 1e-5 * Math.max(1, expected.number()), expected.path());
  }

  @Test
  void aMixedChargeAndADischargeAreThoseOfE15() {
    Node example = WorkedExamples.cases("E15").getFirst();
    Node in = example.at("inputs");
    Node expected = example.at("expected");
    Battery battery = battery(in);
    long grid = in.at("charge_grid_kWh").micros();
    long carbon = Rounding.whole(in.at("EF_grid").decimal().multiply(BigDecimal.valueOf(grid)));
    CarbonPool charged =
        new CarbonPool(0, 0, 0).charged(battery, grid + in.at("charge_pv_kWh").micros(), carbon);
    assertEquals(expected.at("S_after_charge").micros(), charged.milliwattHours());
    assertEquals(expected.at("C_after_charge_kg").micros(), charged.milligrams());
    assertClose(expected.at("ci_stored_kg_per_kWh"), charged.intensityMicros() / 1e6);
    long out = in.at("discharge_ac_kWh").micros();
    Discharged discharged = charged.discharged(battery, out);
    assertClose(expected.at("C_out_kg"), discharged.carbonMilligrams() / 1e6);
    assertClose(expected.at("CI_out_kg_per_kWh_ac"), (double) discharged.carbonMilligrams() / out);
    assertEquals(expected.at("S_end_kWh").micros(), discharged.left().milliwattHours());
    assertClose(expected.at("C_end_kg"), discharged.left().milligrams() / 1e6);
    assertEquals(
        expected.at("conservation_check_kg").micros(),
        discharged.carbonMilligrams() + discharged.left().milligrams());
  }

  @Test
  void aSecondChargeDilutesIt() {
    Node example = WorkedExamples.cases("E15").get(1);
    Node in = example.at("inputs");
    CarbonPool pool =
        new CarbonPool(in.at("S0_kWh").micros(), in.at("C0_kg").micros(), 0)
            .charged(battery(in), in.at("charge_pv_kWh").micros(), 0);
    assertEquals(example.at("expected").at("S_kWh").micros(), pool.milliwattHours());
    assertEquals(example.at("expected").at("C_kg").micros(), pool.milligrams());
    assertClose(example.at("expected").at("ci_stored_kg_per_kWh"), pool.intensityMicros() / 1e6);
  }

  @Test
  void lossesRideOnWhatIsDischarged() {
    Node example = WorkedExamples.cases("E15").get(3);
    Node in = example.at("inputs");
    Battery battery =
        new Battery(BigDecimal.ONE, BigDecimal.ONE, in.at("discharge_ac_kWh").micros());
    CarbonPool full =
        new CarbonPool(0, 0, 0)
            .charged(battery, in.at("charge_ac_kWh").micros(), in.at("C_in_kg").micros());
    Discharged all = full.discharged(battery, in.at("discharge_ac_kWh").micros());
    assertEquals(new CarbonPool(0, 0, 0), all.left());
    assertClose(
        example.at("expected").at("CI_out_if_emptied"),
        (double) all.carbonMilligrams() / in.at("discharge_ac_kWh").micros());
  }

  @Test
  void carbonIsConservedWhateverHappens() {
    long seed = 20_261_125L;
    System.out.println("CarbonPoolTest seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    Battery battery = new Battery(new BigDecimal("0.95"), new BigDecimal("0.94"), 500_000_000L);
    CarbonPool pool = new CarbonPool(0, 0, 0);
    long in = 0;
    long out = 0;
    for (int round = 0; round < 50_000; round++) {
      if (random.nextBoolean()) {
        long energy = random.nextLong(50_000_000L);
        long carbon = random.nextLong(1 + energy * 6 / 10);
        in += carbon;
        pool = pool.charged(battery, energy, carbon);
      } else {
        Discharged discharged = pool.discharged(battery, random.nextLong(50_000_000L));
        out += discharged.carbonMilligrams();
        pool = discharged.left();
      }
      assertEquals(in, out + pool.milligrams(), "round " + round);
    }
    assertTrue(out > 0 && in > 0);
  }

  @Test
  void anUnknownMixIsBelievedAfterOneFullCycle() {
    Battery battery = new Battery(BigDecimal.ONE, BigDecimal.ONE, 100);
    CarbonPool pool = CarbonPool.unknown(battery).charged(battery, 80, 40);
    pool = pool.discharged(battery, 60).left();
    assertFalse(pool.isBelieved());
    pool = pool.charged(battery, 60, 0).discharged(battery, 40).left();
    assertTrue(pool.isBelieved());
    assertFalse(pool.doubted(battery).isBelieved());
  }
}
