package io.lingtan.agent.audit.message;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.lingtan.agent.reading.foreign.ForeignText;
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
public final class Tree {

  /** Deeper nesting than any message has; more is garbage, as it is beyond the next three. */
  private static final int DEEPEST = 32;

  private static final int LONGEST_TEXT = 256 * 1024;
  private static final int LONGEST_NAME = 256;
  private static final int LONGEST_NUMBER = 64;

  /** Values of a message together, so that what it is read into is not many times its size. */
  private static final int MOST_VALUES = 100_000;

  public static final JsonFactory JSON =
      JsonFactory.builder()
          // UTF-8 and nothing else: a guess at another encoding is wrong, and offsets count bytes.
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxStringLength(LONGEST_TEXT)
                  .maxNameLength(LONGEST_NAME)
                  .maxNumberLength(LONGEST_NUMBER)
                  .build())
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  /** Beyond what every JSON reader takes exactly. */
  static final long HIGHEST_SEQ = 1L << 53;

  private final Map<String, @Nullable Object> members;

  public Tree(Map<String, @Nullable Object> members) {
    this.members = members;
  }

  /**
   * Reads one object and nothing after it.
   *
   * @throws Malformed if it is not one
   */
  public static Tree parse(byte[] bytes, int offset, int length) throws Malformed {
    try (JsonParser parser = JSON.createParser(bytes, offset, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new Malformed("not a JSON object");
      }
      Map<String, @Nullable Object> members = object(parser, new int[] {MOST_VALUES});
      if (parser.nextToken() != null) {
        throw new Malformed("text after the JSON object");
      }
      return new Tree(members);
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  public static Tree parse(byte[] bytes) throws Malformed {
    return parse(bytes, 0, bytes.length);
  }

  /**
   * Reads the object that the parser stands at the beginning of, of any size: from a file of our
   * own.
   */
  public static Tree whole(JsonParser parser) throws IOException, Malformed {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new Malformed("not a JSON object inside");
    }
    return new Tree(object(parser, new int[] {Integer.MAX_VALUE}));
  }

  /** The value that the parser stands at, null if it is an object or an array. */
  static @Nullable public Object scalar(JsonParser parser) throws IOException, Malformed {
    boolean isScalar = parser.currentToken().isScalarValue();
    parser.skipChildren();
    return isScalar ? value(parser, new int[] {1}) : null;
  }

  /** Why a text is no JSON that is read here; without its content, which anybody may have made. */
  public static Malformed malformed(IOException e) {
    return new Malformed(
        e instanceof StreamConstraintsException
            ? "nested too deeply, or a text or number too long"
            : "not JSON");
  }

  /**
   * @param left how many more values there may be
   */
  private static Map<String, @Nullable Object> object(JsonParser parser, int[] left)
      throws IOException, Malformed {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      if (members.put(name, value(parser, left)) != null) {
        throw new Malformed("two members of one name");
      }
    }
    return members;
  }

  private static @Nullable Object value(JsonParser parser, int[] left)
      throws IOException, Malformed {
    if (--left[0] < 0) {
      throw new Malformed("more than " + MOST_VALUES + " values");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser, left);
      case START_ARRAY -> {
        List<@Nullable Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(value(parser, left));
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

  public boolean has(String name) {
    return members.get(name) != null;
  }

  /** Also where it is null. */
  public boolean tells(String name) {
    return members.containsKey(name);
  }

  /** A whole number. */
  public long number(String name) throws Malformed {
    if (members.get(name) instanceof Long number) {
      return number;
    }
    throw new Malformed("no whole number " + name);
  }

  /** A whole number ≥ 0. */
  public long count(String name) throws Malformed {
    long number = number(name);
    if (number < 0) {
      throw new Malformed(name + " is negative");
    }
    return number;
  }

  /** A seq, or 0 for none: a whole number 0..2^53, which every JSON reader takes exactly. */
  long seqOrNone(String name) throws Malformed {
    long seq = count(name);
    if (seq > HIGHEST_SEQ) {
      throw new Malformed(name + " is beyond 2^53");
    }
    return seq;
  }

  /** A text that is a name, as programs give it: not longer than {@code longest}. */
  public String name(String name, int longest) throws Malformed {
    String text = text(name);
    if (text.length() > longest) {
      throw new Malformed(name + " is too long");
    }
    if (!ForeignText.isName(text)) {
      throw new Malformed(name + " has letters that are in no such name");
    }
    return text;
  }

  /** A whole number, or {@code otherwise} if there is none. */
  public long number(String name, long otherwise) {
    return members.get(name) instanceof Long number ? number : otherwise;
  }

  public String text(String name) throws Malformed {
    if (members.get(name) instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw new Malformed("no text " + name);
  }

  public @Nullable String textOrNull(String name) {
    return members.get(name) instanceof String text ? text : null;
  }

  public boolean isTrue(String name) {
    return Boolean.TRUE.equals(members.get(name));
  }

  /** An object; empty if it is absent. */
  public Tree object(String name) throws Malformed {
    Object member = members.get(name);
    return member == null ? new Tree(Map.of()) : of(member);
  }

  /** An array; empty if it is absent. */
  public List<Object> list(String name) throws Malformed {
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
  public List<Tree> trees(String name) throws Malformed {
    List<Tree> trees = new ArrayList<>();
    for (Object element : list(name)) {
      trees.add(of(element));
    }
    return trees;
  }

  public Iterable<String> names() {
    return members.keySet();
  }

  @SuppressWarnings("unchecked") // only object() makes maps
  static Tree of(Object value) throws Malformed {
    if (value instanceof Map<?, ?> map) {
      return new Tree((Map<String, @Nullable Object>) map);
    }
    throw new Malformed("not a JSON object inside");
  }

  public static Range range(Object from, Object to) throws Malformed {
    if (from instanceof Long first
        && to instanceof Long last
        && first >= 1
        && last >= first
        && last <= HIGHEST_SEQ) {
      return new Range(first, last);
    }
    throw new Malformed("not a range of seqs");
  }

  /** One line of JSON from maps, lists, texts, numbers and truths. */
  public static byte[] bytes(Map<String, @Nullable Object> tree) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      write(json, tree);
    } catch (IOException e) {
      throw new UncheckedIOException("an array does not fail", e);
    }
    return out.toByteArray();
  }

  /** Members of an object that is being written. */
  public static void writeMembers(JsonGenerator json, Map<String, @Nullable Object> members)
      throws IOException {
    for (Map.Entry<String, @Nullable Object> member : members.entrySet()) {
      json.writeFieldName(member.getKey());
      write(json, member.getValue());
    }
  }

  public static void write(JsonGenerator json, @Nullable Object value) throws IOException {
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
