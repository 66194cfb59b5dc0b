package io.lingtan.agent.publish.link;

import io.lingtan.agent.run.MonotonicInstant;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * When to try which server next. Each round tries all servers in order, one right after the other;
 * after a round without success the pause is drawn between zero and a cap ("full jitter", so that a
 * thousand gateways do not return together), and the cap doubles from 1 s to 30 s: a broker that is
 * back has all its gateways back half a minute later. A connection that held for a minute resets it
 * and starts again at the first server.
 *
 * <p>The first try is made at once, unless the machine itself has just started: after a power cut
 * all gateways of a town do, and each draws its first try from {@code mqtt.spread}.
 */
public final class Reconnect {

  static final Duration FIRST_CAP = Duration.ofSeconds(1);
  static final Duration LAST_CAP = Duration.ofSeconds(30);

  /** A connection that held so long counts. */
  public static final Duration STABLE = Duration.ofMinutes(1);

  /** A machine that is up for less has just started. */
  static final Duration JUST_STARTED = Duration.ofMinutes(5);

  private final List<String> servers;
  private final RandomGenerator random;
  private int server;
  private long failures;
  private long capNanos = FIRST_CAP.toNanos();
  private MonotonicInstant next;

  /**
   * @param servers at least one
   * @param spread most that the first try waits on a machine that has just started
   */
  public Reconnect(
      List<String> servers, Duration spread, RandomGenerator random, MonotonicInstant now) {
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("a publisher needs a server");
    }
    this.servers = List.copyOf(servers);
    this.random = random;
    boolean wait = spread.isPositive() && now.nanos() < JUST_STARTED.toNanos();
    this.next = wait ? now.plusNanos(random.nextLong(spread.toNanos() + 1)) : now;
  }

  /** The server to try, or tried last. */
  public String server() {
    return servers.get(server);
  }

  /** When to try it. */
  public MonotonicInstant next() {
    return next;
  }

  /** How many tries have failed since a connection held. */
  public long failures() {
    return failures;
  }

  /** What comes next, for a person: which server is tried, and when. */
  public String said(MonotonicInstant now) {
    long millis = Math.max(0, next.millisSince(now));
    String at = servers.size() > 1 ? " at " + server() : "";
    return "next try" + at + (millis < 100 ? " at once" : " in %.1f s".formatted(millis / 1000.0));
  }

  /** A try failed, or a connection ended before it was stable. */
  public void failed(MonotonicInstant now) {
    failures++;
    server = (server + 1) % servers.size();
    if (server != 0) {
      next = now;
      return;
    }
    pause(now);
  }

  /** A connection ended that began at {@code since}. */
  public void lost(MonotonicInstant since, MonotonicInstant now) {
    if (now.nanosSince(since) < STABLE.toNanos()) {
      failed(now);
      return;
    }
    server = 0;
    failures = 0;
    capNanos = FIRST_CAP.toNanos();
    pause(now);
  }

  /** A try is made at the same server at once: the connection was given up for something better. */
  public void again(MonotonicInstant now) {
    next = now;
  }

  /** No try is made before {@code earliest}. */
  public void notBefore(MonotonicInstant earliest) {
    next = next.isBefore(earliest) ? earliest : next;
  }

  private void pause(MonotonicInstant now) {
    next = now.plusNanos(random.nextLong(capNanos + 1));
    capNanos = Math.min(capNanos * 2, LAST_CAP.toNanos());
  }
}
