package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.publish.lane.Notices;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.run.MonotonicInstant;
import java.time.Duration;

/**
 * What hosts ask of the node: to be born again, and nothing else; of its devices nothing at all.
 * What is refused is counted, and told once a minute at most.
 */
final class NodeCommands {

  /** Births because somebody asks are so far apart at least. */
  static final Duration SPACING = Duration.ofSeconds(1);

  private static final String NODE = "NCMD";
  private static final Duration REFUSALS_TOLD_EVERY = Duration.ofMinutes(1);

  private final Notices notices;
  private boolean isWaiting;
  private MonotonicInstant bornAt = new MonotonicInstant(0);
  private MonotonicInstant refusalTold = new MonotonicInstant(0);
  private long refused;

  NodeCommands(Notices notices) {
    this.notices = notices;
  }

  /** Everything is born now, for whatever reason. */
  void born(MonotonicInstant now) {
    isWaiting = false;
    bornAt = now;
  }

  /** Whether somebody asked for births that are not made yet: no values until then. */
  boolean isWaiting() {
    return isWaiting;
  }

  /** When births that were asked for may be made. */
  MonotonicInstant due() {
    return bornAt.plus(SPACING);
  }

  long refused() {
    return refused;
  }

  /** An NCMD. */
  void heard(Signal.Arrived arrived, MonotonicInstant now) {
    if (arrived.flaw() != null) {
      refuse(NODE, "a message to '" + arrived.topic() + "' makes no sense: " + arrived.flaw(), now);
      return;
    }
    if (arrived.retained()) {
      refuse(NODE, "it is retained, so nobody asks now", now);
      return;
    }
    try {
      for (Command command : Command.of(arrived.payload())) {
        if (command.name().equals(SparkplugTopics.REBIRTH) && Boolean.TRUE.equals(command.flag())) {
          isWaiting = true;
        } else {
          refuse(
              NODE, "only '" + SparkplugTopics.REBIRTH + "' = true can be asked of this node", now);
        }
      }
    } catch (Command.Malformed e) {
      refuse(NODE, "no Sparkplug payload: " + e.getMessage(), now);
    }
  }

  /** A DCMD. */
  void heardOfDevice(MonotonicInstant now) {
    refuse("DCMD", "nothing can be written to devices through this node: it only reads them", now);
  }

  private void refuse(String command, String why, MonotonicInstant now) {
    refused++;
    if (refused == 1 || !now.isBefore(refusalTold.plus(REFUSALS_TOLD_EVERY))) {
      refusalTold = now;
      notices.tell(
          Event.of("command.refused", Severity.WARNING)
              .with("view", "sparkplug")
              .with("command", command)
              .with("error", why));
    }
  }
}
