package io.lingtan.agent.acquire.coap;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Reads JSON within limits, and values out of it by pointer (RFC 6901). */
final class PlainJson {

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          // Names come from outside: remembering them would fill the memory for whoever wants to.
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(16)
                  .maxNumberLength(64)
                  .maxStringLength(4096)
                  .maxNameLength(256)
                  .build())
          .build();

  private PlainJson() {}

  static JsonParser parser(byte[] payload) throws IOException {
    return FACTORY.createParser(payload);
  }

  static MalformedPayload malformed(IOException e) {
    String message = String.valueOf(e.getMessage());
    int line = message.indexOf('\n');
    return new MalformedPayload(
        "no JSON: " + SenmlPack.shortened(line < 0 ? message : message.substring(0, line)));
  }

  /** The value that the parser stands at; arrays and objects are passed over. */
  static SenmlValue value(JsonParser json) throws IOException, MalformedPayload {
    JsonToken token = json.currentToken();
    if (token == null) {
      throw new MalformedPayload("the JSON ends too early");
    }
    return switch (token) {
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> SenmlValue.number(json.getText());
      case VALUE_STRING -> new SenmlValue.Text(json.getText());
      case VALUE_TRUE -> new SenmlValue.Truth(true);
      case VALUE_FALSE -> new SenmlValue.Truth(false);
      case VALUE_NULL -> new SenmlValue.NoNumber(true);
      case START_ARRAY, START_OBJECT -> {
        json.skipChildren();
        yield new SenmlValue.Opaque();
      }
      default -> throw new MalformedPayload("the JSON ends too early");
    };
  }

  /** The values at these pointers, as far as they are there; the first counts. */
  static Map<String, SenmlValue> at(byte[] payload, Set<String> pointers) throws MalformedPayload {
    Map<String, SenmlValue> found = new HashMap<>();
    try (JsonParser json = parser(payload)) {
      json.nextToken();
      walk(json, new StringBuilder(), pointers, found);
      if (json.nextToken() != null) {
        throw new MalformedPayload("there is something behind the JSON");
      }
    } catch (IOException e) {
      throw malformed(e);
    }
    return found;
  }

  private static void walk(
      JsonParser json, StringBuilder path, Set<String> pointers, Map<String, SenmlValue> found)
      throws IOException, MalformedPayload {
    String here = path.toString();
    if (pointers.contains(here)) {
      found.putIfAbsent(here, value(json));
      return;
    }
    int length = path.length();
    if (json.currentToken() == JsonToken.START_OBJECT) {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        path.append('/').append(json.currentName().replace("~", "~0").replace("/", "~1"));
        json.nextToken();
        walk(json, path, pointers, found);
        path.setLength(length);
      }
    } else if (json.currentToken() == JsonToken.START_ARRAY) {
      for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
        path.append('/').append(i);
        walk(json, path, pointers, found);
        path.setLength(length);
      }
    } else {
      value(json);
    }
  }
}
