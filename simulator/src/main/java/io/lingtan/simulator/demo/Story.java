package io.lingtan.simulator.demo;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * When each sabotage happens by itself, in wall time.
 *
 * @param scenes in order of time, never two at once
 * @param endMillis UTC ms at which the story is over
 */
record Story(List<Scene> scenes, long endMillis) {

  private static final long MINUTE = 60_000;
  private static final long PROLOGUE = 8_000;

  /** A scene that begins less than this before the end would not be seen. */
  private static final long SHORTEST = 15_000;

  /** Between the end of one scene and the next: for its consequences. */
  private static final long PAUSE = 5_000;

  /** Readings are left alone for so long before and after a minute's end. */
  private static final long QUIET = 3_000;

  /** From a minute's end until its interval has surely arrived. */
  private static final long CLOSING = 9_000;

  Story {
    scenes = List.copyOf(scenes);
  }

  /**
   * One sabotage.
   *
   * @param atMillis UTC ms at which it begins
   */
  record Scene(Sabotage sabotage, long atMillis) {
    long endMillis() {
      return atMillis + sabotage.millis();
    }
  }

  /** No story: a person plays it. */
  static Story none(long endMillis) {
    return new Story(List.of(), endMillis);
  }

  /**
   * Plays every sabotage in turn, as often as it fits, and prefers one that leaves the readings at
   * a minute's end alone. Ends after {@code seconds}, but not before two minutes' ends have passed:
   * only between those lies an interval that is whole.
   *
   * @param readyMillis UTC ms at which the first values had arrived
   */
  static Story of(long readyMillis, long seconds) {
    long end = readyMillis + seconds * 1_000;
    long over = Math.max(end, nextMinute(nextMinute(readyMillis)) + CLOSING);
    List<Scene> scenes = new ArrayList<>();
    Deque<Sabotage> left = new ArrayDeque<>(Sabotage.STORY);
    for (long at = readyMillis + PROLOGUE; at <= end - SHORTEST; ) {
      Scene scene = new Scene(pick(left, at), at);
      scenes.add(scene);
      left.remove(scene.sabotage());
      if (left.isEmpty()) {
        left.addAll(Sabotage.STORY);
      }
      at = scene.endMillis() + PAUSE;
      over = Math.max(over, at + scene.sabotage().recoveryMillis());
    }
    return new Story(scenes, over);
  }

  private static Sabotage pick(Deque<Sabotage> left, long at) {
    for (Sabotage sabotage : left) {
      long undisturbed = at + sabotage.millis() + sabotage.recoveryMillis() + QUIET;
      if (!sabotage.disturbsReading() || nextMinute(at - QUIET) >= undisturbed) {
        return sabotage;
      }
    }
    return left.getFirst();
  }

  private static long nextMinute(long millis) {
    return (Math.floorDiv(millis, MINUTE) + 1) * MINUTE;
  }
}
