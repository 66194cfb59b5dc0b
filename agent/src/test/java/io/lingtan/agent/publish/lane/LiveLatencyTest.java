package io.lingtan.agent.publish.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.run.MonotonicInstant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LiveLatencyTest {

  private final LiveLatency latency = new LiveLatency();

  private static MonotonicInstant at(long millis) {
    return MonotonicInstant.ofMillis(millis);
  }

  private List<Long> counts() {
    return latency.snapshot().counts();
  }

  @Test
  void aRecordCountsFromItsOwnCommit() {
    latency.committed("e", 10, at(1_000));
    latency.committed("e", 20, at(2_000));
    latency.committed("e", 30, at(3_000));
    latency.acked("e", 11, at(2_010));
    latency.acked("e", 20, at(2_011));
    latency.acked("e", 21, at(14_000));
    assertEquals(List.of(1L, 1L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 1L), counts());
    assertEquals(10 + 11 + 11_000, latency.snapshot().sumMillis());
    assertEquals(3, latency.snapshot().count());
  }

  @Test
  void whatWasCommittedBeforeItCouldLookCountsForNothing() {
    latency.committed("e", 10, at(1_000));
    latency.acked("e", 10, at(1_001));
    latency.acked("other", 10, at(1_001));
    assertEquals(0, latency.snapshot().count());
  }

  @Test
  void ofManyCommitsOnlyTheNewestAreRemembered() {
    for (int i = 1; i <= 200; i++) {
      latency.committed("e", i, at(i));
    }
    latency.acked("e", 136, at(201));
    assertEquals(0, latency.snapshot().count());
    latency.acked("e", 200, at(201));
    assertEquals(1, latency.snapshot().count());
  }

  @Test
  void anotherEpochBeginsAnew() {
    latency.committed("e", 10, at(1));
    latency.committed("e", 20, at(2));
    latency.committed("f", 5, at(3));
    latency.committed("f", 9, at(4));
    latency.acked("e", 15, at(5));
    latency.acked("f", 7, at(5));
    assertEquals(1, latency.snapshot().count());
  }
}
