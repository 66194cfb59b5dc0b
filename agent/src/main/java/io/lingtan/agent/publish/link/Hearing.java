package io.lingtan.agent.publish.link;

import io.lingtan.agent.run.MonotonicInstant;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connection is still heard: somebody reads it, and the broker says something. A library
 * whose receiving thread has ended looks connected for ever, and so does a broker that only the
 * kernel answers for. The thread of whoever has the connection.
 */
public final class Hearing {

  /** Paho looks for more once a second. */
  static final Duration LONGEST_UNREAD = Duration.ofSeconds(10);

  /** So much counts between two looks at most: a process that was stopped has missed nothing. */
  private static final Duration MOST_AT_ONCE = Duration.ofSeconds(1);

  private Broker.Heard heard = Broker.Heard.UNKNOWN;
  private MonotonicInstant looked = new MonotonicInstant(0);
  private long unreadNanos;
  private long silentNanos;

  /** Another connection begins. */
  public void opened(MonotonicInstant now) {
    heard = Broker.Heard.UNKNOWN;
    looked = now;
    unreadNanos = 0;
    silentNanos = 0;
  }

  /**
   * Looks, about each second.
   *
   * @return why the connection is good for nothing any more, null if it is good
   */
  public @Nullable Failure look(String server, Broker.Heard now, MonotonicInstant at) {
    long passed = Math.min(at.nanosSince(looked), MOST_AT_ONCE.toNanos());
    looked = at;
    boolean isKnown = !now.equals(Broker.Heard.UNKNOWN);
    unreadNanos = isKnown && now.asked() == heard.asked() ? unreadNanos + passed : 0;
    silentNanos = isKnown && now.packets() == heard.packets() ? silentNanos + passed : 0;
    heard = now;
    if (unreadNanos >= LONGEST_UNREAD.toNanos()) {
      return deaf(server, "the MQTT library has stopped reading, although the connection is up");
    }
    // One and a half keep-alives: until then the answer to a ping must have come.
    Duration longest = Duration.ofMillis(now.keepAliveSeconds() * 1500L);
    if (longest.isPositive() && silentNanos >= longest.toNanos()) {
      return deaf(
          server,
          "nothing came for %d s, no answer to a ping either".formatted(longest.toSeconds()));
    }
    return null;
  }

  private static Failure deaf(String server, String why) {
    return new Failure(Failure.Kind.STUCK, -1, server + ": " + why + "; connecting anew");
  }
}
