package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.run.Randomness;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 in the middle of commits: what was said to be committed is there, and nothing is left.
 */
final class KillIT {
  private static final long SEED = 9_009;
  private static final int KILLS = 8;

  @TempDir Path folder;

  @Test
  void whatAKilledProcessSaidItCommittedIsThere() throws IOException, InterruptedException {
    RandomGenerator random = Randomness.seeded(SEED);
    Path temp = Files.createDirectory(folder.resolve("temp"));
    Path place = Files.createDirectory(folder.resolve("place"));
    long last = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      String said = runAndKill(place, temp, 1 + random.nextInt(60));
      long saidLast = Long.parseLong(said.split(" ")[0]);
      long saidAcked = Long.parseLong(said.split(" ")[1]);
      assertTrue(saidLast > last, "seed " + SEED + ", kill " + kill);
      try (Bench bench = new Bench(place)) {
        assertEquals(List.of(), bench.journal().openingEvents(), "seed " + SEED);
        last = bench.journal().state().last();
        assertTrue(last >= saidLast, last + " held, " + saidLast + " said");
        // Acknowledgements of the loop before were saved before that line was printed.
        assertTrue(bench.journal().state().acked() >= saidAcked);
        List<JournalRecord> waiting = bench.waiting();
        for (int i = 0; i < waiting.size(); i++) {
          assertEquals(last - waiting.size() + 1 + i, waiting.get(i).seq());
        }
        assertEquals(last, bench.journal().state().acked() + waiting.size());
      }
    }
    try (Stream<Path> left = Files.list(temp)) {
      assertEquals(List.of(), left.toList(), "a killed process leaves nothing in the temp folder");
    }
  }

  /** Returns the last whole line that the process printed before it was killed. */
  private static String runAndKill(Path place, Path temp, int lines)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temp,
                "-cp",
                System.getProperty("java.class.path"),
                Committer.class.getName(),
                place.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String whole = null;
      for (int i = 0; i < lines; i++) {
        whole = out.readLine();
        assertTrue(whole != null, "the process ended by itself");
      }
      // Not the process's own method: it closes what is still to be read.
      process.toHandle().destroyForcibly();
      String line = out.readLine();
      while (line != null) {
        whole = line.matches("\\d+ \\d+") ? line : whole;
        line = out.readLine();
      }
      assertTrue(whole != null);
      return whole;
    } finally {
      process.destroyForcibly();
      assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    }
  }
}
