package io.lingtan.testing.fuzz;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds the targets, and the inputs that are kept of each. */
public final class FuzzTargets {

  private static final Path CORPUS = Path.of("src/test/resources/fuzz");
  private static final String END = "Fuzz.class";

  private FuzzTargets() {}

  /** The class names of all targets, sorted. */
  public static List<String> names() throws IOException, URISyntaxException {
    Path root =
        Path.of(FuzzTarget.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> classes = Files.walk(root)) {
      return classes
          .filter(file -> file.getFileName().toString().endsWith(END))
          .map(file -> root.relativize(file).toString().replace('/', '.').replace(".class", ""))
          .sorted()
          .toList();
    }
  }

  /** A new target of this class. */
  public static FuzzTarget of(String name) throws ReflectiveOperationException {
    return Class.forName(name).asSubclass(FuzzTarget.class).getConstructor().newInstance();
  }

  /** Where inputs are kept that found something or reached what no other does. */
  public static Path corpus(String name) {
    return CORPUS.resolve(name.substring(name.lastIndexOf('.') + 1));
  }

  /** The files in {@link #corpus}, sorted. */
  public static List<Path> kept(String name) throws IOException {
    Path folder = corpus(name);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
