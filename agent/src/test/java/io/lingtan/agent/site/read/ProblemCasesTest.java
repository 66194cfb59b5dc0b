package io.lingtan.agent.site.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.lingtan.agent.site.yaml.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each file of {@code sites}, {@code bad-profiles} and {@code bad-factors} in the test resources
 * ends with the problems that are told of it: all of them, word for word, as lines that begin with
 * {@code #!}. The file's own folder stands there as {@code DIR}.
 */
final class ProblemCasesTest {

  private static final Path CASES = Path.of("src/test/resources");
  private static final String TOLD = "#! ";

  static List<Path> sites() throws IOException {
    return files("sites");
  }

  static List<Path> profiles() throws IOException {
    return files("bad-profiles");
  }

  static List<Path> factors() throws IOException {
    return files("bad-factors");
  }

  private static List<Path> files(String folder) throws IOException {
    try (Stream<Path> files = Files.list(CASES.resolve(folder))) {
      List<Path> found = files.sorted().toList();
      assertFalse(found.isEmpty());
      return found;
    }
  }

  @ParameterizedTest
  @MethodSource("sites")
  void aSiteFilesProblemsAreAllTold(Path file) throws IOException {
    check(file, (path, bytes) -> new SiteLoader().read(path, bytes).problems());
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void aProfilesProblemsAreAllTold(Path file) throws IOException {
    check(file, (path, bytes) -> Catalogue.profiles(null).read(path, name(path), bytes).problems());
  }

  @ParameterizedTest
  @MethodSource("factors")
  void aFactorFilesProblemsAreAllTold(Path file) throws IOException {
    check(file, (path, bytes) -> Catalogue.factors(null).read(path, name(path), bytes).problems());
  }

  private static String name(Path file) {
    return file.getFileName().toString().replace(".yaml", "");
  }

  private static void check(Path file, BiFunction<Path, byte[], List<Problem>> load)
      throws IOException {
    String folder = file.toAbsolutePath().normalize().getParent() + "/";
    List<String> told =
        load.apply(file, Files.readAllBytes(file)).stream()
            .map(
                problem ->
                    problem.toString().replace(file + ":", "").strip().replace(folder, "DIR/"))
            .toList();
    List<String> expected =
        Files.readAllLines(file, StandardCharsets.UTF_8).stream()
            .filter(line -> line.startsWith(TOLD))
            .map(line -> line.substring(TOLD.length()))
            .toList();
    String update = System.getProperty("cases.write");
    if (update != null) {
      List<String> lines =
          Files.readAllLines(file, StandardCharsets.UTF_8).stream()
              .filter(line -> !line.startsWith("#!"))
              .toList();
      Files.write(file, Stream.concat(lines.stream(), told.stream().map(l -> TOLD + l)).toList());
      return;
    }
    assertEquals(String.join("\n", expected), String.join("\n", told));
  }
}
