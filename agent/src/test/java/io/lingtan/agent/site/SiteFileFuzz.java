package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Site files: a site, or problems that each have their place in the file. */
public final class SiteFileFuzz implements FuzzTarget {

  private static final Path FILE = Path.of("/nowhere/fuzz/site.yaml");

  /** What is said of a file as a whole. */
  private static final List<String> OF_ALL =
      List.of("the file is empty", "the file has ", "only the first ");

  private final SiteLoader loader = new SiteLoader(Path.of("/nowhere"));

  @Override
  public List<byte[]> seeds() throws IOException {
    List<byte[]> seeds = new ArrayList<>(files("../config/sites"));
    seeds.addAll(files("src/test/resources/sites"));
    return seeds;
  }

  public static List<byte[]> files(String folder) throws IOException {
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> found = Files.list(Path.of(folder))) {
      for (Path file : found.filter(Files::isRegularFile).sorted().toList()) {
        files.add(Files.readAllBytes(file));
      }
    }
    return files;
  }

  @Override
  public void take(byte[] input) {
    Loaded loaded = loader.read(FILE, input);
    check(FILE, input, loaded.site() != null, loaded.problems());
  }

  public static void check(Path file, byte[] input, boolean isGood, List<Problem> problems) {
    assertEquals(
        !isGood,
        problems.stream().anyMatch(each -> each.severity() == Problem.Severity.ERROR),
        problems::toString);
    assertTrue(problems.size() <= Problems.MOST + 1, "too many problems");
    int lines = 1;
    for (byte each : input) {
      lines += each == '\n' || each == '\r' ? 1 : 0;
    }
    for (Problem problem : problems) {
      assertFalse(problem.message().isBlank(), "a problem without a word");
      assertTrue(problem.message().length() <= Problem.LONGEST, "a problem of a book's length");
      if (problem.file().equals(file) && OF_ALL.stream().noneMatch(problem.message()::startsWith)) {
        assertTrue(problem.line() >= 1 && problem.column() >= 1, problem::toString);
        assertTrue(problem.line() <= lines + input.length / 2, problem::toString);
      }
    }
  }
}
