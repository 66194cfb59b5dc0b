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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The worked examples, as a tree that a test can walk: numbers are exact decimals. */
public final class WorkedExamples {

  private static final String FILE = "/io/lingtan/agent/worked-examples.json";

  /** Ids and cases whose expectation somebody has read, such as {@code E07/cases/3}. */
  private static final Set<String> READ = ConcurrentHashMap.newKeySet();

  private WorkedExamples() {}

  /** What has been compared with so far, of those that {@link #all} names. */
  public static Set<String> read() {
    return Set.copyOf(READ);
  }

  /** Every case: {@code E07/cases/3}, or the id alone of an example without cases. */
  public static Set<String> all() {
    Set<String> all = new TreeSet<>();
    for (Node example : file().at("examples").list()) {
      String id = example.at("id").text();
      if (example.has("cases")) {
        example
            .at("cases")
            .list()
            .forEach(each -> all.add(id + each.path().substring(each.path().indexOf("/cases"))));
      } else {
        all.add(id);
      }
    }
    return all;
  }

  /** Notes that a case is compared with when a value that it expects is asked for. */
  private static void note(String path) {
    // Another file's paths begin with a stroke.
    if (path.startsWith("/")) {
      return;
    }
    if (path.contains("/expected") || path.contains("/valid")) {
      int cases = path.indexOf("/cases/");
      int end = cases < 0 ? 3 : path.indexOf('/', cases + "/cases/".length());
      READ.add(
          cases < 0 ? path.substring(0, 3) : path.substring(0, 3) + path.substring(cases, end));
    }
  }

  /** The example with this id, such as {@code E07}. */
  public static Node example(String id) {
    for (Node example : file().at("examples").list()) {
      if (example.at("id").text().equals(id)) {
        return new Node(id, example.value());
      }
    }
    throw new NoSuchElementException("no example " + id + " in " + FILE);
  }

  /** The cases of an example. */
  public static List<Node> cases(String id) {
    return example(id).at("cases").list();
  }

  private static Node file() {
    return tree(FILE);
  }

  /** A file of the test resources as a tree. */
  static Node tree(String name) {
    try (InputStream file = WorkedExamples.class.getResourceAsStream(name);
        JsonParser json = new JsonFactory().createParser(file)) {
      json.nextToken();
      return new Node("", value(json));
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
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

    @Override
    public @Nullable Object value() {
      note(path);
      return value;
    }

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
      note(path);
      return value == null;
    }

    public List<Node> list() {
      note(path);
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
      note(path);
      return (String) java.util.Objects.requireNonNull(value, path);
    }

    public BigDecimal decimal() {
      note(path);
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
