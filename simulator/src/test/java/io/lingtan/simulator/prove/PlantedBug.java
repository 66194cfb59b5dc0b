package io.lingtan.simulator.prove;

import io.lingtan.simulator.check.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A mistake that somebody could make in the agent, as a patch of its sources: {@code
 * src/test/resources/planted/NAME.patch}. Before the diff stand its header lines:
 *
 * <pre>
 * # one sentence: what the bug is
 * verdict: WRONG_BUT_GOOD      classes of failure that a proof has to name, with blanks between
 * scenario: wire               planted/wire.yaml, which the agent itself passes
 * seed: 3
 * </pre>
 *
 * @param what the bug is
 */
record PlantedBug(
    String name,
    String what,
    Set<Verdict> verdicts,
    Path scenario,
    long seed,
    List<SourcePatch> patches) {

  private static final Path FOLDER = Path.of("src", "test", "resources", "planted");

  PlantedBug {
    patches = List.copyOf(patches);
  }

  /** All of them, by name. */
  static List<PlantedBug> all() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      List<PlantedBug> bugs = new ArrayList<>();
      for (Path file : files.filter(f -> f.toString().endsWith(".patch")).sorted().toList()) {
        bugs.add(read(file));
      }
      return bugs;
    }
  }

  private static PlantedBug read(Path file) throws IOException {
    String name = file.getFileName().toString().replace(".patch", "");
    List<String> lines = Files.readAllLines(file);
    StringBuilder what = new StringBuilder();
    Set<Verdict> verdicts = EnumSet.noneOf(Verdict.class);
    String scenario = "";
    long seed = 1;
    int at = 0;
    for (; at < lines.size() && !lines.get(at).startsWith("--- "); at++) {
      String line = lines.get(at);
      String value = line.substring(line.indexOf(' ') + 1).strip();
      if (line.startsWith("# ")) {
        what.append(what.isEmpty() ? "" : " ").append(value);
      } else if (line.startsWith("verdict: ")) {
        Stream.of(value.split(" ")).map(Verdict::valueOf).forEach(verdicts::add);
      } else if (line.startsWith("scenario: ")) {
        scenario = value;
      } else if (line.startsWith("seed: ")) {
        seed = Long.parseLong(value);
      } else if (!line.startsWith("diff ") && !line.startsWith("index ")) {
        throw new IllegalArgumentException(file + ": not a header line: " + line);
      }
    }
    if (what.isEmpty() || verdicts.isEmpty() || scenario.isEmpty()) {
      throw new IllegalArgumentException(file + ": what the bug is, verdict and scenario are told");
    }
    try {
      return new PlantedBug(
          name,
          what.toString(),
          verdicts,
          FOLDER.resolve(scenario + ".yaml"),
          seed,
          SourcePatch.read(lines.subList(at, lines.size())));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
