package io.lingtan.simulator.scenario;

import io.lingtan.agent.site.yaml.Words;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A number that a kind of fault has beside its time.
 *
 * @param name its key in a scenario file
 * @param unit how it is written
 * @param least that it can be
 * @param most that it can be
 * @param usual what is drawn from where a scenario gives none
 * @param words what the numbers from 0 on are called; empty where they are numbers
 */
record Knob(String name, Unit unit, long least, long most, Range usual, List<String> words) {

  /** How a number is written. */
  enum Unit {
    /** A whole number. */
    NUMBER,
    /** Milliseconds, written as a duration. */
    MILLIS,
    /** 0 or 1, written as {@code false} or {@code true}. */
    YES,
    /** One of several, written as a word. */
    WORD
  }

  Knob {
    words = List.copyOf(words);
    if (usual.low() < least || usual.high() > most) {
      throw new IllegalArgumentException(name + " is usually " + usual);
    }
  }

  static Knob number(String name, long least, long most, long low, long high) {
    return new Knob(name, Unit.NUMBER, least, most, new Range(low, high), List.of());
  }

  static Knob millis(String name, long least, long most, long low, long high) {
    return new Knob(name, Unit.MILLIS, least, most, new Range(low, high), List.of());
  }

  static Knob yes(String name) {
    return new Knob(name, Unit.YES, 0, 1, new Range(0, 1), List.of());
  }

  /** One of these. */
  static Knob choice(String name, List<String> words) {
    int last = words.size() - 1;
    return new Knob(name, Unit.WORD, 0, last, new Range(0, last), words);
  }

  /** What a text says; null if it is not written as this knob is, or out of its range. */
  @Nullable Long parse(String text) {
    Long value =
        switch (unit) {
          case NUMBER -> Words.whole(text);
          case MILLIS -> signedMillis(text);
          case YES -> text.equals("true") ? Long.valueOf(1) : text.equals("false") ? 0L : null;
          case WORD -> words.contains(text) ? Long.valueOf(words.indexOf(text)) : null;
        };
    return value == null || value < least || value > most ? null : value;
  }

  /** A step of a clock may go back. */
  private static @Nullable Long signedMillis(String text) {
    boolean back = text.startsWith("-");
    Duration duration = Moments.parse(back ? text.substring(1) : text);
    return duration == null ? null : (back ? -1 : 1) * duration.toMillis();
  }

  String text(long value) {
    return switch (unit) {
      case NUMBER -> Long.toString(value);
      case MILLIS -> (value < 0 ? "-" : "") + Moments.text(Math.abs(value));
      case YES -> value == 1 ? "true" : "false";
      case WORD -> words.get((int) value);
    };
  }

  /** What it can be, for a person. */
  String limits() {
    return switch (unit) {
      case NUMBER -> "a whole number from " + least + " to " + most;
      case MILLIS -> "a duration from " + text(least) + " to " + text(most);
      case YES -> "true or false";
      case WORD -> "one of " + String.join(" ", words);
    };
  }
}
