package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.check.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A proof that finds nothing says something only if it would have found it: bugs are planted in the
 * agent, one at a time, and a short proof has to fail and to name the class of each. A program that
 * breaks is no catch. The agent as it is passes the same scenarios.
 */
@Tag("campaign")
class PlantedBugsIT {

  private static final int LONGEST_MINUTES = 15;

  @TempDir private static Path results;

  static List<PlantedBug> bugs() throws IOException {
    return PlantedBug.all();
  }

  static List<PlantedRun.Course> courses() throws IOException {
    return bugs().stream().map(PlantedRun.Course::of).distinct().toList();
  }

  /**
   * All of them in a process of their own: each loads the agent anew, and code that runs for
   * seconds is not worth what the second compiler spends on it.
   */
  @BeforeAll
  static void run() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx1g"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", PlantedAgent.classPath()));
    command.addAll(List.of(PlantedRun.class.getName(), results.toString()));
    Path words = results.resolve("words");
    Process all =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(words.toFile())
            .start();
    boolean ended = all.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES);
    all.destroyForcibly();
    assertTrue(ended && all.exitValue() == 0, () -> read(words));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void aPlantedBugIsCaughtAndCalledByItsClass(PlantedBug bug) throws IOException {
    PlantedRun.Said said = PlantedRun.Said.read(results, bug.name());
    assertTrue(
        said.verdicts().containsAll(bug.verdicts()),
        () -> "%s: expected %s%n%s".formatted(bug.what(), bug.verdicts(), said.report()));
    Set<Verdict> crashes = EnumSet.of(Verdict.BROKEN, Verdict.UNREADABLE);
    crashes.retainAll(said.verdicts());
    assertEquals(Set.of(), crashes, said::report);
  }

  @ParameterizedTest
  @MethodSource("courses")
  void theAgentAsItIsPasses(PlantedRun.Course course) throws IOException {
    PlantedRun.Said said = PlantedRun.Said.read(results, course.name());
    assertEquals(Set.of(), said.verdicts(), said::report);
    assertFalse(said.report().isEmpty());
  }
}
