package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OpenAnswersTest {

  @Test
  void whatFailsBesideDoesNotStopTheClockThatCutsSlowReaders() throws Exception {
    CountDownLatch failures = new CountDownLatch(3);
    Runnable failing =
        () -> {
          failures.countDown();
          throw new IllegalStateException("for the test");
        };
    try (OpenAnswers answers = new OpenAnswers(Duration.ofMillis(5), failing)) {
      assertTrue(failures.await(20, TimeUnit.SECONDS), "ticks: " + answers.tick());
    }
  }
}
