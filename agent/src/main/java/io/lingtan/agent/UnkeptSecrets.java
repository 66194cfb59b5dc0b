package io.lingtan.agent;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Key, PIN and pass that could not be put on the card at the start, since it was full or could not
 * be written. Used on the thread of its {@link Retry}.
 */
final class UnkeptSecrets {

  private final Agent agent;
  private final PageKeeper page;
  private boolean lacks;

  UnkeptSecrets(Agent agent, PageKeeper page) {
    this.agent = agent;
    this.page = page;
    this.lacks = !agent.isKeyKept() || !page.notKept().isEmpty();
  }

  /** Whether all are on the card. */
  boolean isNone() {
    return !lacks;
  }

  /**
   * Puts them there, and tells the event {@code agent.secrets_kept} once all are.
   *
   * @throws RuntimeException while one cannot be: so {@code /healthz} and the page tell of it
   */
  void keep() {
    if (!lacks) {
      return;
    }
    page.keepSecrets();
    try {
      agent.keepKey();
    } catch (IOException e) {
      throw new UncheckedIOException("the signing key is not on the card", e);
    }
    String notKept = page.notKept();
    if (!notKept.isEmpty()) {
      throw new IllegalStateException(
          "the PIN of the page, or its pass, is not on the card: " + notKept);
    }
    lacks = false;
    agent.notice(Event.of("agent.secrets_kept", Severity.INFO));
  }
}
