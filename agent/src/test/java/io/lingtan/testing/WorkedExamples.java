package io.lingtan.testing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The worked examples, as a tree that a test can walk: numbers are exact decimals. */
public final class WorkedExamples {

  private static final String FILE = "/io/lingtan/agent/worked-examples.json";

  private WorkedExamples() {}

  /** The example with this id, such as {@code E07}. */
  public static Node example(String id) {
    for (Node example : read().at("examples").list()) {
      if (example.at("id").text().equals(id)) {
        return example;
      }
    }
    throw new NoSuchElementException("no example " + id + " in " + FILE);
  }

  /** The cases of an example. */
  public static List<Node> cases(String id) {
    return example(id).at("cases").list();
  }

  private static Node read() {
    try (InputStream file = WorkedExamples.class.getResourceAsStream(FILE);
        JsonParser json = new JsonFactory().createParser(file)) {
      json.nextToken();
      return new Node("", value(json));
    } catch (IOException e) {
      throw new UncheckedIOException(FILE, e);
    }
  }

  private static @Nullable Object value(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
          String name = json.currentName();
          json.nextToken();
          members.put(name, value(json));
        }
        yield members;
      }
      case START_ARRAY -> {
        List<@Nullable Object> elements = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(json));
        }
        yield elements;
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getDecimalValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_NULL -> null;
      default -> json.getText();
    };
  }

  /** A place in the tree. */
  public record Node(String path, @Nullable Object value) {

    /**
     * The member called {@code name}.
     *
     * @throws NoSuchElementException if there is none
     */
    public Node at(String name) {
      if (!(value instanceof Map<?, ?> members) || !members.containsKey(name)) {
        throw new NoSuchElementException(path + " has no " + name);
      }
      return new Node(path + "/" + name, members.get(name));
    }

    public boolean has(String name) {
      return value instanceof Map<?, ?> members && members.containsKey(name);
    }

    public boolean isNull() {
      return value == null;
    }

    public List<Node> list() {
      if (!(value instanceof List<?> elements)) {
        throw new NoSuchElementException(path + " is no list");
      }
      List<Node> nodes = new ArrayList<>();
      for (Object element : elements) {
        nodes.add(new Node(path + "/" + nodes.size(), element));
      }
      return nodes;
    }

    /** Names of the members, in the file's order. */
    public List<String> names() {
      if (!(value instanceof Map<?, ?> members)) {
        throw new NoSuchElementException(path + " has no members");
      }
      return members.keySet().stream().map(String.class::cast).toList();
    }

    public String text() {
      return (String) java.util.Objects.requireNonNull(value, path);
    }

    public BigDecimal decimal() {
      return (BigDecimal) java.util.Objects.requireNonNull(value, path);
    }

    public double number() {
      return decimal().doubleValue();
    }

    /** Millionths, exact. */
    public long micros() {
      return decimal().movePointRight(6).longValueExact();
    }

    /** Millionths, half-even beyond six places. */
    public long roundedMicros() {
      return decimal()
          .movePointRight(6)
          .setScale(0, java.math.RoundingMode.HALF_EVEN)
          .longValueExact();
    }
  }
}
