package io.lingtan.agent.acquire.line;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a unit that does not answer is asked again. */
final class BreakerTest {

  private static final long SECOND = 1_000_000_000L;

  /** Each probe is waited for in vain so long. */
  private static final long TIMEOUT = SECOND;

  private final Breaker breaker = new Breaker();
  private long now = 1_000 * SECOND;

  /** Seconds from the end of one vain question to the next probe. */
  private List<Long> waits(int probes, int dead, boolean othersAlive) {
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < probes; i++) {
      breaker.planProbe(now, TIMEOUT, dead, othersAlive);
      waits.add((breaker.probeDueNanos() - now) / SECOND);
      now = breaker.probeDueNanos() + TIMEOUT;
    }
    return waits;
  }

  @Test
  void oneDeadUnitIsAskedSoonAtFirstAndThenTakesAFiftiethOfTheLine() {
    assertEquals(List.of(1L, 2L, 4L, 8L, 50L, 50L, 50L), waits(7, 1, true));
  }

  @Test
  void oneThatComesAndGoesIsAskedSoonAsOftenAsTheShareCovers() {
    assertEquals(List.of(1L, 2L), waits(2, 1, true));
    breaker.answered();
    assertEquals(List.of(1L, 2L, 50L), waits(3, 1, true), "the two that are left");
    breaker.answered();
    now += 200 * SECOND;
    assertEquals(List.of(1L, 2L, 4L, 8L, 50L), waits(5, 1, true));
  }

  @Test
  void severalDeadUnitsShareWhatOneHas() {
    assertEquals(List.of(10L, 190L, 100L, 100L), waits(4, 2, true));
  }

  @Test
  void aLineThatNobodyElseNeedsIsAskedEachFiveSeconds() {
    assertEquals(List.of(2L, 2L, 3L, 4L, 4L), waits(5, 1, false));
  }
}
