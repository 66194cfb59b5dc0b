package io.lingtan.simulator.world;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HydrogenGasTest {
  private final HydrogenGas gas = new HydrogenGas();

  /** The check values that the equation's authors published. */
  @ParameterizedTest
  @CsvSource({
    "200, 1, 1.00675450, 0.59732645",
    "300, 10, 1.05985282, 3.78267048",
    "400, 50, 1.24304763, 12.09449023",
    "500, 200, 1.74461629, 27.57562673",
    "200, 200, 2.85953449, 42.06006952"
  })
  void itGivesThePublishedValues(double kelvin, double mpa, double z, double molPerLitre) {
    assertEquals(z, gas.compressibility(mpa, kelvin), 1e-8);
    assertEquals(molPerLitre * 2.01588, gas.density(mpa, kelvin), 1e-7);
  }

  @Test
  void pressureOfADensityIsTheWayBack() {
    for (double mpa = 0.1; mpa < 90; mpa += 1.7) {
      for (double kelvin = 233.15; kelvin < 360; kelvin += 12.5) {
        double density = gas.density(mpa, kelvin);
        assertEquals(mpa, gas.pressure(density, kelvin, 0), mpa * 1e-8);
        assertEquals(mpa, gas.pressure(density, kelvin, 45), mpa * 1e-8);
      }
    }
  }
}
