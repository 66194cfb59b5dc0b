package io.lingtan.agent.reading;

import java.util.ArrayList;
import java.util.List;

/**
 * Stretches of time, such as those of an interval that an amount does not account for. Ascending,
 * apart from each other, none empty.
 *
 * @param ends start (inclusive) and end (exclusive) of each in turn, UTC ms
 */
public record Times(List<Long> ends) {

  /** No time at all. */
  public static final Times NONE = new Times(List.of());

  /**
   * Stretches that are told apart. What lies between them counts in beyond that, where it is
   * shortest.
   */
  public static final int MOST = 128;

  public Times {
    ends = List.copyOf(ends);
    if (ends.size() % 2 != 0) {
      throw new IllegalArgumentException("each stretch has a start and an end: " + ends);
    }
    for (int i = 1; i < ends.size(); i++) {
      if (ends.get(i) <= ends.get(i - 1)) {
        throw new IllegalArgumentException("stretches ascend and do not touch: " + ends);
      }
    }
  }

  /** From {@code start} until {@code end}; none if that is not later. */
  public static Times of(long start, long end) {
    return start < end ? new Times(List.of(start, end)) : NONE;
  }

  public boolean isNone() {
    return ends.isEmpty();
  }

  /** How long they are together, ms. */
  public long millis() {
    long millis = 0;
    for (int i = 0; i < ends.size(); i += 2) {
      millis += ends.get(i + 1) - ends.get(i);
    }
    return millis;
  }

  /** What lies in either. */
  public Times and(Times other) {
    if (other.isNone() || equals(other)) {
      return this;
    }
    return isNone() ? other : merged(other, 1).atMost(MOST);
  }

  /** What lies in both. */
  public Times within(Times other) {
    return isNone() || other.isNone() ? NONE : merged(other, 2);
  }

  /** What lies in these and not from {@code start} until {@code end}. */
  public Times without(long start, long end) {
    return isNone()
        ? this
        : within(Times.of(Long.MIN_VALUE, start)).and(within(Times.of(end, Long.MAX_VALUE)));
  }

  /** How much lies in one of them and not in the other, ms. */
  public long differsFrom(Times other) {
    return equals(other) ? 0 : millis() + other.millis() - 2 * within(other).millis();
  }

  /** Where at least so many of the two are. */
  private Times merged(Times other, int least) {
    List<Long> merged = new ArrayList<>();
    int i = 0;
    int j = 0;
    boolean inside = false;
    while (i < ends.size() || j < other.ends.size()) {
      long at =
          Math.min(
              i < ends.size() ? ends.get(i) : Long.MAX_VALUE,
              j < other.ends.size() ? other.ends.get(j) : Long.MAX_VALUE);
      while (i < ends.size() && ends.get(i) == at) {
        i++;
      }
      while (j < other.ends.size() && other.ends.get(j) == at) {
        j++;
      }
      boolean now = i % 2 + j % 2 >= least;
      if (now != inside) {
        merged.add(at);
        inside = now;
      }
    }
    return new Times(merged);
  }

  private Times atMost(int stretches) {
    List<Long> left = new ArrayList<>(ends);
    while (left.size() > 2 * stretches) {
      int shortest = 1;
      for (int i = 1; i + 1 < left.size(); i += 2) {
        if (left.get(i + 1) - left.get(i) < left.get(shortest + 1) - left.get(shortest)) {
          shortest = i;
        }
      }
      left.remove(shortest + 1);
      left.remove(shortest);
    }
    return left.size() == ends.size() ? this : new Times(left);
  }
}
