package io.lingtan.simulator.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class NeighboursTest {

  private static final long BASE = 900_000;
  private static final long END = 10 * BASE;

  private final Neighbours neighbours = new Neighbours(BASE);

  @Test
  void aBoundaryIsAsUncertainAsTheLineThroughTheReadingsBesideIt() {
    neighbours.add(END - 5_000, 1_000, true);
    neighbours.add(END + 5_000, 3_000, true);
    assertEquals(100, neighbours.unknownMicros(END, 2_100));
  }

  @Test
  void whatWasForgottenMayHaveGivenTheFirstWord() {
    neighbours.add(END - 5_000, 1_000, true);
    neighbours.add(END + 5_000, 3_000, true);
    neighbours.addForgotten(END - 1_000, 1_500);
    neighbours.addForgotten(END + 1_000, 1_900);
    assertEquals(300, neighbours.unknownMicros(END, 2_000));
  }

  @Test
  void whatWasForgottenIsNoReadingToGoBy() {
    neighbours.addForgotten(END - 1_000, 1_500);
    neighbours.addForgotten(END + 1_000, 1_900);
    assertEquals(-1, neighbours.unknownMicros(END, 1_700));
  }
}
