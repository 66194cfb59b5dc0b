package io.lingtan.agent.site;

import io.lingtan.agent.site.Problem.Severity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** Finds the built-in tariffs by name. */
public final class TariffLoader {

  private final Catalogue catalogue = new Catalogue("tariffs", null);

  /**
   * A tariff, or why it cannot be used.
   *
   * @param tariff null if any problem is an error
   */
  public record Loaded(@Nullable Tariff tariff, List<Problem> problems) {
    public Loaded {
      problems = List.copyOf(problems);
    }
  }

  /** The names that {@link #load} knows. */
  public SortedSet<String> names() {
    return catalogue.names();
  }

  /** Reads one tariff. A name that does not exist is a problem with the nearest one that does. */
  public Loaded load(String name) {
    Path file = Path.of("tariffs", name.replace('\0', '?') + ".yaml");
    try {
      Catalogue.Found found = catalogue.find(name);
      if (found != null) {
        return read(found.path(), name, found.bytes());
      }
      return failed(file, "no tariff is called '" + name + "'" + Words.instead(name, names()));
    } catch (IOException e) {
      return failed(file, "cannot be read: " + e.getMessage());
    }
  }

  private static Loaded failed(Path file, String message) {
    return new Loaded(null, List.of(new Problem(Severity.ERROR, file, 0, 0, message)));
  }

  /** Reads a tariff of the given name from bytes. */
  static Loaded read(Path file, String name, byte[] bytes) {
    Problems problems = new Problems(file);
    Yaml root = YamlReader.read(bytes, problems);
    Tariff tariff =
        root == null
            ? null
            : new TariffReader(Fields.of(Section.TARIFF, root, problems), problems).read(name);
    return new Loaded(problems.errors() > 0 ? null : tariff, problems.list());
  }
}
