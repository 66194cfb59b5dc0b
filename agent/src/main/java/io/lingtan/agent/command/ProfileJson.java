package io.lingtan.agent.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.RegisterText;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** Profiles as JSON, for programs. */
final class ProfileJson {

  private static final JsonFactory JSON = new JsonFactory();

  private ProfileJson() {}

  /** A list of {@code name kind maker document source fits example}. */
  static void list(PrintWriter out, List<DeviceProfile> profiles) throws IOException {
    try (JsonGenerator json = generator(out)) {
      json.writeStartArray();
      for (DeviceProfile profile : profiles) {
        json.writeStartObject();
        head(json, profile);
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    out.println();
  }

  /** One profile with its points. */
  static void write(PrintWriter out, DeviceProfile profile) throws IOException {
    try (JsonGenerator json = generator(out)) {
      json.writeStartObject();
      head(json, profile);
      json.writeStringField("protocol", RegisterText.word(profile.protocol()));
      json.writeStringField("plus", profile.kind().plus());
      json.writeNumberField("max_words", profile.maxWords());
      if (profile.sleepsAtNight()) {
        json.writeStringField("sleeps", "night");
      }
      if (!profile.partOf().isEmpty()) {
        json.writeStringField("part_of", profile.partOf());
      }
      if (!profile.points().isEmpty()) {
        json.writeFieldName("points");
        points(json, profile.points());
      }
      if (!profile.models().isEmpty()) {
        json.writeObjectFieldStart("models");
        for (Map.Entry<Integer, List<RegisterPoint>> model : profile.models().entrySet()) {
          json.writeFieldName(Integer.toString(model.getKey()));
          points(json, model.getValue());
        }
        json.writeEndObject();
      }
      json.writeObjectFieldStart("identity");
      for (Map.Entry<String, RegisterPoint> register : profile.identity().entrySet()) {
        json.writeObjectFieldStart(register.getKey());
        place(json, register.getValue());
        json.writeEndObject();
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    out.println();
  }

  private static JsonGenerator generator(PrintWriter out) throws IOException {
    return JSON.createGenerator(out)
        .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
        .useDefaultPrettyPrinter();
  }

  private static void head(JsonGenerator json, DeviceProfile profile) throws IOException {
    json.writeStringField("name", profile.name());
    json.writeStringField("kind", RegisterText.word(profile.kind()));
    json.writeStringField("maker", profile.maker());
    json.writeStringField("document", profile.document());
    json.writeStringField("source", profile.source());
    if (!profile.fits().isEmpty()) {
      json.writeArrayFieldStart("fits");
      for (String model : profile.fits()) {
        json.writeString(model);
      }
      json.writeEndArray();
    }
    json.writeBooleanField("example", profile.example());
  }

  private static void points(JsonGenerator json, List<RegisterPoint> points) throws IOException {
    json.writeStartObject();
    for (RegisterPoint register : points) {
      Point point = register.point();
      json.writeObjectFieldStart(point == null ? "?" : point.name());
      if (point != null) {
        json.writeStringField("unit", point.ucum());
      }
      place(json, register);
      json.writeStringField("scale", register.scale().stripTrailingZeros().toPlainString());
      json.writeStringField("ratio", RegisterText.word(register.ratio()));
      if (register.scaleFrom() >= 0) {
        json.writeNumberField("scale_from", register.scaleFrom());
      }
      if (register.offset().signum() != 0) {
        json.writeStringField("offset", register.offset().toPlainString());
      }
      BigDecimal modulus = register.modulus();
      if (modulus != null) {
        json.writeStringField("modulus", modulus.toPlainString());
      }
      json.writeNumberField("update_ms", register.updatePeriod().toMillis());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void place(JsonGenerator json, RegisterPoint register) throws IOException {
    json.writeNumberField("function", register.function());
    json.writeNumberField("address", register.address());
    json.writeNumberField("words", register.words());
    json.writeStringField("type", RegisterText.word(register.type()));
    json.writeStringField("word_order", RegisterText.order(register.order()));
  }
}
