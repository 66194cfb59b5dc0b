package io.lingtan.agent;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.agent.run.Supervisor;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.status.SiteView;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Tells the service manager that the agent is ready, how it is, and that it lives: the last only
 * while every step goes on being called and the ledger does not fail at each call for two minutes,
 * so that what hangs ends the process and it is started anew. A thread of its own.
 */
final class Watchdog extends NamedStep {

  private static final Duration USUAL_TURN = Duration.ofSeconds(5);
  private static final Duration SHORTEST_TURN = Duration.ofMillis(100);

  private static final int LONGEST_WHY = 400;

  private final Supervisor supervisor;
  private final Supplier<SiteView> view;
  private final Time time;
  private final Duration turn;
  private MonotonicInstant next;
  private boolean ready;
  private volatile String told = "";

  /**
   * @param view everything that can be shown, as of the call
   */
  Watchdog(Supervisor supervisor, Supplier<SiteView> view, Time time) {
    super("watchdog");
    this.supervisor = supervisor;
    this.view = view;
    this.time = time;
    this.next = time.now();
    Duration third = supervisor.watchdog().dividedBy(3);
    this.turn =
        third.isZero() || third.compareTo(USUAL_TURN) > 0
            ? USUAL_TURN
            : third.compareTo(SHORTEST_TURN) < 0 ? SHORTEST_TURN : third;
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
    next = now.plus(turn);
    SiteView seen = view.get();
    String trouble = seen.trouble();
    String status = status(seen, trouble);
    if (!status.equals(told)) {
      told = status;
      supervisor.tell("STATUS=" + status);
    }
    if (!seen.isLost()) {
      if (!ready) {
        ready = true;
        supervisor.tell("READY=1");
      }
      supervisor.tell("WATCHDOG=1");
    }
    return 1;
  }

  /** In one line, what somebody asks first. */
  static String status(SiteView seen, String trouble) {
    if (!trouble.isEmpty()) {
      return trouble;
    }
    String refused = seen.refused() == null ? "" : "; " + refusal(seen.refused().english());
    String uplink =
        !seen.site().mqtt().isConfigured()
            ? "no broker"
            : seen.uplink().connected() ? "MQTT connected" : "MQTT away";
    return "%s: %d lines, %d devices, %s, %d records to send%s"
        .formatted(
            seen.site().gateway(),
            seen.site().lines().size(),
            seen.site().devices().size(),
            uplink,
            seen.store().waiting(),
            refused);
  }

  private static String refusal(String why) {
    String line = why.replace('\n', ' ');
    return "the site file is refused, the one before goes on: "
        + (line.length() <= LONGEST_WHY ? line : line.substring(0, LONGEST_WHY) + " ...");
  }

  /** The site file is being read again; {@link #reloaded} ends that. Any thread. */
  void reloading() {
    supervisor.tell("RELOADING=1", "MONOTONIC_USEC=" + time.now().nanos() / 1000);
  }

  /** Any thread. */
  void reloaded() {
    SiteView seen = view.get();
    told = status(seen, seen.trouble());
    supervisor.tell("READY=1", "STATUS=" + told);
  }

  /** The agent ends. Any thread. */
  void stopping() {
    supervisor.tell("STOPPING=1");
  }
}
