package io.lingtan.agent.publish.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class ReconnectTest {

  /** Always the greatest pause there may be. */
  private static final RandomGenerator LONGEST =
      new RandomGenerator() {
        @Override
        public long nextLong() {
          return Long.MAX_VALUE;
        }

        @Override
        public long nextLong(long bound) {
          return bound - 1;
        }
      };

  private static MonotonicInstant seconds(long seconds) {
    return MonotonicInstant.ofMillis(seconds * 1000);
  }

  private static Reconnect of(List<String> servers, RandomGenerator random) {
    return new Reconnect(servers, Duration.ofSeconds(10), random, seconds(300));
  }

  @Test
  void theFirstTryIsAtOnceOnAMachineThatHasBeenUp() {
    assertEquals(seconds(300), of(List.of("a"), LONGEST).next());
  }

  @Test
  void afterAPowerCutFirstTriesAreSpread() {
    long seed = 43;
    RandomGenerator random = Randomness.seeded(seed);
    Duration spread = Duration.ofSeconds(10);
    int late = 0;
    for (int i = 0; i < 1000; i++) {
      Reconnect one = new Reconnect(List.of("a"), spread, random, seconds(20));
      long wait = one.next().millisSince(seconds(20));
      assertTrue(wait >= 0 && wait <= 10_000, "seed " + seed + ": " + wait);
      late += wait > 5000 ? 1 : 0;
    }
    assertEquals(500, late, 80, "seed " + seed);
    assertEquals(
        seconds(20), new Reconnect(List.of("a"), Duration.ZERO, random, seconds(20)).next());
  }

  @Test
  void theCapDoublesFromASecondToHalfAMinute() {
    Reconnect reconnect = of(List.of("a"), LONGEST);
    List<Long> pauses = new ArrayList<>();
    MonotonicInstant now = seconds(100);
    for (int i = 0; i < 12; i++) {
      reconnect.failed(now);
      pauses.add(reconnect.next().millisSince(now) / 1000);
      now = reconnect.next();
    }
    assertEquals(List.of(1L, 2L, 4L, 8L, 16L, 30L, 30L, 30L, 30L, 30L, 30L, 30L), pauses);
  }

  @Test
  void pausesAreSpreadOverTheWholeCap() {
    long seed = 42;
    Reconnect reconnect = of(List.of("a"), Randomness.seeded(seed));
    MonotonicInstant now = seconds(100);
    for (int i = 0; i < 20; i++) {
      reconnect.failed(now);
    }
    int low = 0;
    int high = 0;
    for (int i = 0; i < 1000; i++) {
      reconnect.failed(now);
      long pause = reconnect.next().millisSince(now);
      assertTrue(pause >= 0 && pause <= 30_000, "seed " + seed + ": " + pause);
      low += pause < 7_500 ? 1 : 0;
      high += pause > 22_500 ? 1 : 0;
    }
    assertEquals(250, low, 60, "seed " + seed);
    assertEquals(250, high, 60, "seed " + seed);
  }

  @Test
  void aStableMinuteResetsIt() {
    Reconnect reconnect = of(List.of("a"), LONGEST);
    for (int i = 0; i < 12; i++) {
      reconnect.failed(seconds(100));
    }
    reconnect.lost(seconds(1000), seconds(1059));
    assertEquals(30_000, reconnect.next().millisSince(seconds(1059)));
    reconnect.lost(seconds(2000), seconds(2060));
    assertEquals(1000, reconnect.next().millisSince(seconds(2060)));
  }

  @Test
  void allServersAreTriedBeforeThePause() {
    Reconnect reconnect = of(List.of("a", "b", "c"), LONGEST);
    MonotonicInstant now = seconds(100);
    reconnect.failed(now);
    assertEquals("b", reconnect.server());
    assertEquals(now, reconnect.next());
    reconnect.failed(now);
    assertEquals("c", reconnect.server());
    reconnect.failed(now);
    assertEquals("a", reconnect.server());
    assertEquals(1000, reconnect.next().millisSince(now));
  }

  @Test
  void itSaysWhenTheNextTryIs() {
    Reconnect one = of(List.of("a"), LONGEST);
    one.failed(seconds(100));
    assertEquals("next try in 1.0 s", one.said(seconds(100)));
    Reconnect two = of(List.of("a", "b"), LONGEST);
    two.failed(seconds(100));
    assertEquals("next try at b at once", two.said(seconds(100)));
    assertEquals(1, two.failures());
    two.lost(seconds(1000), seconds(1060));
    assertEquals(0, two.failures());
  }
}
