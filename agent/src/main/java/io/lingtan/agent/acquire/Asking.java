package io.lingtan.agent.acquire;

import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Inbox;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks one thing of one line and waits for the answer. */
@FunctionalInterface
public interface Asking {

  /**
   * Returns when the answer is there, or nothing is to be expected any more.
   *
   * @param timeoutMillis how long the device has to answer, 10..10000
   * @param form speed and character form on a serial line, null for the line's own
   * @throws InterruptedException if whoever waits is to end
   */
  Answer ask(Request request, int timeoutMillis, Inquiry.@Nullable Form form)
      throws InterruptedException;

  /** Longer than a line keeps an inquiry waiting, and the longest timeout. */
  long PATIENCE_SECONDS = 40;

  /** Through the inbox of the line's step, which another thread runs; no poll is late for it. */
  static Asking through(Inbox<Inquiry> inbox) {
    return through(inbox, false);
  }

  /** The same for somebody who waits for the answer: a poll may be late for it. */
  static Asking pressing(Inbox<Inquiry> inbox) {
    return through(inbox, true);
  }

  private static Asking through(Inbox<Inquiry> inbox, boolean pressing) {
    return (request, timeoutMillis, form) -> {
      Inquiry inquiry =
          new Inquiry(request, timeoutMillis, form, pressing, new CompletableFuture<>());
      if (!inbox.offer(inquiry)) {
        return new Answer.NotAsked(
            new Sentence(
                "others are asking on this line already: try again in a minute",
                "这条线路上已有别的调试：请一分钟后再试"));
      }
      try {
        return inquiry.answer().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        return new Answer.NotAsked(
            new Sentence(
                "the line did not say anything for "
                    + PATIENCE_SECONDS
                    + " s: is its thread alive? /healthz tells",
                "线路 " + PATIENCE_SECONDS + " 秒没有动静：看总览里“处理环节”是否都在运行"));
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      } finally {
        inquiry.answer().cancel(false);
      }
    };
  }
}
