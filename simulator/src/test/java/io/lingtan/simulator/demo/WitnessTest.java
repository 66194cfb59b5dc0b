package io.lingtan.simulator.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.demo.Served.Shown;
import io.lingtan.simulator.demo.Witness.Finding;
import java.math.BigDecimal;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class WitnessTest {
  private static final Point POWER = Point.of("power");
  private static final long T = 1_764_060_000_000L;

  private final Witness witness = new Witness();

  private void served(long millis, long micros, long step) {
    witness.take(new Served("pv1", millis, Map.of(POWER, new Shown(micros, step))));
  }

  private Finding judge(String value, long ts) {
    return witness.judge("pv1", POWER, new BigDecimal(value), ts);
  }

  @Test
  void aValueThatWasServedJustNowIsTrue() {
    served(T, 48_210_000_000L, 10_000_000L);
    assertEquals(Finding.TRUE, judge("48210.0", T + 6));
    assertEquals(1, witness.values());
  }

  @Test
  void theSameValueStampedLikeTheAnswerToALaterRequestIsWrong() {
    served(T, 48_210_000_000L, 10_000_000L);
    served(T + 1_000, 48_220_000_000L, 10_000_000L);
    assertEquals(Finding.WRONG, judge("48210", T + 1_400));
    assertEquals(Finding.TRUE, judge("48220", T + 1_400));
  }

  @Test
  void anotherStepOfTheRegisterOrAnotherDeviceIsWrong() {
    served(T, 48_210_000_000L, 10_000_000L);
    assertEquals(Finding.WRONG, judge("48220", T));
    assertEquals(Finding.WRONG, judge("0", T));
    assertEquals(Finding.WRONG, witness.judge("bat1", POWER, new BigDecimal("48210"), T));
  }

  @Test
  void aFloatMayBeWrittenAsItsShortestDecimal() {
    float shown = 230.1f;
    long micros = Math.round((double) shown * 1e6);
    served(T, micros, Math.round(Math.ulp(shown) * 1e6));
    assertEquals(Finding.TRUE, judge("230.1", T));
    assertEquals(Finding.WRONG, judge("230.10002", T));
  }

  @Test
  void whatWasTooLongAgoIsNotJudged() {
    served(T, 1_000_000L, 1_000_000L);
    served(T + Witness.KEPT_MILLIS + 10_000, 2_000_000L, 1_000_000L);
    assertEquals(Finding.FORGOTTEN, judge("1", T));
  }
}
