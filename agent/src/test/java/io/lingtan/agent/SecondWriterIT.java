package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Child;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Two agents on one journal, of which neither sees the other's lock. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
final class SecondWriterIT {

  private static final Path LAUNCHER = Path.of("target/lingtan/bin/lingtan").toAbsolutePath();

  @TempDir Path folder;

  private Child agent(String name) throws IOException {
    Path site =
        Files.writeString(
            folder.resolve(name + ".yaml"),
            """
            gateway: both
            site: {region: CN}
            status: {enabled: false}
            clock: {trust: [system]}
            """);
    return Child.start(
        folder.resolve(name + ".log"),
        Map.of(),
        List.of(LAUNCHER.toString(), "run", "--config", site.toString()));
  }

  private static boolean says(Child agent, String words) {
    try {
      return agent.output().contains(words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theOneThatFindsTheOthersCommitSaysWhatToDoAndFails() throws Exception {
    try (Child first = agent("first")) {
      first.await("its start", 60, () -> says(first, "gateway both"));
      Files.delete(folder.resolve("journal.db.lock")); // the second takes a lock of its own
      try (Child second = agent("second")) {
        second.await("its start", 60, () -> says(second, "gateway both"));
        Files.delete(folder.resolve("first.yaml")); // which makes an event, and a commit at once
        new ProcessBuilder("kill", "-HUP", String.valueOf(first.pid())).start().waitFor();
        first.await("the end of one", 90, () -> !first.isAlive() || !second.isAlive());
        // Mostly the first; the second if its own first commit comes after that event.
        Child loser = first.isAlive() ? second : first;
        Child winner = first.isAlive() ? first : second;
        String said = loser.output();
        assertEquals(1, loser.join(10), said);
        assertTrue(said.contains("lingtan: another process has written into " + folder), said);
        assertTrue(said.contains("sudo fuser -v"), said);
        assertEquals(1, said.split("another process has written", -1).length - 1, said);
        assertFalse(said.contains("\tat "), said);
        assertEquals(0, winner.stop(30), winner.output());
      }
    }
  }
}
