package io.lingtan.agent.site.yaml;

import io.lingtan.agent.reading.Sentence;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Something wrong or doubtful in a file that a person wrote.
 *
 * @param line from 1; 0 if the file as a whole is meant
 * @param column from 1; 0 if the file as a whole is meant
 * @param message what was seen and what to do
 * @param chinese the same for who reads it on the page; null where it is told in English alone
 */
public record Problem(
    Severity severity, Path file, int line, int column, String message, @Nullable String chinese) {

  /** Whatever a file holds, a message that names it stays one that can be read, in characters. */
  public static final int LONGEST = 2000;

  public Problem {
    message = shortened(message);
    chinese = chinese == null ? null : shortened(chinese);
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 3) + "...";
  }

  /** One that is told in English alone. */
  public Problem(Severity severity, Path file, int line, int column, String message) {
    this(severity, file, line, column, message, null);
  }

  /** Whether the agent can run with it. */
  public enum Severity {
    ERROR,
    WARNING
  }

  /** Place and message for the page, in Chinese with the file's line, in English likewise. */
  public Sentence said() {
    String told = chinese == null ? message : chinese;
    return line > 0
        ? new Sentence("line " + line + ": " + message, "第 " + line + " 行：" + told)
        : new Sentence(message, "整个文件：" + told);
  }

  /** {@code file:line:column: error: message}, the form that editors jump to. */
  @Override
  public String toString() {
    String place = line > 0 ? file + ":" + line + ":" + column : file.toString();
    return place + ": " + (severity == Severity.ERROR ? "error" : "warning") + ": " + message;
  }
}
