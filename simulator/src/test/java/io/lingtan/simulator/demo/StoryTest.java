package io.lingtan.simulator.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.VirtualTime;
import io.lingtan.simulator.demo.Story.Scene;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class StoryTest {
  private static final long HOUR = 495_850L * 3_600_000L;
  private static final long MINUTE = 60_000;

  static IntStream everySecondOfAMinute() {
    return IntStream.range(0, 60);
  }

  @ParameterizedTest
  @MethodSource("everySecondOfAMinute")
  void inNinetySecondsEverySabotageIsPlayedOnceAndAWholeMinutePasses(int second) {
    long ready = HOUR + second * 1_000L;
    Story story = Story.of(ready, 90);
    Set<Sabotage> played = EnumSet.noneOf(Sabotage.class);
    story.scenes().forEach(scene -> assertTrue(played.add(scene.sabotage()), story::toString));
    assertEquals(EnumSet.allOf(Sabotage.class), played);
    long secondMinute = (ready / MINUTE + 2) * MINUTE;
    assertTrue(story.endMillis() >= Math.max(ready + 90_000, secondMinute + 9_000));
    assertTrue(story.endMillis() <= ready + 130_000, () -> story + " is too long");
  }

  @ParameterizedTest
  @MethodSource("everySecondOfAMinute")
  void scenesNeverOverlapAndAreOverBeforeTheEnd(int second) {
    Story story = Story.of(HOUR + second * 1_000L, 600);
    assertTrue(story.scenes().size() > 20, story::toString);
    long free = 0;
    for (Scene scene : story.scenes()) {
      assertTrue(scene.atMillis() >= free, () -> scene + " in " + story);
      free = scene.endMillis();
      assertTrue(free + scene.sabotage().recoveryMillis() < story.endMillis(), story::toString);
    }
  }

  @ParameterizedTest
  @MethodSource("everySecondOfAMinute")
  void whatDisturbsReadingWaitsWhileAnotherSabotageCanBePlayedOverTheMinutesEnd(int second) {
    List<Scene> scenes = Story.of(HOUR + second * 1_000L, 90).scenes();
    for (int i = 0; i < scenes.size() - 1; i++) {
      Scene scene = scenes.get(i);
      long recovered = scene.endMillis() + scene.sabotage().recoveryMillis();
      boolean overAMinute = scene.atMillis() / MINUTE != recovered / MINUTE;
      if (scene.sabotage().disturbsReading() && overAMinute) {
        scenes
            .subList(i + 1, scenes.size())
            .forEach(later -> assertTrue(later.sabotage().disturbsReading(), scenes::toString));
      }
    }
  }

  @Test
  void playedOnVirtualTimeEachSceneComesWhenItIsDueAndNoneAfterTheEnd() {
    VirtualTime time = new VirtualTime(HOUR + 7_000);
    Story story = Story.of(time.wall().millisAt(time.now()), 90);
    List<Scene> left = new ArrayList<>(story.scenes());
    while (time.wall().millisAt(time.now()) < story.endMillis()) {
      long now = time.wall().millisAt(time.now());
      left.removeIf(scene -> scene.atMillis() <= now);
      time.advanceMillis(100);
    }
    assertEquals(List.of(), left);
  }

  @Test
  void anActIsUndoneAfterItsTimeAndOverWhenWhatWasAwayIsBack() {
    Act act = new Act(Sabotage.KILL, 1_000, new Act.Numbers(0, 0, 0, 0));
    act.back(2_000);
    assertEquals(false, act.isBack(), "nothing is back before it was undone");
    assertEquals(false, act.isToBeUndone(2_999));
    assertTrue(act.isToBeUndone(3_000));
    act.undone(3_000);
    assertEquals(false, act.isToBeUndone(4_000));
    assertEquals(false, act.isOver(32_999));
    assertTrue(act.isOver(33_000), "it is not waited for for ever");
    act.back(4_500);
    assertEquals(false, act.isOver(7_999));
    assertTrue(act.isOver(8_000));
    assertEquals(4_500, act.untilMillis(60_000));
  }
}
