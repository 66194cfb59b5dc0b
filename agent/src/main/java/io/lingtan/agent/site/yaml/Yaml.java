package io.lingtan.agent.site.yaml;

import java.util.List;

/** A value of a YAML file with the place where it begins. The library's own classes end here. */
public sealed interface Yaml {

  /** From 1. */
  int line();

  /** From 1, counted in characters. */
  int column();

  /** How a person would call it. */
  default String kind() {
    return switch (this) {
      case Text text -> text.isNothing() ? "nothing" : "'" + text.text() + "'";
      case Items _ -> "a list";
      case Table _ -> "a group of keys";
    };
  }

  /**
   * A number, word or text.
   *
   * @param plain written without quotes
   */
  record Text(int line, int column, String text, boolean plain) implements Yaml {

    /** Whether the key was left without a value. */
    public boolean isNothing() {
      return plain && (text.isEmpty() || text.equals("~") || text.equals("null"));
    }
  }

  /** A list. */
  record Items(int line, int column, List<Yaml> items) implements Yaml {
    public Items {
      items = List.copyOf(items);
    }
  }

  /** Keys with their values, in the file's order; a key may stand there twice. */
  record Table(int line, int column, List<Entry> entries) implements Yaml {
    public Table {
      entries = List.copyOf(entries);
    }
  }

  /** One key of a table. */
  record Entry(Text key, Yaml value) {}
}
