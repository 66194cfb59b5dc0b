package io.lingtan.agent.acquire.gpio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.GpioInput;
import io.lingtan.agent.site.GpioInput.Bias;
import io.lingtan.agent.site.GpioInput.Pin;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class PulsePowerTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long WATT = 1_000_000L;

  private final PulsePower power = of("energy_import", "1");

  private static PulsePower of(String point, String ratio) {
    Pin pin = new Pin(17, Bias.AS_IS, false, Duration.ofMillis(20));
    return new PulsePower(
        new GpioInput.Pulses(pin, new BigDecimal("0.001"), Point.of(point)), new BigDecimal(ratio));
  }

  private void pulses(long... seconds) {
    for (long at : seconds) {
      power.pulse(at * SECOND);
    }
  }

  @Test
  void aPulseEveryThreeSecondsIsTwelveHundredWatts() {
    pulses(10, 13);
    assertEquals(1200 * WATT, power.read(14 * SECOND));
    assertEquals(1200 * WATT, power.read(16 * SECOND), "until the next one is due");
  }

  @Test
  void onePulseIsNoPeriod() {
    assertNull(power.read(5 * SECOND));
    pulses(10);
    assertNull(power.read(11 * SECOND));
    assertNull(power.read(3_000 * SECOND), "what came before it, nobody counted");
  }

  @Test
  void severalPulsesSinceTheLastReadingAreTheirMean() {
    pulses(0, 3);
    power.read(4 * SECOND);
    pulses(5, 6, 9);
    // Three pulses in the six seconds since that of the reading before.
    assertEquals(1800 * WATT, power.read(10 * SECOND));
    pulses(10);
    assertEquals(3600 * WATT, power.read(10 * SECOND));
  }

  @Test
  void readAgainItIsTheSame() {
    pulses(0, 3, 9);
    assertEquals(800 * WATT, power.read(10 * SECOND));
    assertEquals(800 * WATT, power.read(11 * SECOND));
  }

  @Test
  void withoutAPulseItIsAtMostOneInTheTimeSince() {
    pulses(0, 3);
    assertEquals(600 * WATT, power.read(9 * SECOND));
    assertEquals(WATT, power.read(3_603 * SECOND));
    assertNull(power.read(3_604 * SECOND), "an hour without one");
    pulses(4_000);
    assertNull(power.read(4_001 * SECOND), "the first after that is a beginning");
    pulses(4_010);
    assertEquals(360 * WATT, power.read(4_011 * SECOND));
  }

  @Test
  void pulsesThatAreMissingMakeNoPeriod() {
    pulses(0, 3);
    power.interrupted();
    assertNull(power.read(4 * SECOND));
    pulses(9);
    assertNull(power.read(9 * SECOND));
    pulses(12);
    assertEquals(1200 * WATT, power.read(13 * SECOND));
  }

  @Test
  void ratiosAndSignsAreThoseOfTheEnergy() {
    PulsePower out = of("energy_charged", "200");
    out.pulse(0);
    out.pulse(36 * SECOND);
    assertEquals(-20_000 * WATT, out.read(36 * SECOND));
  }

  /** Least and greatest watts of no time. */
  private static final double[] NONE = {Double.MAX_VALUE, 0};

  /** Whatever flows, a reading is no more than what flowed at some time since the pulse before. */
  @Test
  void itIsNeverAboveTheGreatestOfItsTimeNorBelowTheLeast() {
    long seed = 20_260_618;
    RandomGenerator random = Randomness.seeded(seed);
    for (int round = 0; round < 200; round++) {
      PulsePower of = of("energy_import", "1");
      double energy = 0;
      // Of the time since the pulse before the last reading's last one.
      Deque<double[]> extremes =
          new ArrayDeque<>(List.of(NONE.clone(), NONE.clone(), NONE.clone()));
      double watts = 1000;
      int known = 0;
      // 100 ms at a time; a pulse is 3600 J.
      for (int i = 0; i < 2_000; i++) {
        watts = random.nextInt(50) == 0 ? 200 + random.nextInt(5_000) : watts;
        double[] present = extremes.getLast();
        present[0] = Math.min(present[0], watts);
        present[1] = Math.max(present[1], watts);
        energy += watts / 10;
        if (energy >= 3_600) {
          energy -= 3_600;
          of.pulse((i + 1) * SECOND / 10);
          known++;
          extremes.addLast(NONE.clone());
          while (extremes.size() > 3) {
            extremes.removeFirst();
          }
        }
        if (i % 10 == 9) {
          Long micros = of.read((i + 1) * SECOND / 10);
          assertEquals(known >= 2, micros != null, "seed " + seed);
          if (micros != null) {
            double least = extremes.stream().mapToDouble(each -> each[0]).min().orElseThrow();
            double greatest = extremes.stream().mapToDouble(each -> each[1]).max().orElseThrow();
            // A pulse is seen up to 100 ms late.
            assertTrue(micros <= greatest * 1.2 * WATT, seed + ": " + micros + " > " + greatest);
            assertTrue(micros >= least * 0.8 * WATT, seed + ": " + micros + " < " + least);
          }
        }
      }
    }
  }
}
