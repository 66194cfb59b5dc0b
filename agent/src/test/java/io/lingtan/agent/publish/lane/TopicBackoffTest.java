package io.lingtan.agent.publish.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.run.MonotonicInstant;
import org.junit.jupiter.api.Test;

final class TopicBackoffTest {

  private static final MonotonicInstant START = new MonotonicInstant(5_000_000_000L);

  @Test
  void aTopicIsToldAsRefusedUntilItIsAcceptedOrNobodyTriesItAnyMore() {
    TopicBackoff backoff = new TopicBackoff();
    assertNull(backoff.refusing(START));
    backoff.refused("b", START);
    backoff.refused("a", START);
    assertEquals("a", backoff.refusing(START));
    assertEquals("a", backoff.refusing(START.plusMillis(30_000)), "tried again all the time");
    backoff.accepted("a");
    assertEquals("b", backoff.refusing(START));
    assertNull(backoff.refusing(START.plusMillis(130_000)), "its device is not there any more");
  }
}
