package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import java.time.ZoneId;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class EnergyLinesTest {

  private static final long START = 1_764_000_000_000L;

  /** On one grid, of a count that needs no correction, they cannot be told from each other. */
  @Test
  void whateverHappensToOneLineHappensToAll() {
    IntervalGrid grid = new IntervalGrid(ZoneId.of("Asia/Shanghai"), "1m");
    long seed = 17;
    RandomGenerator random = Randomness.seeded(seed);
    EnergyLines lines = new EnergyLines(grid, 60_000, 0, true, true);
    SlidingDemand sliding = lines.sliding();
    EnergyLines.RawCount raw = lines.raw();
    assertNotNull(sliding);
    assertNotNull(raw);
    lines.start(new Mark(1, 0, START), 0);
    long second = 0;
    long total = 0;
    int takenBack = 0;
    for (int i = 0; i < 500; i++) {
      second += 1 + random.nextInt(90);
      Mark at = new Mark(1, second * 1_000_000_000L, START + second * 1000);
      int doing = random.nextInt(12);
      switch (doing) {
        case 0 -> lines.breakUntil(at);
        case 1 -> lines.breakUntil(at, total);
        case 2 -> lines.sleep(at);
        case 3 -> takenBack += lines.takeBack() ? 1 : 0;
        case 4 -> {
          if (random.nextInt(20) == 0) {
            lines.regrid();
          }
        }
        default -> {
          total += 7;
          lines.count(at, 7, 7, total);
        }
      }
      String what = "seed " + seed + ", step " + i + ", doing " + doing;
      assertArrayEquals(bytes(lines.told()), bytes(sliding.line()), what);
      assertArrayEquals(bytes(lines.told()), bytes(raw.line()), what);
    }
    assertTrue(takenBack > 10, "taken back: " + takenBack);
  }

  private static byte[] bytes(EnergyLine line) {
    CheckpointWriter to = new CheckpointWriter();
    line.checkpoint(to);
    return to.bytes();
  }
}
