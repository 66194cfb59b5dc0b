package io.lingtan.agent.reading;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;

/** One-line JSON, streamed. */
public final class Json {

  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /** Writes a value, or the members of an object. */
  public interface Body {
    void to(JsonGenerator json) throws IOException;
  }

  /** An object of the members that {@code body} writes. */
  public static String object(Body body) {
    return text(
        json -> {
          json.writeStartObject();
          body.to(json);
          json.writeEndObject();
        });
  }

  /** The value that {@code body} writes. */
  public static String text(Body body) {
    StringWriter text = new StringWriter(512);
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      body.to(json);
    } catch (IOException e) {
      throw new UncheckedIOException("a StringWriter does not fail", e);
    }
    return text.toString();
  }

  public static JsonParser parser(byte[] payload) throws IOException {
    return FACTORY.createParser(payload);
  }

  /** What people call things, by their id: a member {@code labels}, none where nothing has one. */
  public static void labels(JsonGenerator json, Map<String, Caption> labels) throws IOException {
    if (labels.isEmpty()) {
      return;
    }
    json.writeObjectFieldStart("labels");
    for (Map.Entry<String, Caption> label : new TreeMap<>(labels).entrySet()) {
      json.writeObjectFieldStart(label.getKey());
      json.writeStringField("zh", label.getValue().chinese());
      json.writeStringField("en", label.getValue().english());
      json.writeEndObject();
    }
    json.writeEndObject();
  }
}
