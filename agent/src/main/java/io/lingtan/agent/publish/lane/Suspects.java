package io.lingtan.agent.publish.lane;

import io.lingtan.agent.publish.lane.Window.Sent;
import io.lingtan.agent.publish.link.Failure;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.run.MonotonicInstant;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns from what was under way when a connection ended: which message may have been the reason.
 */
public final class Suspects {

  private static final Logger log = LoggerFactory.getLogger(Suspects.class);

  /** In bytes: a broker that takes less says so when it is connected to, or is not believed. */
  static final int LEAST_LIMIT = 16 * 1024;

  /**
   * How long after a refusal the end of the connection is put down to it: mosquitto 2.0 cuts a
   * moment after it has refused.
   */
  private static final Duration CUT_FOLLOWS = Duration.ofSeconds(5);

  private final String gateway;
  private final Window window;
  private final TopicBackoff backoff;
  private final Notices notices;
  private final Counters counters;

  /** What was learned, by server: a few names from the site file. */
  private final Map<String, Integer> packetLimits = new HashMap<>();

  /** When a PUBACK last refused a message. */
  private @Nullable MonotonicInstant refusedAt;

  public Suspects(
      String gateway, Window window, TopicBackoff backoff, Notices notices, Counters counters) {
    this.gateway = gateway;
    this.window = window;
    this.backoff = backoff;
    this.notices = notices;
    this.counters = counters;
  }

  /** Greatest packet to send to a server as far as is known, in bytes. */
  public int packetLimit(String server) {
    return packetLimits.getOrDefault(server, Integer.MAX_VALUE);
  }

  /** A PUBACK refused a message. */
  public void refused(MonotonicInstant now) {
    refusedAt = now;
  }

  /** A connection lasts: nobody is suspected any more. */
  public void clear() {
    window.trustAll();
  }

  /**
   * A connection to {@code server} ended; the window still holds what was under way.
   *
   * @param wasAcked whether anything was acknowledged on it
   */
  public void lost(String server, Failure failure, boolean wasAcked, MonotonicInstant now) {
    if (failure.kind() == Failure.Kind.PACKET_TOO_LARGE) {
      learnPacketLimit(server);
    }
    // A broker that acknowledges nothing at all forbids nothing, and other ends say why.
    boolean isStuckOnOne = failure.kind() == Failure.Kind.STUCK && wasAcked;
    if (failure.kind() == Failure.Kind.CLOSED || isStuckOnOne) {
      suspect(server, now);
    }
  }

  /**
   * A broker that named no maximum, but has one: the largest message under way was too large. That
   * holds for this server alone, and never for messages that any broker takes: what does not fit is
   * given up for good, and one word of one broker must not make us give up everything.
   */
  private void learnPacketLimit(String server) {
    int largest = 0;
    for (Sent sent : window.all()) {
      largest = Math.max(largest, sent.message().packetBytes());
    }
    if (largest > LEAST_LIMIT) {
      packetLimits.put(server, largest - 1);
    }
  }

  /**
   * Some brokers cut whoever publishes what is forbidden, or say nothing to it, and the PUBACK that
   * would say so is never seen; nor are those of what was sent before it. So each topic that was
   * under way travels alone until it is acknowledged, and one that takes the connection down by
   * itself is treated as refused, so that it does not take everything else down again and again.
   */
  private void suspect(String server, MonotonicInstant now) {
    if (window.size() == 0) {
      return;
    }
    if (window.isAlone() && !followsRefusal(now)) {
      accuse(server, window.all().iterator().next().message().topic(), now);
    }
    window.suspectAll();
  }

  private boolean followsRefusal(MonotonicInstant now) {
    return refusedAt != null && now.nanosSince(refusedAt) < CUT_FOLLOWS.toNanos();
  }

  private void accuse(String server, String topic, MonotonicInstant now) {
    if (!backoff.refused(topic, now)) {
      return;
    }
    counters.refused++;
    log.warn(
        "{} ended the connection while nothing but a message of {} to {} was under way, and another"
            + " time before: is it allowed there? Other topics go first from now on",
        server,
        gateway,
        topic);
    notices.tell(
        Event.of("uplink.refused", Severity.ALARM)
            .with("topic", topic)
            .with("what", "publish")
            .with("reason", "disconnect"));
  }
}
