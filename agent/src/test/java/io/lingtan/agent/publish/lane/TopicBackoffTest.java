package io.lingtan.agent.publish.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.MonotonicInstant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TopicBackoffTest {

  private static final MonotonicInstant START = new MonotonicInstant(5_000_000_000L);

  @Test
  void aTopicIsToldAsRefusedUntilItIsAcceptedOrNobodyTriesItAnyMore() {
    TopicBackoff backoff = new TopicBackoff();
    assertEquals(List.of(), backoff.refusing(START).topics());
    backoff.refused("b", START);
    backoff.refused("a", START);
    assertEquals(List.of("a", "b"), backoff.refusing(START).topics());
    assertEquals(START.plusMillis(1000).nanos(), backoff.refusing(START).nextTryNanos());
    MonotonicInstant later = START.plusMillis(30_000);
    assertEquals(List.of("a", "b"), backoff.refusing(later).topics(), "tried again all the time");
    assertEquals(-1, backoff.refusing(later).nextTryNanos(), "with its next message");
    backoff.accepted("a");
    assertEquals(List.of("b"), backoff.refusing(START).topics());
    assertEquals(
        0, backoff.refusing(START.plusMillis(130_000)).count(), "its device is not there any more");
  }

  @Test
  void anAccountThatMayPublishNothingIsToldByAFewNamesAndACount() {
    TopicBackoff backoff = new TopicBackoff();
    for (int i = 10; i < 60; i++) {
      backoff.refused("data/m" + i, START);
    }
    RefusedTopicsSnapshot told = backoff.refusing(START);
    assertEquals(50, told.count());
    assertEquals(16, told.topics().size());
    assertEquals("data/m10", told.topics().getFirst());
  }

  @Test
  void whoAsksHasEachTriedNowAndIfRefusedASecondLater() {
    TopicBackoff backoff = new TopicBackoff();
    MonotonicInstant now = START;
    for (int i = 0; i < 8; i++) {
      backoff.refused("a", now);
      now = backoff.next(now);
    }
    backoff.refused("a", now);
    MonotonicInstant asked = now.plusMillis(5);
    assertEquals(now.plus(TopicBackoff.LONGEST), backoff.next(asked));
    assertFalse(backoff.allows("a", asked, false));
    backoff.tryNow(asked);
    assertTrue(backoff.allows("a", asked, false));
    backoff.refused("a", asked);
    assertEquals(asked.plus(TopicBackoff.FIRST), backoff.next(asked));
  }
}
