package io.lingtan.agent;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Waiter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/**
 * Puts key, PIN and pass on the card that could not be put there at the start, since it was full or
 * could not be written: each {@value #SECONDS} s or so, for as long as it takes. It fails while
 * there is one that cannot be kept, so that {@code /healthz} and the page tell of it, and tells the
 * event {@code agent.secrets_kept} once there is none.
 */
final class SecretsRetry implements Step {

  private static final int SECONDS = 5;

  private final Agent agent;
  private final PageKeeper page;
  private final Waiter waiter = Waiter.parking();
  private MonotonicInstant next;
  private boolean lacks;

  SecretsRetry(Agent agent, PageKeeper page, MonotonicInstant now) {
    this.agent = agent;
    this.page = page;
    this.next = now.plus(Duration.ofSeconds(SECONDS));
    this.lacks = !agent.isKeyKept() || !page.notKept().isEmpty();
  }

  /** Whether all are on the card. */
  boolean isDone() {
    return !lacks;
  }

  @Override
  public String name() {
    return "secrets";
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }

  @Override
  public MonotonicInstant due() {
    return next;
  }

  @Override
  public int step(MonotonicInstant now) {
    if (now.isBefore(next)) {
      return 0;
    }
    next = now.plus(Duration.ofSeconds(SECONDS));
    if (lacks) {
      keep();
    }
    return 1;
  }

  private void keep() {
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

  @Override
  public void close() {}
}
