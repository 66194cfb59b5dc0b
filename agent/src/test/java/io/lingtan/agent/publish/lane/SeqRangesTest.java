package io.lingtan.agent.publish.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class SeqRangesTest {

  @Test
  void itIsAlwaysTheSameAsAPlainSet() {
    for (long seed = 0; seed < 200; seed++) {
      RandomGenerator random = Randomness.seeded(seed);
      SeqRanges ranges = new SeqRanges(1000);
      TreeSet<Long> plain = new TreeSet<>();
      for (int i = 0; i < 60; i++) {
        long from = 1L + random.nextInt(60);
        long to = from + random.nextInt(8);
        boolean add = random.nextInt(3) > 0;
        if (add) {
          ranges.add(from, to);
        } else {
          ranges.removeAll(from, to);
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
        assertEquals(plain.isEmpty(), ranges.isEmpty(), "seed " + seed);
      }
    }
  }

  @Test
  void beyondItsBoundTheSmallestIsForgotten() {
    SeqRanges ranges = new SeqRanges(2);
    ranges.add(1, 2);
    ranges.add(4);
    ranges.add(6, 9);
    assertFalse(ranges.contains(4));
    assertTrue(ranges.contains(1) && ranges.contains(2));
    assertTrue(ranges.contains(6) && ranges.contains(9));
  }

  @Test
  void whatAnApplicationAcknowledgedUpToIsKnownHoweverManyRangesFollow() {
    List<Long> acknowledged = new ArrayList<>();
    AppAcks acks = new AppAcks((epoch, seq) -> acknowledged.add(seq));
    acks.covered("e1", 1, 1000);
    for (int i = 0; i < 1024; i++) {
      acks.covered("e1", 2000 + 2L * i, 2000 + 2L * i);
    }
    acks.taken("e1", 1);
    acks.taken("e1", 1000);
    assertEquals(List.of(1L, 1000L), acknowledged);
  }
}
