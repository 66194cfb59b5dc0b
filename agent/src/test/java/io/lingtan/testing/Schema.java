package io.lingtan.testing;

import dev.harrel.jsonschema.JsonNode;
import dev.harrel.jsonschema.JsonNodeFactory;
import dev.harrel.jsonschema.SimpleType;
import dev.harrel.jsonschema.Validator;
import dev.harrel.jsonschema.ValidatorFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON Schema 2020-12 of {@code config/schema}, and whether values as {@link Json} fit it. */
public final class Schema {

  private final Validator validator;
  private final URI uri;

  private Schema(Validator validator, URI uri) {
    this.validator = validator;
    this.uri = uri;
  }

  public static Schema of(Path file) throws IOException {
    return of(validator(), Files.readString(file));
  }

  /** One that refers to {@code others} by their {@code $id}. */
  public static Schema of(String schema, String... others) {
    Validator validator = validator();
    for (String other : others) {
      validator.registerSchema(other);
    }
    return of(validator, schema);
  }

  /** One that knows nothing yet: schemas that refer to each other need the same one. */
  static Validator validator() {
    return new ValidatorFactory().withJsonNodeFactory(new Nodes()).createValidator();
  }

  static Schema of(Validator validator, String schema) {
    return new Schema(validator, validator.registerSchema(schema));
  }

  /** What does not fit, one line each; empty if the value fits. */
  public List<String> problems(@Nullable Object value) {
    Validator.Result result = validator.validate(uri, new Node(value, ""));
    if (result.isValid()) {
      return List.of();
    }
    List<String> told =
        result.getErrors().stream()
            .map(error -> error.getInstanceLocation() + ": " + error.getError())
            .toList();
    return told.isEmpty() ? List.of("does not fit") : told;
  }

  private static final class Nodes implements JsonNodeFactory {
    @Override
    public JsonNode wrap(Object node) {
      return node instanceof JsonNode wrapped ? wrapped : new Node(node, "");
    }

    @Override
    public JsonNode create(String json) {
      try {
        return new Node(Json.parse(json), "");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private record Node(@Nullable Object value, String pointer) implements JsonNode {

    @Override
    public String getJsonPointer() {
      return pointer;
    }

    @Override
    public SimpleType getNodeType() {
      return switch (value) {
        case null -> SimpleType.NULL;
        case Boolean _ -> SimpleType.BOOLEAN;
        case String _ -> SimpleType.STRING;
        case BigDecimal number when number.stripTrailingZeros().scale() <= 0 -> SimpleType.INTEGER;
        case BigDecimal _ -> SimpleType.NUMBER;
        case List<?> _ -> SimpleType.ARRAY;
        default -> SimpleType.OBJECT;
      };
    }

    @Override
    public boolean asBoolean() {
      return Boolean.TRUE.equals(value);
    }

    @Override
    public String asString() {
      return String.valueOf(value);
    }

    @Override
    public BigInteger asInteger() {
      return asNumber().toBigInteger();
    }

    @Override
    public BigDecimal asNumber() {
      return value instanceof BigDecimal number ? number : BigDecimal.ZERO;
    }

    @Override
    public List<JsonNode> asArray() {
      List<?> items = value instanceof List<?> list ? list : List.of();
      JsonNode[] nodes = new JsonNode[items.size()];
      for (int i = 0; i < nodes.length; i++) {
        nodes[i] = new Node(items.get(i), pointer + "/" + i);
      }
      return List.of(nodes);
    }

    @Override
    public Map<String, JsonNode> asObject() {
      Map<String, JsonNode> nodes = new LinkedHashMap<>();
      if (value instanceof Map<?, ?> map) {
        map.forEach(
            (key, item) -> {
              String name = String.valueOf(key);
              nodes.put(name, new Node(item, pointer + "/" + JsonNode.encodeJsonPointer(name)));
            });
      }
      return nodes;
    }
  }
}
