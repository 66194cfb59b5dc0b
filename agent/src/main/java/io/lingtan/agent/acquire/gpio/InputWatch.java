package io.lingtan.agent.acquire.gpio;

import io.lingtan.agent.acquire.gpio.InputLine.State;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Turns an input's edges into pulses and changes of its level. Without debouncing each edge to the
 * active level is a pulse; else a level has to hold to be one.
 */
final class InputWatch {

  /** The receiver of what the watch finds. */
  interface Sink {

    /**
     * A level holds that is another than before.
     *
     * @param atNanos when it began
     */
    void changed(boolean active, long atNanos);

    /** A pulse was counted, which began then. */
    void pulse(long atNanos);

    /**
     * The kernel had no room for some edges.
     *
     * @param edges how many, exactly
     * @param pulses how many pulses these are; at most, where both edges are taken
     */
    void lost(long edges, long pulses, long atNanos);
  }

  /** So many edges are taken at once: what the kernel keeps at most. */
  private static final int MOST_EDGES = 1024;

  /** An edge may be handed on a little after its time; until then a level is not said to hold. */
  private static final long LATEST_EDGE_NANOS = 10_000_000L;

  private static final long NUMBERS = 1L << 32;

  private final long quietNanos;
  private final boolean risingOnly;
  private final Sink sink;
  private final InputLine.Edges edges = this::edge;
  private @Nullable Debounce levels;
  private long numbered;
  private long pulses;
  private long discarded;

  /**
   * @param risingOnly whether the input gives edges to the active level alone
   */
  InputWatch(Duration debounce, boolean risingOnly, Sink sink) {
    this.quietNanos = debounce.toNanos();
    this.risingOnly = risingOnly;
    this.sink = sink;
  }

  /** An input was taken, whose edges are numbered from 1. */
  void begin(boolean active, long now) {
    end();
    numbered = 0;
    levels = risingOnly ? null : new Debounce(quietNanos, active, now);
  }

  /** The input is gone: what was under way is not known to have held. */
  void end() {
    discarded = discarded();
    levels = null;
  }

  /**
   * Takes what has come; returns how many edges, -1 if the input is gone. Less than asked for means
   * that this was all up to {@code now}.
   */
  int drain(InputLine line, long now) {
    int drained = line.drain(edges, MOST_EDGES);
    if (drained >= 0 && drained < MOST_EDGES && levels != null) {
      if (levels.settle(now - LATEST_EDGE_NANOS)) {
        changed(levels);
      }
    }
    return drained;
  }

  private void edge(long atNanos, boolean active, long number) {
    long missing = Math.floorMod(number - numbered - 1, NUMBERS);
    // A number that goes back is not a loss of four billion edges.
    if (missing > 0 && missing < NUMBERS / 2) {
      long open = levels == null ? 0 : levels.interrupted();
      sink.lost(missing, risingOnly ? missing : (missing + open + 1) / 2, atNanos);
    }
    numbered = number;
    if (levels == null) {
      count(active, atNanos);
    } else if (levels.edge(atNanos, active)) {
      changed(levels);
    }
  }

  private void count(boolean active, long atNanos) {
    if (active) {
      pulses++;
      sink.pulse(atNanos);
    }
  }

  private void changed(Debounce levels) {
    count(levels.isActive(), levels.changedNanos());
    sink.changed(levels.isActive(), levels.changedNanos());
  }

  /**
   * Looks at the level itself, so that an edge which the chip did not notice does not leave a wrong
   * one standing.
   *
   * @return false if the input is gone
   */
  boolean look(InputLine line, long now) {
    if (levels == null) {
      return true;
    }
    State state = line.level();
    if (state != State.GONE
        && levels.dueNanos() == Long.MAX_VALUE
        && levels.isActive() != (state == State.ACTIVE)) {
      levels.edge(now, state == State.ACTIVE);
    }
    return state != State.GONE;
  }

  /** Whether the level that holds is the active one. */
  boolean isActive() {
    return levels != null && levels.isActive();
  }

  /** Pulses since start. */
  long pulses() {
    return pulses;
  }

  /** Edges since start that were bounce or noise. */
  long discarded() {
    return discarded + (levels == null ? 0 : levels.discarded());
  }

  /**
   * When the edge came of which it is not known yet whether its level holds; {@link Long#MAX_VALUE}
   * if nothing is under way.
   */
  long openSinceNanos() {
    long due = levels == null ? Long.MAX_VALUE : levels.dueNanos();
    return due == Long.MAX_VALUE ? due : due - quietNanos;
  }

  /** When a level will have held; {@link Long#MAX_VALUE} if nothing is under way. */
  long dueNanos() {
    long due = levels == null ? Long.MAX_VALUE : levels.dueNanos();
    return due == Long.MAX_VALUE ? due : due + LATEST_EDGE_NANOS;
  }
}
