package io.lingtan.agent.publish.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.MonotonicInstant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class HearingTest {

  private final Hearing hearing = new Hearing();
  private long second = 1000;

  HearingTest() {
    hearing.opened(MonotonicInstant.ofMillis(second * 1000));
  }

  private @Nullable Failure look(long asked, long packets, int keepAlive) {
    second++;
    return hearing.look(
        "mqtt://a",
        new Broker.Heard(asked, packets, keepAlive),
        MonotonicInstant.ofMillis(second * 1000));
  }

  @Test
  void whatIsReadAndSaysSomethingIsGood() {
    for (int i = 0; i < 1000; i++) {
      assertNull(look(i, i / 40, 30));
    }
  }

  @Test
  void aReaderThatHasEndedIsNoticedWithinSeconds() {
    assertNull(look(5, 5, 30));
    for (int i = 1; i < 10; i++) {
      assertNull(look(5, 5, 30));
    }
    Failure deaf = look(5, 5, 30);
    assertNotNull(deaf);
    assertEquals(Failure.Kind.STUCK, deaf.kind());
    assertTrue(deaf.sentence().contains("stopped reading"), deaf.sentence());
  }

  @Test
  void aBrokerThatAnswersNoPingIsGivenUpAfterOneAndAHalfKeepAlives() {
    int passed = 0;
    while (look(passed, 5, 30) == null) {
      passed++;
    }
    assertEquals(45, passed);
  }

  @Test
  void aBrokerThatWantsNoPingsIsNotWaitedForInVain() {
    for (int i = 0; i < 1000; i++) {
      assertNull(look(i, 5, 0));
    }
  }

  @Test
  void aProcessThatWasStoppedForAnHourHasMissedNothing() {
    assertNull(look(5, 5, 30));
    second += 3600;
    assertNull(look(5, 5, 30));
    assertNull(look(6, 6, 30));
  }

  @Test
  void whereNothingIsKnownNothingIsJudged() {
    for (int i = 0; i < 1000; i++) {
      second++;
      assertNull(
          hearing.look("mqtt://a", Broker.Heard.UNKNOWN, MonotonicInstant.ofMillis(second * 1000)));
    }
  }
}
