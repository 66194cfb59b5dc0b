package io.lingtan.agent.site.yaml;

import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.yaml.Problem.Severity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one file, so that a person sees everything in one run. */
public final class Problems {

  /** More than this helps nobody; a file that is this wrong is the wrong file. */
  public static final int MOST = 200;

  private static final Comparator<Problem> IN_FILE_ORDER =
      Comparator.comparing((Problem problem) -> problem.file().toString())
          .thenComparingInt(Problem::line)
          .thenComparingInt(Problem::column);

  private final Path file;
  private final List<Problem> found = new ArrayList<>();
  private int errors;

  public Problems(Path file) {
    this.file = file;
  }

  public void error(Yaml at, String message) {
    add(new Problem(Severity.ERROR, file, at.line(), at.column(), message));
  }

  /** One that the page tells in both languages. */
  public void error(Yaml at, Sentence said) {
    add(new Problem(Severity.ERROR, file, at.line(), at.column(), said.english(), said.chinese()));
  }

  public void warning(Yaml at, String message) {
    add(new Problem(Severity.WARNING, file, at.line(), at.column(), message));
  }

  /** One that the page tells in both languages. */
  public void warning(Yaml at, Sentence said) {
    add(
        new Problem(
            Severity.WARNING, file, at.line(), at.column(), said.english(), said.chinese()));
  }

  /** About the file as a whole. */
  public void error(String message) {
    error(0, 0, message);
  }

  void error(int line, int column, String message) {
    add(new Problem(Severity.ERROR, file, line, column, message));
  }

  /**
   * Takes over what a file has wrong that nothing but its own use needs: errors stay errors, and
   * this file can be used without it.
   */
  public void addAside(List<Problem> others) {
    int before = errors;
    addAll(others);
    errors = before;
  }

  /** One that is no reason not to use the file. */
  public void errorAside(Yaml at, String message) {
    addAside(List.of(new Problem(Severity.ERROR, file, at.line(), at.column(), message)));
  }

  /** Takes over what another file, used by this one, has wrong. */
  public void addAll(List<Problem> others) {
    others.forEach(this::add);
  }

  private void add(Problem problem) {
    if (problem.severity() == Severity.ERROR) {
      errors++;
    }
    if (found.size() < MOST && !found.contains(problem)) {
      found.add(problem);
    }
  }

  public int errors() {
    return errors;
  }

  /** Everything found, in the file's order, errors before warnings of the same place. */
  public List<Problem> list() {
    List<Problem> sorted = new ArrayList<>(found);
    sorted.sort(IN_FILE_ORDER.thenComparing(Problem::severity));
    if (found.size() >= MOST) {
      Problem last = sorted.getLast();
      sorted.add(
          new Problem(
              last.severity(), file, 0, 0, "only the first " + MOST + " problems are listed"));
    }
    return List.copyOf(sorted);
  }
}
