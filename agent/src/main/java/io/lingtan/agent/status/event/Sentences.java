package io.lingtan.agent.status.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
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
    try (InputStream in = Sentences.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IllegalStateException("the agent's jar lacks " + FILE);
      }
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, UTF_8));
      String name = "";
      Map<String, String> parts = new LinkedHashMap<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
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
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
