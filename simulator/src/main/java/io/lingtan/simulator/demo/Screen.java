package io.lingtan.simulator.demo;

import java.io.PrintStream;

/**
 * Sentences that stay, and below them one line that is always the present. Where there is no
 * terminal the present is printed each {@value #EVERY}th time only. One thread.
 */
final class Screen {

  private static final int EVERY = 10;
  private static final String CLEAR = "\r\u001b[K";

  private static final int INDENT = 10;
  private static final int NARROWEST = 40;

  private final PrintStream out;
  private final int columns;
  private boolean live;
  private int calls;

  /**
   * @param columns width of the terminal, 0 where there is none
   */
  Screen(PrintStream out, int columns) {
    this.out = out;
    this.columns = columns == 0 ? 0 : Math.max(NARROWEST, columns);
  }

  /** A line that stays; sentences are broken where the terminal ends. */
  void say(String line) {
    clear();
    String rest = line;
    while (columns > 0 && rest.length() > columns && rest.indexOf('\u001b') < 0) {
      int space = rest.lastIndexOf(' ', columns);
      if (space <= INDENT) {
        break;
      }
      out.println(rest.substring(0, space));
      rest = " ".repeat(INDENT) + rest.substring(space + 1);
    }
    out.println(rest);
    out.flush();
  }

  /** What is going on now. */
  void now(String line) {
    if (isTerminal()) {
      // A line that wraps could not be taken back.
      out.print(CLEAR + line.substring(0, Math.min(line.length(), columns - 1)));
      live = true;
    } else if (calls++ % EVERY == 0) {
      out.println(line);
    }
    out.flush();
  }

  /** Takes the present away. */
  void clear() {
    if (live) {
      out.print(CLEAR);
      live = false;
    }
  }

  boolean isTerminal() {
    return columns > 0;
  }
}
