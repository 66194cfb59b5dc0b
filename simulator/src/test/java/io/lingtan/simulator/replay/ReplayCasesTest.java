package io.lingtan.simulator.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.lingtan.testing.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each folder in {@code src/test/resources/io/lingtan/simulator/replay} is a recording that once
 * was a bug, made by {@code lingtan-sim replay BUNDLE --save DIR}, with the records that are right.
 */
final class ReplayCasesTest {
  private static final Path CASES = Path.of("src/test/resources/io/lingtan/simulator/replay");

  /** As JSON, where one has more lines than the other. */
  private static final String NOTHING = "null";

  @TempDir private Path work;

  static List<Path> cases() throws IOException {
    try (Stream<Path> folders = Files.list(CASES)) {
      List<Path> cases = folders.filter(Files::isDirectory).sorted().toList();
      assertFalse(cases.isEmpty(), "no case in " + CASES);
      return cases;
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aRecordingGivesTheRecordsThatAreExpectedOfIt(Path folder) throws Exception {
    assertEquals(List.of(), differences(folder, work));
  }

  /** Whether everything expected is there as it should be; figures are added freely. */
  private static boolean holds(@Nullable Object found, @Nullable Object expected) {
    if (!(expected instanceof Map<?, ?> members)) {
      return Objects.equals(found, expected);
    }
    return found instanceof Map<?, ?> there
        && members.entrySet().stream()
            .allMatch(member -> holds(there.get(member.getKey()), member.getValue()));
  }

  /** Lines that differ, at most ten. */
  static List<String> differences(Path folder, Path work) throws Exception {
    Files.createDirectories(work);
    Recording recording = Recording.read(folder, work);
    List<String> found = Replay.run(recording, work).records();
    List<String> expected = Files.readAllLines(folder.resolve(CaseFolder.EXPECTED));
    List<String> differences = new ArrayList<>();
    for (int i = 0; i < Math.max(found.size(), expected.size()) && differences.size() < 10; i++) {
      String is = i < found.size() ? found.get(i) : NOTHING;
      String shouldBe = i < expected.size() ? expected.get(i) : NOTHING;
      if (!is.equals(shouldBe) && !holds(Json.parse(is), Json.parse(shouldBe))) {
        differences.add("line " + (i + 1) + " is " + is + ", should be " + shouldBe);
      }
    }
    return differences;
  }
}
