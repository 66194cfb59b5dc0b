package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShrinkTest {

  private static final List<Integer> HUNDRED = IntStream.range(0, 100).boxed().toList();

  @Test
  void theOnlyCulpritIsFoundAmongAHundred() {
    Shrink<Integer> shrink = new Shrink<>(list -> list.contains(37), 1_000);
    assertEquals(List.of(37), shrink.of(HUNDRED));
    assertTrue(shrink.left() > 950, () -> shrink.left() + " of 1000 questions left");
  }

  @Test
  void twoThatOnlyFailTogetherAreFoundTogether() {
    Shrink<Integer> shrink = new Shrink<>(list -> list.contains(3) && list.contains(96), 1_000);
    assertEquals(List.of(3, 96), shrink.of(HUNDRED));
  }

  @Test
  void whatFailsWithoutAnyNeedsNone() {
    assertEquals(List.of(), new Shrink<Integer>(list -> true, 10).of(HUNDRED));
  }

  @Test
  void itAsksNoMoreOftenThanItMayAndKeepsAListThatFails() {
    int[] asked = {0};
    Shrink<Integer> shrink =
        new Shrink<>(
            list -> {
              asked[0]++;
              return list.contains(37) && list.contains(38);
            },
            5);
    List<Integer> found = shrink.of(HUNDRED);
    assertEquals(5, asked[0]);
    assertTrue(found.containsAll(List.of(37, 38)), found::toString);
    assertTrue(found.size() < 100, found::toString);
  }
}
