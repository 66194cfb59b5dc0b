package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Sites;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What an earlier version of this software wrote down is gone on from: {@code checkpoint-5.bin} was
 * written by one, at the half of this story.
 */
final class OldCheckpointTest {

  private static final Site SITE = Sites.microgrid().site();
  private static final Path WRITTEN = Path.of("src/test/resources/ledger/checkpoint-5.bin");
  private static final long HOUR = 3_600_000L;
  private static final long HALF = Played.START + 26 * HOUR;
  private static final long END = Played.START + 68 * HOUR;

  private final Played world = new Played(Randomness.seeded(17), 60_000);

  private void play(Fold fold, long until, Collected out) {
    while (world.millis() < until) {
      world.step().forEach(r -> fold.observe(r.sample(), r.tsMillis(), out));
    }
  }

  @Test
  void theFormBeforeIsGoneOnFromWithoutLosingTheDay() throws IOException {
    Fold straight = new Fold(SITE);
    play(straight, HALF, new Collected());
    Collected expected = new Collected();
    Fold old = Fold.from(SITE, Files.readAllBytes(WRITTEN));
    assertArrayEquals(straight.checkpoint(), Fold.from(SITE, straight.checkpoint()).checkpoint());
    Collected out = new Collected();
    while (world.millis() < END) {
      for (Played.Reading reading : world.step()) {
        straight.observe(reading.sample(), reading.tsMillis(), expected);
        old.observe(reading.sample(), reading.tsMillis(), out);
      }
    }
    assertEquals(ofThen(expected), ofThen(out));
    assertTrue(expected.of("1d").size() >= 2, "days ended");
    assertEquals(
        List.of("2025-47"),
        out.of("1d").getLast().factors().values().stream().map(f -> f.version()).toList());
  }

  /** Without sums that were not made then: the running day knows them from now on only. */
  private static List<String> ofThen(Collected collected) {
    return collected.lines().stream()
        .map(line -> line.replaceAll("\"co2\\.battery\\.to_(load|grid)\":\\{[^}]*\\},?", ""))
        .toList();
  }
}
