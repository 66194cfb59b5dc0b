package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Power added up over time, of a street lamp and of a power station. */
final class IntegratorTest {

  private static Mark at(long millis) {
    return new Mark(1, millis * 1_000_000, millis);
  }

  @ParameterizedTest
  @CsvSource({"0.0001, 1", "3, 7200", "25, 900", "12, 900", "100, 185", "10000, 7200"})
  void whatItCountsIsExact(double megawatts, long seconds) {
    long power = Math.round(megawatts * 1e12);
    Integrator integrator = new Integrator(1);
    assertEquals(-1, integrator.add(power, at(0), 0));
    long millis = seconds * 1000 + 7;
    BigInteger product = BigInteger.valueOf(power).multiply(BigInteger.valueOf(millis));
    long right = product.divide(BigInteger.valueOf(3_600_000_000L)).longValueExact();
    assertEquals(right, integrator.add(power, at(millis), millis));
    assertEquals(right, integrator.total());
  }

  @Test
  void whatMakesNoWholeMilliwattHourIsCarried() {
    Integrator integrator = new Integrator(-1);
    integrator.add(0, at(0), 1_000);
    long counted = 0;
    for (int i = 1; i <= 3600; i++) {
      counted += integrator.add(-1_500, at(i * 1_000L), 1_000);
    }
    assertEquals(1, counted, "1.5 mW over an hour");
  }
}
