package io.lingtan.agent.status.event;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Decimal;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.status.event.Lifecycle.Standing;
import io.lingtan.agent.status.event.Sentences.Sentence;
import java.io.IOException;
import java.time.ZoneId;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Events for the page: each name's sentences once, then the events. */
final class EventJson {

  private EventJson() {}

  static String of(Events.Shown shown, long nowMillis, ZoneId zone) {
    return Json.object(
        json -> {
          json.writeNumberField("now", nowMillis);
          json.writeStringField("zone", zone.getId());
          json.writeNumberField("found", shown.found());
          json.writeNumberField("open", shown.open());
          json.writeBooleanField("complete", shown.complete());
          if (shown.sinceMillis() != JournalRecord.UNDATED) {
            json.writeNumberField("since", shown.sinceMillis());
          }
          texts(json, shown);
          json.writeArrayFieldStart("events");
          for (Standing standing : shown.events()) {
            event(json, standing);
          }
          json.writeEndArray();
        });
  }

  private static void texts(JsonGenerator json, Events.Shown shown) throws IOException {
    Set<String> names = new LinkedHashSet<>();
    shown.events().forEach(each -> names.add(each.event().event().name()));
    json.writeObjectFieldStart("texts");
    for (String name : names) {
      Sentence sentence = Sentences.of(name);
      if (sentence != null) {
        json.writeObjectFieldStart(name);
        sentences(json, sentence);
        json.writeEndObject();
      }
    }
    json.writeEndObject();
  }

  /** The members of an object: how many go on, and the worst of them with their sentences. */
  static void members(JsonGenerator json, OpenEvents open) throws IOException {
    json.writeNumberField("count", open.count());
    json.writeBooleanField("complete", open.complete());
    json.writeArrayFieldStart("worst");
    for (Standing standing : open.worst()) {
      json.writeStartObject();
      members(json, standing);
      sentences(json, Sentences.of(standing.event().event().name()));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** What an event means and what to do; nothing of one of another version. */
  private static void sentences(JsonGenerator json, @Nullable Sentence sentence)
      throws IOException {
    if (sentence != null) {
      json.writeStringField("zh", sentence.chinese());
      json.writeStringField("zh_do", sentence.chineseNext());
      json.writeStringField("en", sentence.english());
      json.writeStringField("en_do", sentence.englishNext());
    }
  }

  private static void event(JsonGenerator json, Standing standing) throws IOException {
    json.writeStartObject();
    members(json, standing);
    json.writeEndObject();
  }

  private static void members(JsonGenerator json, Standing standing) throws IOException {
    EventRecord record = standing.event();
    Event event = record.event();
    json.writeStringField("epoch", record.epoch());
    json.writeNumberField("seq", record.seq());
    if (record.tsMillis() != JournalRecord.UNDATED) {
      json.writeNumberField("ts", record.tsMillis());
    }
    json.writeStringField("event", event.name());
    json.writeStringField("severity", event.severity().word());
    if (event.device() != null) {
      json.writeStringField("device", event.device());
    }
    json.writeStringField("state", standing.state().name().toLowerCase(Locale.ROOT));
    json.writeBooleanField("open", standing.isOpen());
    if (standing.clearedMillis() > 0) {
      json.writeNumberField("cleared", standing.clearedMillis());
    }
    if (standing.acknowledgedMillis() > 0) {
      json.writeNumberField("acknowledged", standing.acknowledgedMillis());
    }
    json.writeObjectFieldStart("detail");
    for (Map.Entry<String, Object> each : event.detail().entrySet()) {
      json.writeStringField(each.getKey(), text(each.getValue()));
    }
    json.writeEndObject();
  }

  static String text(Object detail) {
    return detail instanceof Decimal(long micros) ? Micros.text(micros) : String.valueOf(detail);
  }
}
