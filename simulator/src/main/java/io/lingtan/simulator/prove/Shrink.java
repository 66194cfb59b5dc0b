package io.lingtan.simulator.prove;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes a list that fails as short as it can be and still fails, by leaving out halves, quarters
 * and so on (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, 2002). Asks
 * a bounded number of times.
 */
final class Shrink<T> {

  private final Predicate<List<T>> fails;
  private int left;

  /**
   * @param fails asked with shorter lists
   * @param most how often it is asked at most
   */
  Shrink(Predicate<List<T>> fails, int most) {
    this.fails = fails;
    this.left = most;
  }

  /** How often it may still be asked. */
  int left() {
    return left;
  }

  /** The shortest list that was found to fail; {@code whole} itself if no shorter one does. */
  List<T> of(List<T> whole) {
    List<T> shortest = whole;
    if (!shortest.isEmpty() && ask(List.of())) {
      return List.of();
    }
    int parts = 2;
    while (shortest.size() >= 2 && left > 0) {
      List<T> shorter = without(shortest, parts);
      if (shorter != null) {
        shortest = shorter;
        parts = Math.max(2, parts - 1);
      } else if (parts >= shortest.size()) {
        break;
      } else {
        parts = Math.min(shortest.size(), 2 * parts);
      }
    }
    return shortest;
  }

  private @Nullable List<T> without(List<T> list, int parts) {
    for (int part = 0; part < parts && left > 0; part++) {
      int from = list.size() * part / parts;
      int to = list.size() * (part + 1) / parts;
      List<T> rest = new ArrayList<>(list.subList(0, from));
      rest.addAll(list.subList(to, list.size()));
      if (rest.size() < list.size() && ask(rest)) {
        return rest;
      }
    }
    return null;
  }

  private boolean ask(List<T> list) {
    if (left == 0) {
      return false;
    }
    left--;
    return fails.test(list);
  }
}
