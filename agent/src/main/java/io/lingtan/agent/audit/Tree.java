package io.lingtan.agent.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object with members that are asked for by name and type. Whole numbers are {@code Long},
 * others {@code Double}; what a member should be and is not is {@link Malformed}.
 */
final class Tree {

  /** Deeper nesting than any message has; more is garbage. */
  private static final int DEEPEST = 32;

  static final JsonFactory JSON =
      JsonFactory.builder()
          // UTF-8 and nothing else: a guess at another encoding is wrong, and offsets count bytes.
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
          .build();

  private final Map<String, @Nullable Object> members;

  Tree(Map<String, @Nullable Object> members) {
    this.members = members;
  }

  /**
   * Reads one object and nothing after it.
   *
   * @throws Malformed if it is not one
   */
  static Tree parse(byte[] bytes, int offset, int length) throws Malformed {
    try (JsonParser parser = JSON.createParser(bytes, offset, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new Malformed("not a JSON object");
      }
      Map<String, @Nullable Object> members = object(parser);
      if (parser.nextToken() != null) {
        throw new Malformed("text after the JSON object");
      }
      return new Tree(members);
    } catch (IOException e) {
      throw new Malformed("not JSON");
    }
  }

  static Tree parse(byte[] bytes) throws Malformed {
    return parse(bytes, 0, bytes.length);
  }

  private static Map<String, @Nullable Object> object(JsonParser parser)
      throws IOException, Malformed {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (members.put(name, value(parser)) != null) {
        throw new Malformed("two members of one name");
      }
    }
    return members;
  }

  private static @Nullable Object value(JsonParser parser) throws IOException, Malformed {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<@Nullable Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(parser));
        }
        yield elements;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? (Object) parser.getDoubleValue()
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  boolean has(String name) {
    return members.get(name) != null;
  }

  /** A whole number. */
  long number(String name) throws Malformed {
    if (members.get(name) instanceof Long number) {
      return number;
    }
    throw new Malformed("no whole number " + name);
  }

  /** A whole number ≥ 0. */
  long count(String name) throws Malformed {
    long number = number(name);
    if (number < 0) {
      throw new Malformed(name + " is negative");
    }
    return number;
  }

  /** A whole number, or {@code otherwise} if there is none. */
  long number(String name, long otherwise) {
    return members.get(name) instanceof Long number ? number : otherwise;
  }

  String text(String name) throws Malformed {
    if (members.get(name) instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw new Malformed("no text " + name);
  }

  @Nullable String textOrNull(String name) {
    return members.get(name) instanceof String text ? text : null;
  }

  boolean isTrue(String name) {
    return Boolean.TRUE.equals(members.get(name));
  }

  /** An object; empty if it is absent. */
  Tree object(String name) throws Malformed {
    Object member = members.get(name);
    return member == null ? new Tree(Map.of()) : of(member);
  }

  /** An array; empty if it is absent. */
  List<Object> list(String name) throws Malformed {
    Object member = members.get(name);
    if (member == null) {
      return List.of();
    }
    if (!(member instanceof List<?> list) || list.contains(null)) {
      throw new Malformed(name + " is not an array of values");
    }
    return List.copyOf(list);
  }

  /** An array of objects; empty if it is absent. */
  List<Tree> trees(String name) throws Malformed {
    List<Tree> trees = new ArrayList<>();
    for (Object element : list(name)) {
      trees.add(of(element));
    }
    return trees;
  }

  Iterable<String> names() {
    return members.keySet();
  }

  @SuppressWarnings("unchecked") // only object() makes maps
  static Tree of(Object value) throws Malformed {
    if (value instanceof Map<?, ?> map) {
      return new Tree((Map<String, @Nullable Object>) map);
    }
    throw new Malformed("not a JSON object inside");
  }

  static Range range(Object from, Object to) throws Malformed {
    if (from instanceof Long first && to instanceof Long last && first >= 1 && last >= first) {
      return new Range(first, last);
    }
    throw new Malformed("not a range of seqs");
  }

  /** One line of JSON from maps, lists, texts, numbers and truths. */
  static byte[] bytes(Map<String, @Nullable Object> tree) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      write(json, tree);
    } catch (IOException e) {
      throw new UncheckedIOException("an array does not fail", e);
    }
    return out.toByteArray();
  }

  private static void write(JsonGenerator json, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> json.writeNull();
      case Map<?, ?> map -> {
        json.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          json.writeFieldName(String.valueOf(entry.getKey()));
          write(json, entry.getValue());
        }
        json.writeEndObject();
      }
      case List<?> list -> {
        json.writeStartArray();
        for (Object element : list) {
          write(json, element);
        }
        json.writeEndArray();
      }
      case Long number -> json.writeNumber(number);
      case Integer number -> json.writeNumber(number);
      case Boolean truth -> json.writeBoolean(truth);
      case String text -> json.writeString(text);
      default -> throw new IllegalArgumentException("no JSON form of " + value.getClass());
    }
  }
}
