package io.lingtan.agent.acquire.hand;

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

/** Asks through the inbox of a line's step, which another thread runs, until the line ends. */
public final class InboxAccess implements LineAccess {

  private static final Answer ENDED =
      new Answer.NotAsked(
          new Sentence("the line has been changed meanwhile: ask again", "线路设置刚刚被改动：请重新操作"));

  private final Inbox<Inquiry> inbox;
  private final boolean pressing;
  private @Nullable Inquiry waiting;
  private boolean ended;

  /**
   * @param pressing whether a poll may be late for it
   */
  InboxAccess(Inbox<Inquiry> inbox, boolean pressing) {
    this.inbox = inbox;
    this.pressing = pressing;
  }

  @Override
  public Answer ask(Request request, int timeoutMillis, Inquiry.@Nullable Form form)
      throws InterruptedException {
    Inquiry inquiry =
        new Inquiry(request, timeoutMillis, form, pressing, new CompletableFuture<>());
    if (!begin(inquiry)) {
      return ENDED;
    }
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
  }

  private synchronized boolean begin(Inquiry inquiry) {
    waiting = inquiry;
    return !ended;
  }

  /** The line has ended: nobody answers there, and whoever waits is told. Any thread. */
  public synchronized void end() {
    ended = true;
    if (waiting != null) {
      waiting.answer().complete(ENDED);
    }
  }
}
