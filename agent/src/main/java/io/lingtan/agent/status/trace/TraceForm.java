package io.lingtan.agent.status.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.status.trace.Trace.Rule;
import java.io.IOException;
import java.util.Locale;

/** A trace as text for a terminal, and as JSON for the page. */
public final class TraceForm {

  private TraceForm() {}

  /** One line for each number, drawn as a tree. */
  public static String text(Trace trace) {
    StringBuilder text = new StringBuilder();
    line(trace, "", text);
    parts(trace, "", text);
    return text.toString();
  }

  private static void parts(Trace trace, String indent, StringBuilder to) {
    for (int i = 0; i < trace.from().size(); i++) {
      Trace part = trace.from().get(i);
      boolean last = i == trace.from().size() - 1;
      to.append(indent).append(last ? "└─ " : "├─ ");
      boolean first = i == 0 && trace.rule() != Rule.SHOWN && !part.minus();
      line(part, first ? "" : trace.rule().sign(part.minus()) + " ", to);
      parts(part, indent + (last ? "   " : "│  "), to);
    }
  }

  private static void line(Trace trace, String sign, StringBuilder to) {
    String value = trace.value() == null ? "—" : trace.value().toPlainString();
    String unit = trace.unit().isEmpty() ? "" : " " + trace.unit();
    String note = trace.note().isEmpty() ? "" : "  (" + trace.note() + ")";
    to.append(ForeignText.line(sign + trace.name() + "  " + value + unit + note)).append('\n');
  }

  /** One line. */
  public static String json(Trace trace) {
    return ForeignText.json(Json.text(json -> write(trace, json)));
  }

  private static void write(Trace trace, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeStringField("kind", trace.kind().name().toLowerCase(Locale.ROOT));
    json.writeStringField("name", trace.name());
    if (trace.value() != null) {
      json.writeFieldName("value");
      json.writeNumber(trace.value().toPlainString());
    }
    json.writeStringField("unit", trace.unit());
    json.writeStringField("rule", trace.rule().name().toLowerCase(Locale.ROOT));
    if (trace.minus()) {
      json.writeBooleanField("minus", true);
    }
    json.writeStringField("note", trace.note());
    json.writeArrayFieldStart("from");
    for (Trace part : trace.from()) {
      write(part, json);
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
