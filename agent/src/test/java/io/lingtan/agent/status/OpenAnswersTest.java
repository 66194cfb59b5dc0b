package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OpenAnswersTest {

  private static final class NobodyReads extends OutputStream {
    @Override
    public void write(int octet) throws IOException {
      try {
        assertTrue(new CountDownLatch(1).await(20, TimeUnit.SECONDS), "it was not cut off");
      } catch (InterruptedException e) {
        throw new InterruptedIOException("cut off");
      }
    }
  }

  @Test
  void whatFailsBesideDoesNotStopTheClockThatCutsSlowReaders() throws Exception {
    CountDownLatch failures = new CountDownLatch(3);
    Runnable failing =
        () -> {
          failures.countDown();
          throw new IllegalStateException("for the test");
        };
    HttpExchange exchange = mock(HttpExchange.class);
    when(exchange.getResponseBody()).thenReturn(new NobodyReads());
    try (OpenAnswers answers = new OpenAnswers(Duration.ofMillis(5), failing)) {
      assertTrue(failures.await(20, TimeUnit.SECONDS), "ticks: " + answers.tick());
      OutputStream body = answers.watch(exchange, 2).getResponseBody();
      assertThrows(InterruptedIOException.class, () -> body.write(1));
      IOException over = assertThrows(IOException.class, () -> body.write(1));
      assertEquals("nobody takes the answer", over.getMessage());
    }
  }
}
