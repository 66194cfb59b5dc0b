package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.publish.lane.Notices;
import io.lingtan.agent.publish.link.Failure;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the view stands, and that it is told: each kind of failure once until a connection has held,
 * and that it is over.
 */
final class ViewHealth {

  private static final Logger log = LoggerFactory.getLogger(ViewHealth.class);

  private final Notices notices;
  private Failure.@Nullable Kind told;
  private boolean isDownTold;
  private @Nullable String problem;
  private @Nullable String why;

  ViewHealth(Notices notices) {
    this.notices = notices;
  }

  /** Why it is not online, for a person; null if it is. */
  @Nullable String problem() {
    return problem;
  }

  /** Of which kind that is, as {@code ViewSnapshot} has it; null if it is online. */
  @Nullable String why() {
    return why;
  }

  /** It waits for something, which is nobody's fault. */
  void waits(String kind, String words) {
    problem = words;
    why = kind;
  }

  /** A connection has held: the next failure is news again. */
  void held() {
    told = null;
  }

  /**
   * @param next when it is tried again, for a person
   */
  void failed(Failure failure, String server, String next) {
    problem = failure.sentence();
    why = failure.kind().word();
    if (told == failure.kind()) {
      return;
    }
    told = failure.kind();
    isDownTold = true;
    log.warn("Sparkplug view: {}; {}", failure.sentence(), next);
    notices.tell(
        Event.of("uplink.view_down", Severity.WARNING)
            .with("view", "sparkplug")
            .with("reason", failure.kind().word())
            .with("server", server)
            .with("detail", failure.sentence()));
  }

  void online(String server) {
    problem = null;
    why = null;
    if (isDownTold) {
      isDownTold = false;
      log.info("the Sparkplug view is online at {}", server);
      notices.tell(
          Event.of("uplink.view_up", Severity.INFO)
              .with("view", "sparkplug")
              .with("server", server));
    }
  }
}
