package io.lingtan.agent.journal.number;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class RangesTest {

  @Test
  void itIsAlwaysTheSameAsAPlainSet() {
    for (long seed = 0; seed < 200; seed++) {
      RandomGenerator random = Randomness.seeded(seed);
      Ranges ranges = new Ranges(1000);
      TreeSet<Long> plain = new TreeSet<>();
      for (int i = 0; i < 60; i++) {
        long from = 1L + random.nextInt(60);
        long to = from + random.nextInt(8);
        boolean add = random.nextInt(3) > 0;
        if (add) {
          ranges.add(from, to);
        } else {
          ranges.remove(from, to);
        }
        for (long seq = from; seq <= to; seq++) {
          if (add) {
            plain.add(seq);
          } else {
            plain.remove(seq);
          }
        }
        TreeSet<Long> seen = new TreeSet<>();
        ranges.forEachIn(1, 100, seen::add);
        assertEquals(plain, seen, "seed " + seed + " step " + i);
        assertEquals(plain.contains(from), ranges.contains(from), "seed " + seed);
        assertEquals(plain.isEmpty(), ranges.ranges().isEmpty(), "seed " + seed);
      }
    }
  }

  @Test
  void beyondItsBoundTheSmallestIsForgotten() {
    Ranges ranges = new Ranges(2);
    ranges.add(1, 2);
    ranges.add(4, 4);
    ranges.add(6, 9);
    assertFalse(ranges.contains(4));
    assertTrue(ranges.contains(1) && ranges.contains(2));
    assertTrue(ranges.contains(6) && ranges.contains(9));
  }
}
