package io.lingtan.agent.desk;

import org.jspecify.annotations.Nullable;

/**
 * What {@code check --here} found out about one thing of this machine.
 *
 * @param what such as {@code line rs485-1} or {@code clock}
 * @param state what was seen
 * @param todo what to do about it; null where nothing is
 */
public record CheckFinding(String what, Mark mark, String state, @Nullable String todo) {

  /** How it is. */
  public enum Mark {
    GOOD,
    /** It works, and may not always. */
    WARNING,
    /** It does not work. */
    BAD
  }

  public static CheckFinding good(String what, String state) {
    return new CheckFinding(what, Mark.GOOD, state, null);
  }

  public static CheckFinding warning(String what, String state, String todo) {
    return new CheckFinding(what, Mark.WARNING, state, todo);
  }

  public static CheckFinding bad(String what, String state, String todo) {
    return new CheckFinding(what, Mark.BAD, state, todo);
  }

  /** One or two lines for a person. */
  public String text() {
    String word =
        switch (mark) {
          case GOOD -> "good   ";
          case WARNING -> "warning";
          case BAD -> "BAD    ";
        };
    String head = "%s  %-22s %s".formatted(word, what, state);
    return todo == null ? head : head + "\n" + " ".repeat(33) + "→ " + todo;
  }
}
