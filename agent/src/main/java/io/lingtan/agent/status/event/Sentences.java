package io.lingtan.agent.status.event;

import io.lingtan.agent.run.PackedFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What each event means and what to do about it, as {@code events.txt} has it. */
final class Sentences {

  private static final String FILE = "/io/lingtan/agent/status/events.txt";

  /**
   * One event's.
   *
   * @param chinese what it means
   * @param chineseNext what to do
   * @param english what it means
   * @param englishNext what to do
   */
  public record Sentence(String chinese, String chineseNext, String english, String englishNext) {}

  private Sentences() {}

  private static final class Holder {
    static final SequencedMap<String, Sentence> ALL = read();
  }

  /** Each event's by its name, in the order of the file. */
  public static SequencedMap<String, Sentence> all() {
    return Holder.ALL;
  }

  /** Of an event; null for one of another version. */
  public static @Nullable Sentence of(String name) {
    return Holder.ALL.get(name);
  }

  private static SequencedMap<String, Sentence> read() {
    SequencedMap<String, Sentence> all = new LinkedHashMap<>();
    String name = "";
    Map<String, String> parts = new LinkedHashMap<>();
    for (String line : PackedFile.text(Sentences.class, FILE).lines().toList()) {
      int colon = line.indexOf(": ");
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (colon < 0) {
        name = line;
        parts.clear();
        continue;
      }
      parts.put(line.substring(0, colon), line.substring(colon + 2));
      if (parts.size() == 4) {
        all.put(name, sentence(name, parts));
      }
    }
    return all;
  }

  private static Sentence sentence(String name, Map<String, String> parts) {
    return new Sentence(
        part(name, parts, "zh"),
        part(name, parts, "zh-do"),
        part(name, parts, "en"),
        part(name, parts, "en-do"));
  }

  private static String part(String name, Map<String, String> parts, String key) {
    String text = parts.get(key);
    if (text == null) {
      throw new IllegalStateException(FILE + ": " + name + " has no " + key);
    }
    return text;
  }
}
