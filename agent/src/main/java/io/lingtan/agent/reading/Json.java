package io.lingtan.agent.reading;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

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
}
