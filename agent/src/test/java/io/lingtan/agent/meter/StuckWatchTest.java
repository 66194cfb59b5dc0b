package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import org.junit.jupiter.api.Test;

/** A register that stands still under power, more than once. */
final class StuckWatchTest {

  private static final Point POWER = Point.of(Quantity.POWER);
  private static final long MINUTE = 60_000;

  private StuckWatch watch =
      new StuckWatch(POWER, 1, new RegisterSpec(0, 10_000, 0, 1_000, 60_000_000));

  /** 60 kW, a reading each minute; whether it is told. */
  private boolean read(long minute, long reading) {
    Values values = new Values.Builder().put(POWER, 60_000_000_000L).build();
    Sample sample = Sample.of("gate", "b", minute * MINUTE * 1_000_000, values);
    return watch.observe(
        reading, sample, new Mark(0, minute * MINUTE * 1_000_000, minute * MINUTE));
  }

  /** Stands still for the minutes from one to another. */
  private int stand(long from, long until) {
    int told = 0;
    for (long minute = from; minute <= until; minute++) {
      told += read(minute, 1_000_000 * from) ? 1 : 0;
    }
    return told;
  }

  @Test
  void whatStoodStillBeforeIsRememberedAfterItStandsStillAgain() {
    assertEquals(1, stand(0, 10));
    assertEquals(1, stand(11, 20));
    read(21, 50_000_000);
    read(22, 51_000_000);
    // Another process goes on, and an interval of the first time is told again.
    CheckpointWriter to = new CheckpointWriter();
    watch.checkpoint(to);
    watch = new StuckWatch(POWER, 1, new RegisterSpec(0, 10_000, 0, 1_000, 60_000_000));
    watch.restore(new CheckpointReader(to.bytes()));
    assertTrue(watch.isStuckIn(5 * MINUTE, 6 * MINUTE));
    assertTrue(watch.isStuckIn(15 * MINUTE, 16 * MINUTE));
    assertFalse(watch.isStuckIn(21 * MINUTE, 30 * MINUTE));
    watch.forget(11 * MINUTE);
    assertFalse(watch.isStuckIn(5 * MINUTE, 6 * MINUTE), "nobody asks for that any more");
    assertTrue(watch.isStuckIn(15 * MINUTE, 16 * MINUTE));
  }

  /** At 2,000 MWh in Wh two numbers that a float32 knows lie 128 Wh apart: 1.6 kW needs minutes. */
  @Test
  void aFloatThatHasNoMoreDigitsIsNotStuck() {
    double wattHour = 1000;
    RegisterSpec spec = new RegisterSpec(0, 1, wattHour, 1_000, 10_000_000);
    watch = new StuckWatch(POWER, 1, spec);
    long reading = 2_000_000_000_000L;
    assertEquals(128_000, spec.step(reading));
    Values values = new Values.Builder().put(POWER, 1_600_000_000L).build();
    int told = 0;
    for (long minute = 0; minute < 60; minute++) {
      long at = minute * MINUTE;
      Sample sample = Sample.of("gate", "b", at * 1_000_000, values);
      long shown = reading + minute * 1_600_000 / 60 / 128_000 * 128_000;
      told += watch.observe(shown, sample, new Mark(0, at * 1_000_000, at)) ? 1 : 0;
    }
    assertEquals(0, told, "times that it was told to be stuck");
  }
}
