package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What a person gets wrong with {@code lingtan-sim prove}. */
class ProveCommandTest {

  @TempDir private Path folder;

  private final StringWriter err = new StringWriter();

  private int execute(String... words) {
    return new CommandLine(new Main()).setErr(new PrintWriter(err, true)).execute(words);
  }

  @Test
  void whatTheSiteHasNotIsToldWithItsPlaceBeforeAnythingRuns() throws IOException {
    Path file = folder.resolve("wrong.yaml");
    Files.writeString(file, "faults:\n  - {kind: silence, on: huose, at: 2m}\n");
    assertEquals(2, execute("prove", "--scenario", file.toString()));
    assertEquals(
        file + ":2:25: error: silence cannot strike 'huose'; did you mean 'house'?\n",
        err.toString());
  }

  @Test
  void aSiteThatIsNotThereIsToldWithThoseThatAre() {
    assertEquals(2, execute("prove", "--scenario", "calm", "--site", "atlantis"));
    assertTrue(err.toString().contains("hydrogen-depot"), err::toString);
    err.getBuffer().setLength(0);
    assertEquals(2, execute("prove", "--scenario", "calm", "--site", "atlantis.yaml"));
    assertTrue(err.toString().contains("atlantis.yaml"), err::toString);
  }

  @Test
  void aBoundOfTheSearchThatCannotBeIsTold() {
    assertEquals(2, execute("prove", "--shrink-minutes", "0"));
    assertTrue(err.toString().contains("--shrink-minutes"), err::toString);
  }
}
