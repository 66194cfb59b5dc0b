package io.lingtan.agent.command.draft;

import java.io.Serial;

/** A table of which no profile can be made. The message says what was seen and what to do. */
final class Unusable extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private final int line;
  private final String why;

  /**
   * @param line of the file, from 1; 0 for the file as a whole
   */
  Unusable(int line, String message) {
    super(message);
    this.line = line;
    this.why = message;
  }

  /** The message. */
  String why() {
    return why;
  }

  int line() {
    return line;
  }
}
