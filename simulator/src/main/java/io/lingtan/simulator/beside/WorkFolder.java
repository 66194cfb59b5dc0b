package io.lingtan.simulator.beside;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a command works: a folder that somebody named, and keeps, or one that goes with it. */
public final class WorkFolder implements AutoCloseable {

  private final Path path;
  private final boolean temporary;

  private WorkFolder(Path path, boolean temporary) {
    this.path = path;
    this.temporary = temporary;
  }

  /**
   * @param named by a person, empty or to be made; null for a temporary one
   * @param parent of the temporary one; null for the system's own place
   * @throws IOException if it cannot be made or is not empty; the message says what to do
   */
  public static WorkFolder open(@Nullable Path named, @Nullable Path parent, String prefix)
      throws IOException {
    if (named == null) {
      return new WorkFolder(
          parent == null
              ? Files.createTempDirectory(prefix)
              : Files.createTempDirectory(parent, prefix),
          true);
    }
    try {
      Files.createDirectories(named);
    } catch (IOException e) {
      throw new IOException("cannot make " + named + ": name another folder with --dir", e);
    }
    try (Stream<Path> inside = Files.list(named)) {
      if (inside.findAny().isPresent()) {
        throw new IOException(named + " is not empty: name a new folder with --dir");
      }
    }
    return new WorkFolder(named.toAbsolutePath(), false);
  }

  public Path path() {
    return path;
  }

  /** Deletes it with all that is in it, unless somebody named it. */
  @Override
  public void close() {
    if (!temporary) {
      return;
    }
    try (Stream<Path> tree = Files.walk(path)) {
      for (Path inside : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(inside);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("could not delete " + path + ": " + e.getMessage());
    }
  }
}
