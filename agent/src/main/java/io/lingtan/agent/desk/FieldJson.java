package io.lingtan.agent.desk;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.acquire.hand.DeviceReport;
import io.lingtan.agent.acquire.hand.DisplayCheck;
import io.lingtan.agent.acquire.hand.Find;
import io.lingtan.agent.acquire.hand.Guess;
import io.lingtan.agent.acquire.hand.LastPolls;
import io.lingtan.agent.acquire.hand.Survey.News;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Answer.Wire;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.DeviceProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a scan or a read tells, as lines of JSON: for the page, for programs, and for the commands,
 * which show a person the member {@code text}.
 */
public final class FieldJson {

  private static final JsonFactory JSON = new JsonFactory();
  private static final HexFormat HEX = HexFormat.of();

  private FieldJson() {}

  private static String line(String kind, Json.Body content) {
    return Json.object(
        json -> {
          json.writeStringField("kind", kind);
          content.to(json);
        });
  }

  static String of(News news) {
    return switch (news) {
      case News.Progress(int done, int total, long left, var what) ->
          line(
              "progress",
              json -> {
                json.writeNumberField("done", done);
                json.writeNumberField("total", total);
                json.writeNumberField("left_ms", left);
                json.writeStringField("what", what);
              });
      case News.Noted(var text) ->
          line(
              "note",
              json -> {
                json.writeStringField("text", text.english());
                json.writeStringField("text_zh", text.chinese());
              });
      case News.Found(var find) -> line("found", json -> write(json, find));
    };
  }

  private static void write(JsonGenerator json, Find find) throws IOException {
    if (find.meter() == null) {
      json.writeNumberField("unit", find.unit());
    } else {
      json.writeStringField("meter", find.meter());
    }
    if (find.form() != null) {
      json.writeStringField("form", find.form().toString());
    }
    if (find.known() != null) {
      json.writeStringField("known", find.known());
    }
    json.writeNumberField("reply_us", find.micros());
    write(json, "identity", find.identity());
    json.writeArrayFieldStart("guesses");
    for (Guess guess : find.guesses()) {
      json.writeStartObject();
      json.writeStringField("profile", guess.profile());
      json.writeNumberField("percent", guess.percent());
      json.writeStringField("why", guess.why());
      json.writeBooleanField("example", guess.example());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("text", find.text());
  }

  private static void write(JsonGenerator json, String name, Map<String, String> members)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, String> member : members.entrySet()) {
      json.writeStringField(member.getKey(), member.getValue());
    }
    json.writeEndObject();
  }

  /**
   * The last line of a scan.
   *
   * @param yaml the fragment for a site file
   */
  static String done(int found, @Nullable Sentence problem, String yaml) {
    return line(
        "done",
        json -> {
          json.writeNumberField("found", found);
          problem(json, problem);
          json.writeStringField("yaml", yaml);
        });
  }

  private static void problem(JsonGenerator json, @Nullable Sentence problem) throws IOException {
    if (problem != null) {
      json.writeStringField("problem", problem.english());
      json.writeStringField("problem_zh", problem.chinese());
    }
  }

  /** A device that was read. */
  static String of(DeviceReport report) {
    return line("read", json -> write(json, report));
  }

  /** What the polls of a device last got. */
  static String of(LastPolls last) {
    return line(
        "polled",
        json -> {
          if (last.ageMillis() >= 0) {
            json.writeNumberField("age_ms", last.ageMillis());
          }
          Wire newest = last.newest();
          if (newest != null) {
            json.writeObjectFieldStart("newest");
            json.writeStringField("sent", HEX.formatHex(newest.sent()));
            json.writeStringField("received", HEX.formatHex(newest.received()));
            json.writeEndObject();
          }
          write(json, last.report());
        });
  }

  private static void write(JsonGenerator json, DeviceReport report) throws IOException {

    json.writeBooleanField("answered", report.isAnswered());
    json.writeStringField("line", report.line());
    json.writeStringField("device", report.device());
    json.writeStringField("profile", report.profile());
    write(json, "identity", report.identity());
    if (!report.contradicted().isEmpty()) {
      write(json, "contradicted", report.contradicted());
    }
    json.writeArrayFieldStart("steps");
    for (DeviceReport.Step step : report.steps()) {
      write(json, step.request(), step.what(), step.answer());
    }
    json.writeEndArray();
    json.writeObjectFieldStart("values");
    for (Point point : report.chains().keySet()) {
      if (report.values().indexOf(point) >= 0) {
        json.writeFieldName(point.name());
        RecordJson.value(json, point, report.values().micros(point), 0);
      }
    }
    String state = report.values().state();
    if (state != null) {
      json.writeStringField("state", state);
    }
    json.writeEndObject();
    json.writeObjectFieldStart("bad");
    for (Map.Entry<Point, Reason> each : report.bad().entrySet()) {
      json.writeStringField(each.getKey().name(), each.getValue().code());
    }
    json.writeEndObject();
    json.writeObjectFieldStart("decoded");
    for (Map.Entry<Point, String> each : report.chains().entrySet()) {
      json.writeStringField(each.getKey().name(), each.getValue());
    }
    json.writeEndObject();
    problem(json, report.problem());
    json.writeStringField("text", report.text());
  }

  /**
   * What was read beside what the display shows.
   *
   * @param check null if the point was not read
   */
  static String of(DeviceReport report, Point point, @Nullable DisplayCheck check) {
    return line(
        "check",
        json -> {
          json.writeBooleanField("answered", check != null);
          json.writeStringField("device", report.device());
          json.writeStringField("point", point.name());
          json.writeStringField("u", point.symbol());
          Reason why = report.bad().get(point);
          if (why != null) {
            json.writeStringField("why", why.code());
          }
          String chain = report.chains().get(point);
          if (chain != null) {
            json.writeStringField("decoded", chain);
          }
          write(json, "identity", report.identity());
          write(json, "contradicted", report.contradicted());
          if (check != null) {
            json.writeFieldName("read");
            json.writeNumber(Micros.text(check.readMicros()));
            json.writeFieldName("shown");
            json.writeNumber(Micros.text(check.shownMicros()));
            json.writeNumberField("factor", check.factor());
            json.writeBooleanField("good", check.isGood());
            json.writeBooleanField("of_ratios", point.isOfRatios());
            json.writeBooleanField("by_plate", check.isByPlate());
            json.writeArrayFieldStart("causes");
            for (DisplayCheck.Cause cause : check.causes()) {
              json.writeStartObject();
              json.writeStringField("kind", cause.kind().name().toLowerCase(Locale.ROOT));
              if (cause.key() != null) {
                json.writeStringField("key", cause.key());
              }
              json.writeStringField("value", cause.value());
              json.writeEndObject();
            }
            json.writeEndArray();
          }
          problem(json, report.problem());
        });
  }

  /** Registers or an item that were read by address. */
  static String of(Request request, Answer answer) {
    StringBuilder text = new StringBuilder();
    DeviceReport.append(text, request, "", answer);
    return line(
        "read",
        json -> {
          json.writeBooleanField("answered", answer instanceof Answer.Value);
          json.writeArrayFieldStart("steps");
          write(json, request, "", answer);
          json.writeEndArray();
          json.writeStringField("text", text.toString().strip());
        });
  }

  /** What a CoAP server told. */
  public static String told(boolean answered, String text) {
    return line(
        "read",
        json -> {
          json.writeBooleanField("answered", answered);
          json.writeStringField("text", text);
        });
  }

  private static void write(JsonGenerator json, Request request, String what, Answer answer)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("request", request.toString());
    json.writeStringField("for", what);
    switch (answer) {
      case Answer.Value(var wire, var value) -> {
        frames(json, wire, "value");
        json.writeStringField("value", HEX.formatHex(value));
        if (request instanceof Request.Registers(int unit, int function, int address, int count)
            && function > 2) {
          json.writeArrayFieldStart("registers");
          for (int i = 0; i < count; i++) {
            json.writeNumber((value[2 * i] & 0xFF) << 8 | (value[2 * i + 1] & 0xFF));
          }
          json.writeEndArray();
        }
      }
      case Answer.Refused(var wire, int code) -> {
        frames(json, wire, "refused");
        json.writeNumberField("code", code);
      }
      case Answer.Here(var wire, var meter) -> {
        frames(json, wire, "here");
        json.writeStringField("meter", meter);
      }
      case Answer.Garbled(var wire, var seen) -> {
        frames(json, wire, "garbled");
        json.writeStringField("why", seen);
      }
      case Answer.Silent(var wire) -> frames(json, wire, "silent");
      case Answer.NotAsked(var why) -> {
        json.writeStringField("outcome", "not_asked");
        json.writeStringField("why", why.english());
        json.writeStringField("why_zh", why.chinese());
      }
    }
    json.writeEndObject();
  }

  private static void frames(JsonGenerator json, Wire wire, String outcome) throws IOException {
    json.writeStringField("outcome", outcome);
    json.writeStringField("sent", HEX.formatHex(wire.sent()));
    json.writeStringField("received", HEX.formatHex(wire.received()));
    json.writeNumberField("us", wire.micros());
  }

  /** The simple members of a line's outermost object, as text. */
  public static List<Map.Entry<String, String>> members(String line) {
    try (var json = JSON.createParser(line)) {
      List<Map.Entry<String, String>> members = new java.util.ArrayList<>();
      json.nextToken();
      while (json.nextToken() == com.fasterxml.jackson.core.JsonToken.FIELD_NAME) {
        String name = json.currentName();
        if (json.nextToken().isScalarValue()) {
          members.add(Map.entry(name, json.getText()));
        } else {
          json.skipChildren();
        }
      }
      return members;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of profiles, each with who makes the meter, what kind it is and which models it fits. */
  static String profiles(Collection<DeviceProfile> profiles) {
    return Json.object(
        json -> {
          json.writeArrayFieldStart("profiles");
          for (DeviceProfile profile : profiles) {
            json.writeStartObject();
            json.writeStringField("name", profile.name());
            json.writeStringField("kind", profile.kind().name().toLowerCase(Locale.ROOT));
            json.writeStringField("maker", profile.maker());
            json.writeStringField("fits", String.join(", ", profile.fits()));
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }
}
