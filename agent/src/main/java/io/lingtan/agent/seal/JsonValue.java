package io.lingtan.agent.seal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A JSON text taken apart, with numbers as they were written. */
public sealed interface JsonValue {

  /** Members in the order in which they stand. */
  record Obj(SequencedMap<String, JsonValue> members) implements JsonValue {

    /** The member of that name, null if there is none. */
    public @Nullable JsonValue get(String name) {
      return members.get(name);
    }

    /** The text of that name, null if there is none or it is something else. */
    public @Nullable String text(String name) {
      return members.get(name) instanceof Str(String text) ? text : null;
    }

    /** The number of that name as written, null if there is none or it is something else. */
    public @Nullable String number(String name) {
      return members.get(name) instanceof Num(String literal) ? literal : null;
    }

    /** The object of that name; an empty one if there is none or it is something else. */
    public Obj object(String name) {
      return members.get(name) instanceof Obj object ? object : new Obj(new LinkedHashMap<>());
    }

    /** The same without a member. */
    public Obj without(String name) {
      SequencedMap<String, JsonValue> fewer = new LinkedHashMap<>(members);
      fewer.remove(name);
      return new Obj(fewer);
    }
  }

  record Arr(List<JsonValue> items) implements JsonValue {}

  record Str(String text) implements JsonValue {}

  /**
   * @param literal such as {@code -12.50e3}
   */
  record Num(String literal) implements JsonValue {}

  /** {@code true}, {@code false} or {@code null}. */
  record Word(String word) implements JsonValue {}

  /** What is said of a text that is not one JSON value. */
  final class NotJson extends Exception {
    private static final long serialVersionUID = 1;

    NotJson(String message) {
      super(message);
    }
  }

  /**
   * Reads one value and nothing after it.
   *
   * @throws NotJson if it is not one, has two members of one name, or is nested too deeply
   */
  static JsonValue parse(String text) throws NotJson {
    return Reader.parse(text);
  }

  /**
   * Reads one object and nothing after it.
   *
   * @throws NotJson as {@link #parse}
   */
  static Obj object(String text) throws NotJson {
    if (parse(text) instanceof Obj object) {
      return object;
    }
    throw new NotJson("not a JSON object");
  }

  /** Takes texts apart. */
  final class Reader {
    /** Deeper nesting than any record has; more is garbage, as it is beyond the next three. */
    private static final int DEEPEST = 32;

    private static final int LONGEST_NAME = 512;
    private static final int MOST_VALUES = 100_000;

    /** Worked out as decimals, a number with a larger one fills any memory. */
    private static final int MOST_EXPONENT_DIGITS = 3;

    private static final JsonFactory JSON =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNameLength(LONGEST_NAME)
                    .build())
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private Reader() {}

    private static JsonValue parse(String text) throws NotJson {
      try (JsonParser parser = JSON.createParser(text)) {
        if (parser.nextToken() == null) {
          throw new NotJson("empty");
        }
        JsonValue value = value(parser, new int[] {MOST_VALUES});
        if (parser.nextToken() != null) {
          throw new NotJson("text after the value");
        }
        return value;
      } catch (JsonProcessingException e) {
        throw new NotJson("not JSON: " + e.getOriginalMessage());
      } catch (IOException e) {
        throw new UncheckedIOException("a string does not fail", e);
      }
    }

    /**
     * @param left how many more values there may be
     */
    private static JsonValue value(JsonParser parser, int[] left) throws IOException, NotJson {
      if (--left[0] < 0) {
        throw new NotJson("more than " + MOST_VALUES + " values");
      }
      return switch (parser.currentToken()) {
        case START_OBJECT -> {
          SequencedMap<String, JsonValue> members = new LinkedHashMap<>();
          while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            if (members.put(name, value(parser, left)) != null) {
              throw new NotJson("two members are called " + name);
            }
          }
          yield new Obj(members);
        }
        case START_ARRAY -> {
          List<JsonValue> items = new ArrayList<>();
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(parser, left));
          }
          yield new Arr(items);
        }
        case VALUE_STRING -> new Str(parser.getText());
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getText());
        case VALUE_TRUE, VALUE_FALSE, VALUE_NULL -> new Word(parser.getText());
        default -> throw new NotJson("not JSON: " + parser.currentToken());
      };
    }

    private static Num number(String literal) throws NotJson {
      int exponent = Math.max(literal.indexOf('e'), literal.indexOf('E'));
      if (exponent >= 0
          && literal.substring(exponent + 1).replaceFirst("^[+-]?0*", "").length()
              > MOST_EXPONENT_DIGITS) {
        throw new NotJson("such an exponent is not allowed: " + literal);
      }
      return new Num(literal);
    }
  }
}
