package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.scenario.ScenarioReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The bugs that {@link PlantedBugsIT} plants can still be planted. */
class PlantedBugsTest {

  static List<PlantedBug> bugs() throws IOException {
    return PlantedBug.all();
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void aPlantedBugFitsTheSourcesAsTheyAre(PlantedBug bug) throws IOException {
    for (SourcePatch patch : bug.patches()) {
      String source = Files.readString(Path.of("..").resolve(patch.file()));
      assertTrue(patch.file().startsWith("agent/src/main/java/"), patch.file());
      assertTrue(!patch.apply(source).equals(source));
    }
    ScenarioReader.Loaded loaded = ScenarioReader.load(bug.scenario());
    assertNotNull(loaded.scenario(), () -> bug + ": " + loaded.problems());
  }

  @Test
  void aPatchThatFitsNowhereOrTwiceIsRefused() {
    SourcePatch patch =
        SourcePatch.read(List.of("--- a/x", "+++ b/x", "@@ -1 +1 @@", "-one", "+two")).getFirst();
    assertEquals("two\nthree\n", patch.apply("one\nthree\n"));
    assertThrows(IllegalArgumentException.class, () -> patch.apply("three\n"));
    assertThrows(IllegalArgumentException.class, () -> patch.apply("one\none\n"));
  }
}
