package io.lingtan.agent.site.yaml;

import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.yaml.Yaml.Entry;
import io.lingtan.agent.site.yaml.Yaml.Items;
import io.lingtan.agent.site.yaml.Yaml.Table;
import io.lingtan.agent.site.yaml.Yaml.Text;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A group of keys being read. What is wrong is told and a harmless value taken in its place, so
 * that one run finds every problem.
 */
public final class Fields {

  private final Keys section;
  private final Yaml at;
  private final Problems problems;
  private final Map<String, Yaml> values = new LinkedHashMap<>();
  private final Map<String, Text> keys = new LinkedHashMap<>();

  /** Keys that an unknown one most likely was meant to be: not told a second time as missing. */
  private final Set<String> meant = new HashSet<>();

  private Fields(Keys section, Yaml at, Problems problems) {
    this.section = section;
    this.at = at;
    this.problems = problems;
  }

  /** The keys of {@code table}; every unknown or doubled one is told. */
  public static Fields of(Keys section, Yaml table, Problems problems) {
    Fields fields = new Fields(section, table, problems);
    if (!(table instanceof Table(int _, int _, List<Entry> entries))) {
      problems.error(
          table,
          section.title()
              + " has keys ("
              + String.join(" ", section.keys())
              + "), not "
              + table.kind());
      return fields;
    }
    for (Entry entry : unique(entries, problems)) {
      String key = entry.key().text();
      if (!section.keys().contains(key)) {
        String nearest = Words.nearest(key, section.keys());
        if (nearest != null) {
          fields.meant.add(nearest);
        }
        problems.error(
            entry.key(),
            new Sentence(
                "'"
                    + key
                    + "' is no key of "
                    + section.title()
                    + Words.instead(key, section.keys()),
                section.title() + " 里没有 " + key + " 这一项"));
      } else {
        fields.keys.put(key, entry.key());
        if (entry.value() instanceof Text text && text.isNothing()) {
          problems.error(
              entry.key(),
              new Sentence(
                  key + " has no value: give it one or delete the line", key + " 没有值：补上或删掉这一行"));
        } else {
          fields.values.put(key, entry.value());
        }
      }
    }
    return fields;
  }

  /** The entries without those whose key stood there before, which are told. */
  public static List<Entry> unique(List<Entry> entries, Problems problems) {
    Map<String, Entry> seen = new LinkedHashMap<>();
    for (Entry entry : entries) {
      Entry first = seen.putIfAbsent(entry.key().text(), entry);
      if (first != null) {
        problems.error(
            entry.key(),
            new Sentence(
                "'"
                    + entry.key().text()
                    + "' is here for the second time; the first is in line "
                    + first.key().line(),
                entry.key().text() + " 写了两次，第一次在第 " + first.key().line() + " 行"));
      }
    }
    return List.copyOf(seen.values());
  }

  /** Where the group begins. */
  public Yaml at() {
    return at;
  }

  /** Where the key stands, or the group if it is not there. */
  public Yaml at(String key) {
    Text place = keys.get(known(key));
    return place == null ? at : place;
  }

  /** Where the key's value stands, or the group if it is not there. */
  public Yaml valueAt(String key) {
    Yaml value = values.get(known(key));
    return value == null ? at(key) : value;
  }

  public boolean has(String key) {
    return values.containsKey(known(key));
  }

  /** Whether the key is written, even if without a value. */
  public boolean isWritten(String key) {
    return keys.containsKey(known(key));
  }

  /** Whether such a group may have the key. */
  public boolean allows(String key) {
    return section.keys().contains(key);
  }

  public @Nullable Yaml value(String key) {
    return values.get(known(key));
  }

  private String known(String key) {
    if (!section.keys().contains(key)) {
      throw new IllegalArgumentException(section.title() + " does not list the key " + key);
    }
    return key;
  }

  /** Tells that the key is missing, unless it is there or was told to have no value. */
  public boolean require(String key, String why) {
    if (!isWritten(key) && !meant.contains(key)) {
      problems.error(
          at,
          new Sentence(
              section.title() + " needs " + key + ": " + why, section.title() + " 缺少 " + key));
    }
    return has(key);
  }

  /**
   * The key's word or number as written; null if it is not there or is told to be something else.
   */
  public @Nullable String text(String key) {
    Yaml value = value(key);
    if (value == null) {
      return null;
    }
    if (value instanceof Text text) {
      return text.text();
    }
    problems.error(value, key + " is one word or number, not " + value.kind());
    return null;
  }

  public String text(String key, String otherwise) {
    String text = text(key);
    return text == null ? otherwise : text;
  }

  public boolean flag(String key, boolean otherwise) {
    String text = text(key);
    if (text == null) {
      return otherwise;
    }
    if (!text.equals("true") && !text.equals("false")) {
      problems.error(
          valueAt(key),
          new Sentence(
              key + " is true or false, not '" + text + "'",
              key + " 只能是 true 或 false，不能是 " + text));
    }
    return text.equals("true");
  }

  public int whole(String key, int least, int most, int otherwise) {
    String text = text(key);
    if (text == null) {
      return otherwise;
    }
    Long number = Words.whole(text);
    if (number == null || number < least || number > most) {
      problems.error(
          valueAt(key),
          new Sentence(
              key + " is a whole number from " + least + " to " + most + ", not '" + text + "'",
              key + " 是 " + least + " 到 " + most + " 的整数，不能是 " + text));
      return otherwise;
    }
    return Math.toIntExact(number);
  }

  /** A number from {@code least} to {@code most}. */
  public @Nullable BigDecimal decimal(String key, String least, String most) {
    String text = text(key);
    if (text == null) {
      return null;
    }
    BigDecimal number = Words.decimal(text);
    if (number == null
        || number.compareTo(new BigDecimal(least)) < 0
        || number.compareTo(new BigDecimal(most)) > 0) {
      problems.error(
          valueAt(key),
          new Sentence(
              key + " is a number from " + least + " to " + most + ", not '" + text + "'",
              key + " 是 " + least + " 到 " + most + " 的数，不能是 " + text));
      return null;
    }
    return number;
  }

  public @Nullable Duration duration(String key, Duration least, Duration most) {
    String text = text(key);
    if (text == null) {
      return null;
    }
    Duration duration = Words.duration(text);
    if (duration == null) {
      problems.error(
          valueAt(key),
          new Sentence(
              key + " is a duration such as 500ms 1s 15m 2h, not '" + text + "'",
              key + " 是时长，如 500ms 1s 15m 2h，不能是 " + text));
      return null;
    }
    if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
      problems.error(
          valueAt(key),
          new Sentence(
              key + " is from " + Words.text(least) + " to " + Words.text(most) + ", not " + text,
              key + " 应在 " + Words.text(least) + " 到 " + Words.text(most) + " 之间，不能是 " + text));
      return null;
    }
    return duration;
  }

  public Duration duration(String key, Duration least, Duration most, Duration otherwise) {
    Duration duration = duration(key, least, most);
    return duration == null ? otherwise : duration;
  }

  /** A local day. */
  public @Nullable LocalDate day(String key) {
    String text = text(key);
    if (text == null) {
      return null;
    }
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      problems.error(valueAt(key), key + " is a day such as 2025-12-31, not '" + text + "'");
      return null;
    }
  }

  /** One of some words. */
  public <T extends @Nullable Object> T choice(
      String key, Map<String, ? extends T> choices, T otherwise) {
    String text = text(key);
    if (text == null) {
      return otherwise;
    }
    T chosen = choices.get(text);
    if (chosen == null) {
      problems.error(
          valueAt(key),
          new Sentence(
              "'" + text + "' is no " + key + Words.instead(text, choices.keySet()),
              key + " 不能是 " + text + "，只能是 " + String.join(" ", choices.keySet())));
      return otherwise;
    }
    return chosen;
  }

  /** The group under a key; an empty one at this place if it is not there. */
  public Fields group(String key, Keys section) {
    Yaml value = value(key);
    return value == null ? new Fields(section, at(key), problems) : of(section, value, problems);
  }

  /** The values of a list; empty if it is not there. */
  public List<Yaml> items(String key) {
    Yaml value = value(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof Items items) {
      return items.items();
    }
    problems.error(value, key + " is a list [a, b], not " + value.kind());
    return List.of();
  }

  /** The groups of a list. */
  public List<Fields> groups(String key, Keys section) {
    return items(key).stream().map(item -> of(section, item, problems)).toList();
  }

  /** The words of a list. */
  public List<Text> words(String key) {
    List<Text> words = new ArrayList<>();
    for (Yaml item : items(key)) {
      if (item instanceof Text text && !text.isNothing()) {
        words.add(text);
      } else {
        problems.error(item, key + " lists words, not " + item.kind());
      }
    }
    return words;
  }

  /** The entries under a key whose own keys are names that the operator chooses. */
  public List<Entry> entries(String key) {
    Yaml value = value(key);
    if (value == null) {
      return List.of();
    }
    if (value instanceof Table table) {
      return unique(table.entries(), problems);
    }
    problems.error(value, key + " has keys, not " + value.kind());
    return List.of();
  }
}
