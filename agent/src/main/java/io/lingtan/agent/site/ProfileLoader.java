package io.lingtan.agent.site;

import io.lingtan.agent.site.Problem.Severity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** Finds device profiles by name: the built-in ones, and those in a folder of the operator. */
public final class ProfileLoader {

  private final Catalogue catalogue;

  /**
   * @param folder of the operator, whose files win over built-in ones of the same name; null for
   *     none
   */
  public ProfileLoader(@Nullable Path folder) {
    catalogue = new Catalogue("profiles", folder);
  }

  /** The profiles that come with the program. */
  public static ProfileLoader builtIn() {
    return new ProfileLoader(null);
  }

  /**
   * A profile, or why it cannot be used.
   *
   * @param profile null if any problem is an error
   */
  public record Loaded(@Nullable DeviceProfile profile, List<Problem> problems) {
    public Loaded {
      problems = List.copyOf(problems);
    }
  }

  /** The names that {@link #load} knows. */
  public SortedSet<String> names() {
    return catalogue.names();
  }

  /** Reads one profile. A name that does not exist is a problem with the nearest one that does. */
  public Loaded load(String name) {
    Path file = Path.of("profiles", name.replace('\0', '?') + ".yaml");
    try {
      Catalogue.Found found = catalogue.find(name);
      if (found == null) {
        String message = "no profile is called '" + name + "'" + Words.instead(name, names());
        return failed(file, message);
      }
      return read(found.path(), name, found.bytes());
    } catch (IOException e) {
      return failed(file, "cannot be read: " + e.getMessage());
    }
  }

  private static Loaded failed(Path file, String message) {
    return new Loaded(null, List.of(new Problem(Severity.ERROR, file, 0, 0, message)));
  }

  /** Reads a profile of the given name from bytes. */
  static Loaded read(Path file, String name, byte[] bytes) {
    Problems problems = new Problems(file);
    Yaml root = YamlReader.read(bytes, problems);
    DeviceProfile profile =
        root == null
            ? null
            : new ProfileReader(Fields.of(Section.PROFILE, root, problems), problems).read(name);
    return new Loaded(problems.errors() > 0 ? null : profile, problems.list());
  }
}
