package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the notes for maintainers name as a type is one. */
final class ReadmeNamesTest {

  private static final Pattern DECLARED =
      Pattern.compile("\\b(?:class|interface|record|enum) ([A-Z]\\w*)");

  /** Such as {@code KeptFile}, {@code Site.Meter} and {@code Batch.event()}. */
  private static final Pattern NAMED =
      Pattern.compile(
          "`(?:[a-z]\\w*\\.)*([A-Z]\\w*[a-z]\\w*(?:\\.[A-Z]\\w*[a-z]\\w*)*)(?:[.#]\\w+)?(?:\\([^`]*\\))?`");

  /** The endings of names. */
  private static final Set<String> ENDINGS = Set.of("Fuzz", "IT");

  /** A row of the table of packages, and what that one may use. */
  private static final Pattern ARROWS =
      Pattern.compile("(?m)^\\| `(\\w+)` \\| .* \\| ([^|`]*)(?:`.*)?\\|$");

  private static Set<String> declared() throws IOException {
    Set<String> names = new TreeSet<>(ENDINGS);
    for (String module : List.of("agent/src", "simulator/src", "simulator/zone/src")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
          DECLARED.matcher(Files.readString(file)).results().forEach(it -> names.add(it.group(1)));
        }
      }
    }
    return names;
  }

  private static List<String> unknown(String text, Set<String> declared) {
    List<String> unknown = new ArrayList<>();
    NAMED
        .matcher(text)
        .results()
        .filter(named -> !declared.containsAll(List.of(named.group(1).split("\\."))))
        .forEach(named -> unknown.add(named.group()));
    return unknown;
  }

  @ParameterizedTest
  @ValueSource(strings = {"../agent/README.md", "../simulator/README.md"})
  void eachNamedTypeIsThere(String readme) throws IOException {
    assertEquals(List.of(), unknown(Files.readString(Path.of(readme)), declared()));
  }

  /** But for {@code command}, which may use all. */
  @Test
  void theTableOfPackagesSaysTheArrowsThatAreGuarded() throws IOException {
    Map<String, Set<String>> said = new TreeMap<>();
    for (MatchResult row :
        ARROWS.matcher(Files.readString(Path.of("README.md"))).results().toList()) {
      Set<String> uses = new TreeSet<>(List.of(row.group(2).strip().split(",\\s*")));
      uses.retainAll(ArchitectureTest.ARROWS.keySet());
      said.put(row.group(1), uses);
    }
    said.remove("command");
    Map<String, Set<String>> guarded = new TreeMap<>();
    ArchitectureTest.ARROWS.forEach((room, uses) -> guarded.put(room, new TreeSet<>(uses)));
    assertEquals(guarded, said);
  }

  @Test
  void eachPackageSaysWhichThreadRunsThere() throws IOException {
    List<String> silent = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(each -> each.endsWith("package-info.java")).toList()) {
        if (!Files.readString(file).contains("thread")) {
          silent.add(file.toString());
        }
      }
    }
    assertEquals(List.of(), silent);
  }

  @Test
  void aNameOfNothingFails() throws IOException {
    String text =
        "`NoSuchThing`, `Site.NoSuchThing`, `NoSuchThing.of()`, `Site.Meter`, `publish.link`";
    assertEquals(
        List.of("`NoSuchThing`", "`Site.NoSuchThing`", "`NoSuchThing.of()`"),
        unknown(text, declared()));
  }
}
