package io.lingtan.agent.publish;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.journal.Records;
import io.lingtan.agent.publish.lane.Control;
import io.lingtan.agent.publish.lane.Notices;
import io.lingtan.agent.publish.lane.Sending;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Topics;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;

/**
 * Publishes the monthly documents, retained: each once in a connection, and again when its text has
 * changed. One that is too large for the broker is reported and left out, and one that rests on a
 * record that another copy of the journal told otherwise is left out. Publisher's thread.
 */
final class ReportTopics {

  private final Topics topics;
  private final MonthReports reports;
  private final Records outbox;
  private final Sending sending;
  private final Control control;
  private final Notices notices;
  private final Map<YearMonth, String> said = new HashMap<>();

  ReportTopics(
      Topics topics,
      MonthReports reports,
      Records outbox,
      Sending sending,
      Control control,
      Notices notices) {
    this.outbox = outbox;
    this.topics = topics;
    this.reports = reports;
    this.sending = sending;
    this.control = control;
    this.notices = notices;
  }

  /** A connection begins, whose broker may have none of them. */
  void connected() {
    said.clear();
  }

  boolean isDue() {
    return !reports.all().equals(said);
  }

  /** Says those that were not said. */
  void say() {
    Map<YearMonth, String> all = reports.all();
    said.keySet().retainAll(all.keySet());
    all.forEach(
        (month, text) -> {
          if (!text.equals(said.put(month, text)) && !isRetold(month, text)) {
            put(Message.retained(topics.report(month.toString()), text));
          }
        });
  }

  /** Whether the record that it rests on is told again, and so another document follows. */
  private boolean isRetold(YearMonth month, String text) {
    try (JsonParser json = Json.parser(text.getBytes(StandardCharsets.UTF_8))) {
      Map<String, String> said = new HashMap<>();
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("zone") && value == JsonToken.VALUE_STRING) {
          said.put(name, json.getText());
        } else if (name.equals("record") && value == JsonToken.START_OBJECT) {
          while (json.nextToken() == JsonToken.FIELD_NAME) {
            String member = json.currentName();
            json.nextToken();
            said.put(member, json.getText());
          }
        } else {
          json.skipChildren();
        }
      }
      return outbox.isRetold(
          said.getOrDefault("epoch", ""),
          Long.parseLong(said.getOrDefault("seq", "")),
          Integer.parseInt(said.getOrDefault("rev", "")),
          month
              .plusMonths(1)
              .atDay(1)
              .atStartOfDay(ZoneId.of(said.getOrDefault("zone", "")))
              .toInstant()
              .toEpochMilli());
    } catch (IOException | NumberFormatException | DateTimeException e) {
      return false; // of a version that said less
    }
  }

  private void put(Message message) {
    if (sending.fits(message)) {
      control.put(message);
    } else {
      notices.tell(
          Event.of("uplink.truncated", Severity.WARNING)
              .with("topic", message.topic())
              .with("bytes", (long) message.payload().length));
    }
  }
}
