package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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

  @Test
  void aNameOfNothingFails() throws IOException {
    String text =
        "`NoSuchThing`, `Site.NoSuchThing`, `NoSuchThing.of()`, `Site.Meter`, `publish.link`";
    assertEquals(
        List.of("`NoSuchThing`", "`Site.NoSuchThing`", "`NoSuchThing.of()`"),
        unknown(text, declared()));
  }
}
