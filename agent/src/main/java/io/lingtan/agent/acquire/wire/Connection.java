package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.acquire.wire.Channel.Trouble;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import org.jspecify.annotations.Nullable;

/** Keeps a line's channel open, for ever: with a pause that doubles from 1 s to 30 s. */
public final class Connection {

  private static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
  private static final long LONGEST_PAUSE_NANOS = 30_000_000_000L;

  private enum State {
    CLOSED,
    OPENING,
    OPEN
  }

  private final Channel channel;
  private final long openWithinNanos;
  private final long leastPauseNanos;
  private State state = State.CLOSED;
  private long dueNanos;
  private long openingSince;
  private long pauseNanos;
  private boolean proved;
  private @Nullable Trouble trouble;
  private long attempts;
  private long failures;

  /**
   * @param openWithinNanos how long opening may take
   * @param pauseNanos least time between a connection's end and the next one, for gateways that
   *     take one client only and would refuse, or hang up on, a second one
   */
  public Connection(Channel channel, long openWithinNanos, long pauseNanos) {
    this.channel = channel;
    this.openWithinNanos = openWithinNanos;
    this.leastPauseNanos = pauseNanos;
  }

  public boolean isOpen() {
    return state == State.OPEN;
  }

  /** Whether polls should wait for an attempt that is under way or about to begin. */
  public boolean isOpening(long now, long patienceNanos) {
    return state == State.OPENING
        ? now - openingSince < patienceNanos
        : state == State.CLOSED && (dueNanos <= now || pauseNanos == 0);
  }

  /** Why it is not open, or was not at the last attempt; null while it works. */
  public @Nullable Trouble trouble() {
    return trouble;
  }

  public long dueNanos() {
    return switch (state) {
      case CLOSED -> dueNanos;
      case OPENING -> openingSince + openWithinNanos;
      case OPEN -> Long.MAX_VALUE;
    };
  }

  /** Attempts to open it, since start. */
  public long attempts() {
    return attempts;
  }

  /** Attempts that failed, and connections that broke, since start. */
  public long failures() {
    return failures;
  }

  /** Goes on with opening; returns whether anything changed. */
  public boolean step(long now) {
    if (state == State.OPEN || (state == State.CLOSED && now < dueNanos)) {
      return false;
    }
    if (state == State.CLOSED) {
      state = State.OPENING;
      openingSince = now;
      attempts++;
    }
    return switch (channel.open()) {
      case OPEN -> {
        state = State.OPEN;
        trouble = null;
        proved = false;
        yield true;
      }
      case PENDING -> {
        boolean late = now - openingSince >= openWithinNanos;
        if (late) {
          failed(noAnswer(), now);
        }
        yield late;
      }
      case FAILED -> {
        Trouble why = channel.trouble();
        failed(
            why != null
                ? why
                : new Trouble(
                    Reason.CONFIG,
                    new Sentence(channel.where() + " cannot be opened", channel.where() + " 打不开")),
            now);
        yield true;
      }
    };
  }

  private Trouble noAnswer() {
    return new Trouble(
        Reason.TIMEOUT,
        new Sentence(
            "no answer from "
                + channel.where()
                + " within "
                + openWithinNanos / 1_000_000
                + " ms; is it switched on, in this network and is the address right?",
            "%s 在 %d 毫秒内没有应答：检查它是否通电、在本网段、地址是否正确"
                .formatted(channel.where(), openWithinNanos / 1_000_000)));
  }

  /** Whether something valid came over the one that is open. */
  public boolean isProved() {
    return proved;
  }

  /** Something valid came over it: the next break is a new one, and is mended at once. */
  public void proved() {
    proved = true;
    pauseNanos = 0;
  }

  /** It broke. */
  public void broke(Trouble why, long now) {
    boolean worked = proved;
    failed(why, now);
    if (worked) {
      pauseNanos = 0;
      dueNanos = now + leastPauseNanos;
    }
  }

  private void failed(Trouble why, long now) {
    channel.close();
    state = State.CLOSED;
    trouble = why;
    proved = false;
    failures++;
    pauseNanos = Math.clamp(pauseNanos * 2, FIRST_PAUSE_NANOS, LONGEST_PAUSE_NANOS);
    dueNanos = now + pauseNanos;
  }

  /** Closes it and opens it again at once, to leave behind what may still be on its way. */
  public void renew(long now) {
    channel.close();
    state = State.CLOSED;
    dueNanos = now + leastPauseNanos;
  }
}
