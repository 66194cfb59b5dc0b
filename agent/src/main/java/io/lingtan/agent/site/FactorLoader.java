package io.lingtan.agent.site;

import io.lingtan.agent.site.Problem.Severity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** Finds factor tables by name: the built-in ones, and those in a folder of the operator. */
public final class FactorLoader {

  private final Catalogue catalogue;

  /**
   * @param folder of the operator, whose files win over built-in ones of the same name; null for
   *     none
   */
  public FactorLoader(@Nullable Path folder) {
    catalogue = new Catalogue("factors", folder);
  }

  /** The factor tables that come with the program. */
  public static FactorLoader builtIn() {
    return new FactorLoader(null);
  }

  /**
   * A table, or why it cannot be used.
   *
   * @param table null if any problem is an error
   */
  public record Loaded(@Nullable FactorTable table, List<Problem> problems) {
    public Loaded {
      problems = List.copyOf(problems);
    }
  }

  /** The names that {@link #load} knows. */
  public SortedSet<String> names() {
    return catalogue.names();
  }

  /** Reads one table. A name that does not exist is a problem with the nearest one that does. */
  public Loaded load(String name) {
    Path file = Path.of("factors", name.replace('\0', '?') + ".yaml");
    try {
      Catalogue.Found found = catalogue.find(name);
      if (found == null) {
        return failed(
            file, "no factor file is called '" + name + "'" + Words.instead(name, names()));
      }
      return read(found.path(), name, found.bytes());
    } catch (IOException e) {
      return failed(file, "cannot be read: " + e.getMessage());
    }
  }

  private static Loaded failed(Path file, String message) {
    return new Loaded(null, List.of(new Problem(Severity.ERROR, file, 0, 0, message)));
  }

  /** Reads a table of the given name from bytes. */
  static Loaded read(Path file, String name, byte[] bytes) {
    Problems problems = new Problems(file);
    Yaml root = YamlReader.read(bytes, problems);
    FactorTable table =
        root == null
            ? null
            : new FactorReader(Fields.of(Section.FACTORS, root, problems), problems).read(name);
    return new Loaded(problems.errors() > 0 ? null : table, problems.list());
  }
}
