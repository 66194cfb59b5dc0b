package io.lingtan.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a subscriber wrote down of gateways' messages, held against {@code config/schema}: lines
 * {@code TOPIC PAYLOAD}, as by {@code mosquitto_sub -F "%t %p"}.
 *
 * <p>Bound: {@value #MOST_OF_A_KIND} messages of each kind of topic, so that a fleet's do not take
 * longer than the fleet.
 */
public final class Captured {

  private static final int MOST_OF_A_KIND = 2_000;
  private static final int MOST_TOLD = 5;
  private static final String ROOT = "lingtan/v1/";

  private final List<String> problems = new ArrayList<>();
  private final Map<String, Integer> kinds = new HashMap<>();

  private Captured(List<String> lines) throws IOException {
    MessageSchemas schemas = MessageSchemas.of(Path.of("..", "config", "schema"));
    for (String line : lines) {
      int space = line.indexOf(' ');
      // Not what was cleared, and not what others ask of a gateway.
      if (line.startsWith(ROOT) && space > 0 && space < line.length() - 1) {
        String topic = line.substring(0, space);
        String kind = MessageSchemas.nameOf(topic);
        if (!kind.equals("cmd") && kinds.merge(kind, 1, Integer::sum) <= MOST_OF_A_KIND) {
          check(schemas, topic, line.substring(space + 1));
        }
      }
    }
  }

  private void check(MessageSchemas schemas, String topic, String payload) {
    List<String> found;
    try {
      found = schemas.problems(topic, payload.getBytes(StandardCharsets.UTF_8));
    } catch (IOException | IllegalArgumentException e) {
      found = List.of(e.toString());
    }
    if (!found.isEmpty() && problems.size() < MOST_TOLD) {
      problems.add(topic + " " + found + " " + payload);
    }
  }

  /** Judges lines. */
  public static Captured of(List<String> lines) throws IOException {
    return new Captured(lines);
  }

  /** The first messages that no schema allows, with what is wrong with them. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** How many there were of a kind: {@code data}, {@code meta-device}, ... */
  public int count(String kind) {
    return kinds.getOrDefault(kind, 0);
  }
}
