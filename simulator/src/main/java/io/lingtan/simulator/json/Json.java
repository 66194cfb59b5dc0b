package io.lingtan.simulator.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object, asked by name. Numbers are exact decimals; what is absent or of another type is
 * null.
 */
public record Json(Map<String, @Nullable Object> members) {

  private static final JsonFactory FACTORY = new JsonFactory();

  public static final Json EMPTY = new Json(Map.of());

  /**
   * Reads one object.
   *
   * @throws IOException if it is none
   */
  public static Json read(byte[] bytes) throws IOException {
    try (JsonParser parser = FACTORY.createParser(bytes)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      return object(parser);
    }
  }

  /** The object at whose start the parser stands. */
  public static Json object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      members.put(name, value(parser));
    }
    return new Json(members);
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
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
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  public boolean has(String name) {
    return members.get(name) != null;
  }

  public @Nullable BigDecimal decimal(String name) {
    return members.get(name) instanceof BigDecimal number ? number : null;
  }

  public long number(String name, long otherwise) {
    return members.get(name) instanceof BigDecimal number ? number.longValue() : otherwise;
  }

  public @Nullable String text(String name) {
    return members.get(name) instanceof String text ? text : null;
  }

  public boolean isTrue(String name) {
    return Boolean.TRUE.equals(members.get(name));
  }

  public Json object(String name) {
    return members.get(name) instanceof Json object ? object : EMPTY;
  }

  public List<Json> objects(String name) {
    if (!(members.get(name) instanceof List<?> list)) {
      return List.of();
    }
    return list.stream().filter(Json.class::isInstance).map(Json.class::cast).toList();
  }
}
