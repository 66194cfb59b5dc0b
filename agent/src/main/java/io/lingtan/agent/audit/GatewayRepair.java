package io.lingtan.agent.audit;

import io.lingtan.agent.audit.RepairReport.Left;
import io.lingtan.agent.audit.RepairReport.Why;
import io.lingtan.agent.audit.link.GatewayRequests;
import io.lingtan.agent.audit.message.NumberSet;
import io.lingtan.agent.audit.message.Range;
import io.lingtan.agent.audit.message.ReplayReply;
import io.lingtan.agent.run.MonotonicInstant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks one gateway for what is missing of it: one request at a time, again after a pause that
 * doubles where the answer stayed away or broke off, at most {@value #MOST_TRIES} times. What was
 * in vain is left alone for {@link #AGAIN}, what is gone for ever. One thread.
 */
final class GatewayRepair {

  /** Only what has been missing for so long is: a message may still be on its way. */
  static final Duration GRACE = Duration.ofMillis(Completeness.STEADY_MILLIS);

  static final Duration ANSWER = Duration.ofSeconds(30);
  static final Duration NEXT_BATCH = Duration.ofSeconds(60);

  /** A gateway that is back goes on within this, unless it was started anew. */
  static final Duration AFTER_RETURN = Duration.ofSeconds(10);

  static final Duration AGAIN = Duration.ofMinutes(15);
  static final int MOST_TRIES = 4;
  static final int MOST_BUSY = 20;

  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final long FIRST_PAUSE_MILLIS = 2_000;
  private static final long LONGEST_PAUSE_MILLIS = 60_000;
  private static final int MOST_DOUBLINGS = 8;

  private final String gateway;
  private final GatewayTrail trail;
  private final boolean all;
  private final RandomGenerator random;
  private final InVain inVain = new InVain();
  private List<Wanted> seen = List.of();
  private @Nullable MonotonicInstant seenAt;
  private MonotonicInstant lookAt = new MonotonicInstant(0);
  private MonotonicInstant notBefore = new MonotonicInstant(0);
  private @Nullable Request request;
  private int tries;
  private int busy;
  private long requests;
  private long repaired;

  /** A request that is out. */
  private static final class Request {
    final Wanted wanted;
    final String name;
    final GatewayRequests.SentRequest asked;
    final NumberSet came = new NumberSet();
    List<Range> gone = List.of();
    boolean isAnswered;
    MonotonicInstant deadline;

    Request(
        Wanted wanted, String name, GatewayRequests.SentRequest asked, MonotonicInstant deadline) {
      this.wanted = wanted;
      this.name = name;
      this.asked = asked;
      this.deadline = deadline;
    }
  }

  /**
   * @param all whether everything is wanted that the gateway has, be it from before this audit ever
   *     listened
   */
  GatewayRepair(String gateway, GatewayTrail trail, boolean all, RandomGenerator random) {
    this.gateway = gateway;
    this.trail = trail;
    this.all = all;
    this.random = random;
  }

  /** Whether a request is out. */
  boolean isAsking() {
    return request != null;
  }

  /** Whether something that is missing may still come, now or when the gateway is back. */
  boolean isHoping(MonotonicInstant now) {
    return request != null || !inVain.without(trail.absent(all), now).isEmpty();
  }

  /** Whether it goes on by itself to where there is nothing more to hope for. */
  boolean isAtWork() {
    return trail.isReachable() && (request != null || !seen.isEmpty());
  }

  long requests() {
    return requests;
  }

  long repaired() {
    return repaired;
  }

  /**
   * Goes on as far as it can without waiting.
   *
   * @param mayAsk whether another request may go out now
   */
  void step(MonotonicInstant now, boolean mayAsk, GatewayRequests asking) {
    boolean isThere = trail.isReachable();
    Request out = request;
    if (out != null) {
      check(out, isThere, now);
    } else if (!now.isBefore(lookAt)) {
      lookAt = now.plus(LOOK);
      look(now, mayAsk && isThere && !now.isBefore(notBefore), asking);
    }
  }

  private void check(Request out, boolean isThere, MonotonicInstant now) {
    if (!isThere) {
      out.deadline = MonotonicInstant.NEVER; // it is away, and may go on when it is back
      return;
    }
    if (out.deadline.equals(MonotonicInstant.NEVER)) {
      out.deadline = now.plus(AFTER_RETURN);
    }
    GatewayRequests.Failure failure = out.isAnswered ? null : out.asked.failure();
    if (failure != null && failure.isRefused()) {
      request = null;
      giveUp(out.wanted, Why.REFUSED, failure.text(), now.plus(AGAIN));
    } else if (failure != null) {
      tryAgain(out, failure.text(), now);
    } else if (!now.isBefore(out.deadline)) {
      tryAgain(out, out.isAnswered ? "the answer broke off" : "nothing came back", now);
    }
  }

  private void look(MonotonicInstant now, boolean mayAsk, GatewayRequests asking) {
    List<Wanted> missing = inVain.without(trail.absent(all), now);
    MonotonicInstant before = seenAt;
    if (before == null || missing.isEmpty()) {
      seen = missing;
      seenAt = now;
    } else if (mayAsk && now.nanosSince(before) >= GRACE.toNanos()) {
      List<Wanted> lasting = Wanted.inBoth(seen, missing);
      seen = missing;
      seenAt = now;
      if (!lasting.isEmpty()) {
        ask(Wanted.first(lasting), asking, now);
      }
    }
  }

  private void ask(Wanted wanted, GatewayRequests asking, MonotonicInstant now) {
    String name = HexFormat.of().toHexDigits(random.nextLong());
    GatewayRequests.SentRequest asked = asking.replay(gateway, wanted.payload(), name);
    if (asked != null) {
      request = new Request(wanted, name, asked, now.plus(ANSWER));
      requests++;
    }
  }

  /**
   * Something came for whoever asked.
   *
   * @param correlation of the message, empty if it had none
   * @param records that were in it
   * @param fresh how many of them had been missing
   */
  void took(
      ReplayReply reply, String correlation, List<Long> records, long fresh, MonotonicInstant now) {
    repaired += fresh;
    Request out = request;
    if (out == null || !out.name.equals(correlation)) {
      return; // of a request that was given up: its records count all the same
    }
    records.forEach(seq -> out.came.add(seq, seq));
    switch (reply) {
      case ReplayReply.Queued(long queued, List<Range> gone) -> {
        out.isAnswered = true;
        out.gone = gone;
        out.deadline = now.plus(NEXT_BATCH);
      }
      case ReplayReply.Part part -> {
        out.isAnswered = true;
        out.deadline = now.plus(NEXT_BATCH);
      }
      case ReplayReply.Refused(String error, boolean isBusy) -> refused(out, error, isBusy, now);
      case ReplayReply.End end -> ended(out, end, now);
    }
  }

  private void refused(Request out, String error, boolean isBusy, MonotonicInstant now) {
    request = null;
    if (isBusy && ++busy <= MOST_BUSY) {
      pause(busy, now);
    } else {
      giveUp(out.wanted, Why.REFUSED, error, now.plus(AGAIN));
    }
  }

  private void ended(Request out, ReplayReply.End end, MonotonicInstant now) {
    String epoch = out.wanted.epoch();
    List<Range> gone = end.gone().isEmpty() ? out.gone : end.gone();
    // Where as many came as were sent, whatever did not come is gone, listed or not.
    if (end.error() == null && out.came.count() >= end.sent() && end.tooLarge().isEmpty()) {
      gone = List.of(out.wanted.range());
    }
    for (Wanted missing : absent(out.wanted)) {
      for (Range range : within(gone, missing.range())) {
        inVain.add(epoch, range, Why.GONE, "", MonotonicInstant.NEVER);
      }
      for (Range range : within(end.tooLarge(), missing.range())) {
        inVain.add(epoch, range, Why.TOO_LARGE, "", now.plus(AGAIN));
      }
    }
    if (inVain.without(absent(out.wanted), now).isEmpty()) {
      request = null;
      tries = 0;
      busy = 0;
    } else {
      String error = end.error();
      tryAgain(out, error == null ? "not all of the answer arrived" : error, now);
    }
  }

  /** What of these numbers is still missing. */
  private List<Wanted> absent(Wanted wanted) {
    return Wanted.inBoth(List.of(wanted), trail.absent(all));
  }

  private static List<Range> within(List<Range> ranges, Range bounds) {
    List<Range> within = new ArrayList<>();
    for (Range range : ranges) {
      long from = Math.max(range.from(), bounds.from());
      long to = Math.min(range.to(), bounds.to());
      if (from <= to) {
        within.add(new Range(from, to));
      }
    }
    return within;
  }

  private void tryAgain(Request out, String why, MonotonicInstant now) {
    request = null;
    if (++tries < MOST_TRIES) {
      pause(tries, now);
    } else {
      giveUp(
          out.wanted,
          Why.NO_ANSWER,
          "asked %d times: %s".formatted(MOST_TRIES, why),
          now.plus(AGAIN));
    }
  }

  private void giveUp(Wanted wanted, Why why, String detail, MonotonicInstant until) {
    tries = 0;
    busy = 0;
    inVain.add(wanted.epoch(), wanted.range(), why, detail, until);
  }

  /** Half to all of it, so that many who lost one gateway do not ask as one. */
  private void pause(int times, MonotonicInstant now) {
    long pause =
        Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(times - 1, MOST_DOUBLINGS));
    notBefore = now.plusMillis(pause / 2 + random.nextLong(pause / 2 + 1));
  }

  /** What is still missing, and why. */
  List<Left> left() {
    List<Left> left = new ArrayList<>();
    for (GatewayTrail.Missing missing : trail.unexplained(all)) {
      left.addAll(inVain.explain(gateway, missing.epoch(), missing.hole(), trail.isReachable()));
    }
    return left;
  }
}
