package io.lingtan.agent.site.read;

import io.lingtan.agent.site.SmallFile;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The YAML files of one kind: those in the program's own jar, and those in a folder of the
 * operator, which win where both have a name.
 */
final class PackedFiles {

  private static final String ENDING = ".yaml";

  private final String kind;
  private final @Nullable Path folder;

  /**
   * A file found.
   *
   * @param path as problems name it; of a built-in file only {@code kind/name.yaml}
   */
  record Found(Path path, byte[] bytes) {}

  /**
   * @param kind {@code profiles}, {@code factors} or {@code tariffs}
   * @param folder of the operator, null for none
   */
  PackedFiles(String kind, @Nullable Path folder) {
    this.kind = kind;
    this.folder = folder;
  }

  /** What there is, by name without ending. A folder that cannot be listed adds nothing. */
  SortedSet<String> names() {
    SortedSet<String> names = builtIn();
    Path own = folder;
    if (own != null) {
      try (Stream<Path> files = Files.list(own)) {
        files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith(ENDING))
            .forEach(name -> names.add(withoutEnding(name)));
      } catch (IOException unreadable) {
        return names;
      }
    }
    return names;
  }

  SortedSet<String> builtIn() {
    SortedSet<String> names = new TreeSet<>();
    new String(packed("index.txt"), StandardCharsets.UTF_8)
        .lines()
        .filter(name -> name.endsWith(ENDING))
        .forEach(name -> names.add(withoutEnding(name)));
    return names;
  }

  /**
   * Looks a name up.
   *
   * @return null if there is none of that name
   * @throws IOException if the operator's file cannot be read
   */
  @Nullable Found find(String name) throws IOException {
    if (!Words.isId(name)) {
      return null;
    }
    Path own = folder == null ? null : folder.resolve(name + ENDING);
    if (own != null && Files.exists(own)) {
      return new Found(own, SmallFile.read(own, YamlReader.LARGEST));
    }
    return builtIn().contains(name)
        ? new Found(Path.of(kind, name + ENDING), packed(name + ENDING))
        : null;
  }

  private byte[] packed(String file) {
    String resource = "/io/lingtan/config/" + kind + "/" + file;
    try (InputStream in = PackedFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the program's jar lacks " + resource);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("the program's jar cannot be read", e);
    }
  }

  private static String withoutEnding(String file) {
    return file.substring(0, file.length() - ENDING.length());
  }
}
