package io.lingtan.agent.acquire.line;

import io.lingtan.agent.acquire.share.SharedLine;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Step;
import org.jspecify.annotations.Nullable;

/**
 * What one line does: gets its devices' readings into the ledger's queue. One thread owns it, or a
 * simulator calls it by hand on virtual time.
 */
public interface LineStep extends Step {

  @Override
  default String name() {
    return "line " + snapshot().id();
  }

  /** The line and its devices as they are now. Any thread. */
  LineSnapshot snapshot();

  /** What others who read the line through us meet it by; null if it is lent to nobody. */
  default @Nullable SharedLine shared() {
    return null;
  }

  /** Where to ask something beside the polls; null where nobody can. */
  default @Nullable Inbox<Inquiry> inquiries() {
    return null;
  }
}
