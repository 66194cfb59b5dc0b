package io.lingtan.agent.site;

import java.nio.file.Path;

/**
 * Something wrong or doubtful in a file that a person wrote.
 *
 * @param line from 1; 0 if the file as a whole is meant
 * @param column from 1; 0 if the file as a whole is meant
 * @param message what was seen and what to do
 */
public record Problem(Severity severity, Path file, int line, int column, String message) {

  /** Whether the agent can run with it. */
  public enum Severity {
    ERROR,
    WARNING
  }

  /** {@code file:line:column: error: message}, the form that editors jump to. */
  @Override
  public String toString() {
    String place = line > 0 ? file + ":" + line + ":" + column : file.toString();
    return place + ": " + (severity == Severity.ERROR ? "error" : "warning") + ": " + message;
  }
}
