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
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
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
  void thereAreEnoughOfThemAndNoCourseIsLeftOver() throws IOException {
    List<PlantedBug> bugs = bugs();
    assertTrue(bugs.size() >= 40, () -> bugs.size() + " bugs");
    Set<String> used = new TreeSet<>();
    bugs.forEach(bug -> used.add(bug.scenario().getFileName().toString()));
    Set<String> there = new TreeSet<>();
    try (Stream<Path> files = Files.list(bugs.getFirst().scenario().getParent())) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".yaml"))
          .forEach(there::add);
    }
    assertEquals(there, used);
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
