package io.lingtan.agent.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Time.ClockAnswer;
import io.lingtan.agent.run.Time.Wall;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A clock that a phone sets. */
final class SystemTimeTest {

  private static final long NOON = 1_764_000_000_000L;

  @Test
  void aPhoneDatesFromThenOnAndMovesNoDuration() throws InterruptedException {
    SystemTime time = new SystemTime(List.of("phone"));
    assertFalse(time.wall().trusted());
    MonotonicInstant before = time.now();
    assertEquals(ClockAnswer.TAKEN, time.tell(NOON));
    Wall wall = time.wall();
    assertTrue(wall.trusted());
    assertEquals("phone", wall.source());
    assertTrue(Math.abs(wall.millisAt(time.now()) - NOON) <= 2_000);
    assertTrue(time.now().millisSince(before) < 10_000, "the monotonic clock goes on");
    Thread.sleep(1_100);
    assertEquals(wall, time.wall(), "looking again at the machine's clock changes nothing");
    assertEquals(ClockAnswer.TAKEN, time.tell(NOON + 60_000), "it may be told once more");
    assertTrue(Math.abs(time.wall().millisAt(time.now()) - NOON - 60_000) <= 2_000);
  }

  @Test
  void aPhoneIsNotAskedWhereTheSiteFileDoesNotSaySoOrTheClockIsRight() {
    SystemTime closed = new SystemTime(List.of());
    assertEquals(ClockAnswer.NOT_TRUSTED, closed.tell(NOON));
    assertFalse(closed.wall().trusted());
    SystemTime right = new SystemTime(List.of("system", "phone"));
    assertEquals(ClockAnswer.NOT_NEEDED, right.tell(NOON));
    assertEquals("system", right.wall().source());
  }
}
