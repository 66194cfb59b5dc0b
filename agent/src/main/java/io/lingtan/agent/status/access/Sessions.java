package io.lingtan.agent.status.access;

import io.lingtan.agent.run.MonotonicInstant;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Browsers that gave the PIN: at most {@value #MOST}, each until it has asked for nothing for 30
 * minutes; one more takes the place of the one that asked least lately. Not thread-safe.
 */
final class Sessions {

  /** Until a session ends by itself after its last request, s. */
  static final long SECONDS = 30 * 60;

  private static final int MOST = 16;
  private static final int TOKEN_BYTES = 16;

  /**
   * A browser's.
   *
   * @param number by which it is called to others, who never see its token
   * @param who gave the PIN
   * @param from where
   * @param begun when
   * @param used when last
   */
  record Session(
      long number,
      Technician who,
      InetAddress from,
      MonotonicInstant begun,
      MonotonicInstant used) {

    private Session at(MonotonicInstant now) {
      return new Session(number, who, from, begun, now);
    }

    private boolean isOver(MonotonicInstant now) {
      return now.millisSince(used) > SECONDS * 1_000;
    }
  }

  /** By token; the one used least lately first. */
  private final Map<String, Session> all = new LinkedHashMap<>(MOST, 0.75F, true);

  private long begun;

  private final RandomGenerator random;

  /**
   * @param random unpredictable
   */
  Sessions(RandomGenerator random) {
    this.random = random;
  }

  /** A new session's token, 128 bits in hex. */
  String begin(Technician who, InetAddress from, MonotonicInstant now) {
    if (all.size() >= MOST) {
      all.remove(all.keySet().iterator().next());
    }
    byte[] bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    String token = HexFormat.of().formatHex(bytes);
    all.put(token, new Session(++begun, who, from, now, now));
    return token;
  }

  /** Whose session it is, which goes on from now then; null if there is none. */
  @Nullable Technician goesOn(String token, MonotonicInstant now) {
    Session session = all.get(token);
    if (session == null) {
      return null;
    }
    if (session.isOver(now)) {
      all.remove(token);
      return null;
    }
    all.put(token, session.at(now));
    return session.who();
  }

  /** Whether a session goes on; it does not for being asked. */
  boolean has(String token, MonotonicInstant now) {
    return all.entrySet().stream()
        .anyMatch(each -> each.getKey().equals(token) && !each.getValue().isOver(now));
  }

  /** Those that go on, the one used least lately first. */
  List<Session> list(MonotonicInstant now) {
    all.values().removeIf(session -> session.isOver(now));
    return List.copyOf(all.values());
  }

  void endAll() {
    all.clear();
  }

  void end(String token) {
    all.remove(token);
  }

  /** Ends all of a named technician. */
  void endOf(String name) {
    all.values().removeIf(session -> session.who().name().equals(name));
  }

  /** Ends another's; the one that was ended, null if there is none of this number. */
  @Nullable Session end(long number) {
    for (Map.Entry<String, Session> each : all.entrySet()) {
      if (each.getValue().number() == number) {
        return all.remove(each.getKey());
      }
    }
    return null;
  }
}
