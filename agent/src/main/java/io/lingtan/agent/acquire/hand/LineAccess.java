package io.lingtan.agent.acquire.hand;

import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.run.Inbox;
import org.jspecify.annotations.Nullable;

/** Asks one thing of one line and waits for the answer. */
@FunctionalInterface
public interface LineAccess {

  /**
   * Returns when the answer is there, or nothing is to be expected any more.
   *
   * @param timeoutMillis how long the device has to answer, 10..10000
   * @param form speed and character form on a serial line, null for the line's own
   * @throws InterruptedException if whoever waits is to end
   */
  Answer ask(Request request, int timeoutMillis, Inquiry.@Nullable Form form)
      throws InterruptedException;

  /** Exceptions 5 and 6: it will answer, or cannot now. */
  private static boolean isBusy(Answer answer) {
    return answer instanceof Answer.Refused(var wire, int code) && (code == 5 || code == 6);
  }

  /** The same where a Modbus unit that says that it is busy is asked again, twice at most. */
  static LineAccess patient(LineAccess asking) {
    return (request, timeoutMillis, form) -> {
      Answer answer = asking.ask(request, timeoutMillis, form);
      for (int i = 0; i < 2 && request instanceof Request.Registers && isBusy(answer); i++) {
        answer = asking.ask(request, timeoutMillis, form);
      }
      return answer;
    };
  }

  /** Longer than a line keeps an inquiry waiting, and the longest timeout. */
  long PATIENCE_SECONDS = 40;

  /** Through the inbox of the line's step, which another thread runs; no poll is late for it. */
  static InboxAccess through(Inbox<Inquiry> inbox) {
    return new InboxAccess(inbox, false);
  }

  /** The same for somebody who waits for the answer: a poll may be late for it. */
  static InboxAccess pressing(Inbox<Inquiry> inbox) {
    return new InboxAccess(inbox, true);
  }
}
