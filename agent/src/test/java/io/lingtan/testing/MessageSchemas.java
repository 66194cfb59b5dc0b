package io.lingtan.testing;

import dev.harrel.jsonschema.Validator;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/**
 * The schemas of {@code config/schema} that describe messages, read more strictly than a subscriber
 * may: what no schema names is a problem too, so that nothing is published that is not described.
 */
public final class MessageSchemas {

  private final Map<String, Schema> byName = new TreeMap<>();

  private MessageSchemas() {}

  /** All of a folder but {@code profile.json}. */
  public static MessageSchemas of(Path folder) throws IOException {
    MessageSchemas schemas = new MessageSchemas();
    Validator validator = Schema.validator();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
      for (Path file : files) {
        String name = file.getFileName().toString().replace(".json", "");
        if (!name.equals("profile")) {
          Map<String, Object> schema = Json.object(Files.readString(file));
          close(schema);
          schemas.byName.put(name, Schema.of(validator, Json.text(schema)));
        }
      }
    }
    return schemas;
  }

  /** Allows no other members than those that are listed. */
  private static void close(Object schema) {
    if (schema instanceof Map<?, ?> map) {
      if ("object".equals(map.get("type")) && map.containsKey("properties")) {
        @SuppressWarnings("unchecked") // a JSON object
        Map<String, Object> open = (Map<String, Object>) map;
        open.putIfAbsent("additionalProperties", false);
      }
      map.values().forEach(MessageSchemas::close);
    } else if (schema instanceof List<?> list) {
      list.forEach(MessageSchemas::close);
    }
  }

  /** Names of the schemas. */
  public List<String> names() {
    return List.copyOf(byName.keySet());
  }

  /** What is wrong with a payload; empty if it fits. */
  public List<String> problems(String name, String payload) throws IOException {
    Schema schema = byName.get(name);
    if (schema == null) {
      throw new IllegalArgumentException("no schema " + name + "; there are " + names());
    }
    return schema.problems(Json.parse(payload));
  }

  /** What is wrong with a message; empty if it fits. */
  public List<String> problems(String topic, byte[] payload) throws IOException {
    String text = text(topic, payload);
    String name = nameOf(topic);
    if (name.equals("status")) {
      return text.equals("online") || text.equals("offline") ? List.of() : List.of(text);
    }
    // What a replay brings goes to a reply topic, and is a batch like any other.
    return problems(name.equals("reply") && text.contains("\"records\":[") ? "batch" : name, text);
  }

  /** A payload as text, inflated where the topic says that it is gzipped. */
  public static String text(String topic, byte[] payload) throws IOException {
    if (!topic.endsWith("/batch/gz")) {
      return new String(payload, StandardCharsets.UTF_8);
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(payload))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The schema that a topic {@code lingtan/v1/GATEWAY/...} has, {@code status} for the word. */
  public static String nameOf(String topic) {
    String[] levels = topic.split("/", -1);
    String kind = levels.length > 3 ? levels[3] : topic;
    return kind.equals("meta") && levels.length > 4 ? "meta-device" : kind;
  }
}
