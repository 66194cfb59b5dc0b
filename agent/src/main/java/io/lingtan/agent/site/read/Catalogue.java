package io.lingtan.agent.site.read;

import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.site.yaml.Problem.Severity;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * The device profiles, factor tables, tariffs or forms there are, by name: the built-in ones, and
 * those in a folder of the operator, whose files win over built-in ones of the same name. A file is
 * parsed only when it is asked for by its name.
 *
 * <p>Not thread-safe.
 *
 * @param <T> what one file holds
 */
public final class Catalogue<T> {

  private final PackedFiles files;
  private final String folderName;
  private final String what;
  private final Section section;
  private final Format<T> format;
  private @Nullable SortedSet<String> names;

  /** How the keys of a file become what it holds. */
  public interface Format<T> {
    /** Null if it cannot be read. */
    @Nullable T read(Fields fields, Problems problems, String name);
  }

  /**
   * What a file holds, or why it cannot be used.
   *
   * @param value null if any problem is an error
   */
  public record Loaded<T>(@Nullable T value, List<Problem> problems) {
    public Loaded {
      problems = List.copyOf(problems);
    }
  }

  private Catalogue(
      String folderName, String what, @Nullable Path own, Section section, Format<T> format) {
    this.files = new PackedFiles(folderName, own);
    this.folderName = folderName;
    this.what = what;
    this.section = section;
    this.format = format;
  }

  /**
   * Kinds of meters.
   *
   * @param own the operator's folder, null for none
   */
  public static Catalogue<DeviceProfile> profiles(@Nullable Path own) {
    return new Catalogue<>(
        "profiles",
        "profile",
        own,
        Section.PROFILE,
        (fields, problems, name) -> new ProfileReader(fields, problems).read(name));
  }

  /**
   * Emission factors and standard-coal coefficients.
   *
   * @param own the operator's folder, null for none
   */
  public static Catalogue<FactorTable> factors(@Nullable Path own) {
    return new Catalogue<>(
        "factors",
        "factor file",
        own,
        Section.FACTORS,
        (fields, problems, name) -> new FactorReader(fields, problems).read(name));
  }

  /**
   * Time-of-use periods.
   *
   * @param own the operator's folder, null for none
   */
  public static Catalogue<Tariff> tariffs(@Nullable Path own) {
    return new Catalogue<>(
        "tariffs",
        "tariff",
        own,
        Section.TARIFF,
        (fields, problems, name) -> new TariffReader(fields, problems).read(name));
  }

  /**
   * Forms of reports.
   *
   * @param own the operator's folder, null for none
   */
  public static <F> Catalogue<F> forms(@Nullable Path own, Format<F> format) {
    return new Catalogue<>("reports", "form", own, Section.FORM, format);
  }

  /** The names that {@link #load} knows, as they were when first asked for. */
  public SortedSet<String> names() {
    SortedSet<String> known = names;
    if (known == null) {
      known = Collections.unmodifiableSortedSet(files.names());
      names = known;
    }
    return known;
  }

  /** Reads one file. A name that does not exist is a problem with the nearest one that does. */
  public Loaded<T> load(String name) {
    Path file = Path.of(folderName, name.replace('\0', '?') + ".yaml");
    try {
      PackedFiles.Found found = files.find(name);
      return found == null
          ? failed(file, "no " + what + " is called '" + name + "'" + Words.instead(name, names()))
          : read(found.path(), name, found.bytes());
    } catch (IOException e) {
      return failed(file, "cannot be read: " + e.getMessage());
    }
  }

  private Loaded<T> failed(Path file, String message) {
    return new Loaded<>(null, List.of(new Problem(Severity.ERROR, file, 0, 0, message)));
  }

  /** Reads bytes as if they stood in a file of the given name. */
  public Loaded<T> read(Path file, String name, byte[] bytes) {
    Problems problems = new Problems(file);
    Yaml root = YamlReader.read(bytes, problems);
    T value = root == null ? null : format.read(Fields.of(section, root, problems), problems, name);
    return new Loaded<>(problems.errors() > 0 ? null : value, problems.list());
  }
}
