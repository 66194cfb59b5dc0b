package io.lingtan.agent.reading;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Interval.Span;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Sample.Stat;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of a record: one line, numbers as exact decimals, members always in the same order.
 * The one place where a record becomes text, so that it is the same bytes live, late and replayed.
 */
public final class RecordJson {

  private RecordJson() {}

  /** The record as one line of JSON. */
  public static String of(JournalRecord record) {
    return switch (record) {
      case DataRecord data -> data(data);
      case IntervalRecord interval -> interval.json();
      case EventRecord event -> event(event);
    };
  }

  private static String data(DataRecord record) {
    Sample sample = record.sample();
    return Json.object(
        json -> {
          numbered(json, record);
          dated(json, record.tsMillis(), sample.boot(), sample.atNanos());
          json.writeStringField("device", sample.device());
          values(json, sample.values());
          if (!sample.stats().isEmpty()) {
            json.writeObjectFieldStart("stats");
            for (Map.Entry<Point, Stat> entry : sample.stats().entrySet()) {
              json.writeArrayFieldStart(entry.getKey().name());
              json.writeNumber(decimal(entry.getValue().min(), 1));
              json.writeNumber(decimal(entry.getValue().mean(), 1));
              json.writeNumber(decimal(entry.getValue().max(), 1));
              json.writeEndArray();
            }
            json.writeEndObject();
          }
          bad(json, sample);
        });
  }

  private static void values(JsonGenerator json, Values values) throws IOException {
    json.writeObjectFieldStart("values");
    for (int i = 0; i < values.size(); i++) {
      json.writeFieldName(values.point(i).name());
      value(json, values.point(i), values.micros(i), 1);
    }
    if (values.state() != null) {
      json.writeStringField(Quantity.STATE.key(), values.state());
    }
    json.writeEndObject();
  }

  /**
   * One value: a number, the word of an enumeration, or the list of the raised bits of a word of
   * alarms.
   *
   * @param leastPlaces behind the point, of a built-in point
   */
  public static void value(JsonGenerator json, Point point, long held, int leastPlaces)
      throws IOException {
    switch (point.form()) {
      case null -> json.writeNumber(decimal(held, leastPlaces));
      case Form.Decimals _, Form.Binary _ -> json.writeNumber(point.text(held));
      case Form.Texts _ -> json.writeString(point.text(held));
      case Form.Bits _ -> {
        int[] raised = Form.bits(held).toArray();
        json.writeArray(raised, 0, raised.length);
      }
    }
  }

  private static void bad(JsonGenerator json, Sample sample) throws IOException {
    Reason failed = sample.failed();
    if (failed == null && sample.bad().isEmpty()) {
      return;
    }
    json.writeObjectFieldStart("bad");
    if (failed != null) {
      json.writeStringField("*", failed.code());
    }
    for (Map.Entry<Point, Reason> entry : sample.bad().entrySet()) {
      json.writeStringField(entry.getKey().name(), entry.getValue().code());
    }
    json.writeEndObject();
  }

  /**
   * An interval record's JSON, made once when it gets its number.
   *
   * @param tsMillis UTC ms of the commit
   * @param link its place in the chain of signed records; null where intervals are not signed. The
   *     signature over what this gives is added by {@link #signed}
   */
  public static String interval(
      String epoch,
      long seq,
      long after,
      long tsMillis,
      Interval interval,
      @Nullable ChainLink link) {
    return Json.object(
        json -> {
          json.writeStringField("epoch", epoch);
          json.writeNumberField("seq", seq);
          json.writeNumberField("after", after);
          json.writeNumberField("ts", tsMillis);
          json.writeStringField("interval", interval.length());
          json.writeNumberField("start", interval.startMillis());
          json.writeNumberField("end", interval.endMillis());
          json.writeNumberField("rev", interval.rev());
          json.writeObjectFieldStart("metrics");
          for (Map.Entry<String, Metric> entry : interval.metrics().entrySet()) {
            json.writeObjectFieldStart(entry.getKey());
            metric(json, entry.getValue());
            json.writeEndObject();
          }
          json.writeEndObject();
          json.writeObjectFieldStart("registers");
          for (Map.Entry<String, Span> entry : interval.registers().entrySet()) {
            json.writeArrayFieldStart(entry.getKey());
            json.writeNumber(Micros.text(entry.getValue().start()));
            json.writeNumber(Micros.text(entry.getValue().end()));
            json.writeEndArray();
          }
          json.writeEndObject();
          json.writeObjectFieldStart("factors");
          for (Map.Entry<String, FactorUsed> entry : interval.factors().entrySet()) {
            json.writeObjectFieldStart(entry.getKey());
            json.writeStringField("value", entry.getValue().value());
            json.writeStringField("u", entry.getValue().ucum());
            json.writeStringField("version", entry.getValue().version());
            json.writeBooleanField("provisional", entry.getValue().provisional());
            optional(json, "u95_pct", entry.getValue().u95Percent());
            standing(json, entry.getValue().standing());
            json.writeEndObject();
          }
          json.writeEndObject();
          corrections(json, interval.corrections());
          if (link != null) {
            json.writeStringField("prev", link.prev());
            rotation(json, link.rotation());
            former(json, link.former());
          }
        });
  }

  private static void corrections(JsonGenerator json, Map<String, Correction> corrections)
      throws IOException {
    if (corrections.isEmpty()) {
      return;
    }
    json.writeObjectFieldStart("corrections");
    for (Map.Entry<String, Correction> entry : corrections.entrySet()) {
      Correction correction = entry.getValue();
      json.writeObjectFieldStart(entry.getKey());
      json.writeStringField("reason", correction.reason());
      json.writeStringField("document", correction.document());
      json.writeStringField("proposed", correction.proposed());
      json.writeStringField("approved", correction.approved());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  /**
   * What ties an interval record to the one before it.
   *
   * @param prev base64url SHA-256 of the previous interval record's canonical form
   * @param rotation in the first record of a key that replaces another; else null
   * @param former in the first record of another chain that begins anew; else null
   */
  public record ChainLink(String prev, @Nullable Rotation rotation, @Nullable Former former) {}

  /**
   * The last record of the chain before that the gateway still knows; later ones may have left.
   *
   * @param hash base64url SHA-256 of its canonical form
   */
  public record Former(String epoch, long seq, String hash) {}

  /**
   * The word of a key for the one that replaces it.
   *
   * @param from the key before, base64url
   * @param head base64url SHA-256 of the last record that it signed
   * @param to the key from here on, base64url
   * @param sig its base64url Ed25519 signature over the canonical form of the other three
   */
  public record Rotation(String from, String head, String to, String sig) {}

  /**
   * The same record with its signature.
   *
   * @param unsigned as {@link #interval} gives it
   * @param sig base64url Ed25519 signature over the canonical form of {@code unsigned}
   */
  public static String signed(String unsigned, String sig) {
    return unsigned.substring(0, unsigned.length() - 1) + ",\"sig\":\"" + sig + "\"}";
  }

  private static void rotation(JsonGenerator json, @Nullable Rotation rotation) throws IOException {
    if (rotation != null) {
      json.writeObjectFieldStart("rotation");
      json.writeStringField("from", rotation.from());
      json.writeStringField("head", rotation.head());
      json.writeStringField("to", rotation.to());
      json.writeStringField("sig", rotation.sig());
      json.writeEndObject();
    }
  }

  private static void former(JsonGenerator json, @Nullable Former former) throws IOException {
    if (former != null) {
      json.writeObjectFieldStart("former");
      json.writeStringField("epoch", former.epoch());
      json.writeNumberField("seq", former.seq());
      json.writeStringField("hash", former.hash());
      json.writeEndObject();
    }
  }

  private static void metric(JsonGenerator json, Metric metric) throws IOException {
    Long micros = metric.micros();
    if (micros != null) {
      json.writeFieldName("v");
      json.writeNumber(Micros.text(micros));
    }
    json.writeStringField("u", metric.ucum());
    json.writeStringField("q", metric.quality().word());
    json.writeNumberField("cov", metric.coverage());
    if (micros != null) {
      json.writeNumberField("est", metric.estimated());
    }
    Long pm = metric.pm();
    if (pm != null) {
      json.writeFieldName("pm");
      json.writeNumber(Micros.text(pm));
    }
    optional(json, "of", metric.of());
    optional(json, "factor", metric.factor());
    if (!metric.factors().isEmpty()) {
      json.writeArrayFieldStart("factors");
      for (String factor : metric.factors()) {
        json.writeString(factor);
      }
      json.writeEndArray();
    }
    optional(json, "why", metric.why());
    optional(json, "text", metric.text());
    standing(json, metric.standing());
  }

  private static void standing(JsonGenerator json, Standing standing) throws IOException {
    if (standing != Standing.OFFICIAL) {
      json.writeStringField("status", standing.word());
    }
  }

  private static String event(EventRecord record) {
    Event event = record.event();
    return Json.object(
        json -> {
          numbered(json, record);
          dated(json, record.tsMillis(), record.boot(), record.atNanos());
          json.writeStringField("event", event.name());
          json.writeStringField("severity", event.severity().word());
          optional(json, "device", event.device());
          json.writeObjectFieldStart("detail");
          for (Map.Entry<String, Object> entry : event.detail().entrySet()) {
            json.writeFieldName(entry.getKey());
            switch (entry.getValue()) {
              case String text -> json.writeString(text);
              case Long number -> json.writeNumber(number);
              case Boolean yes -> json.writeBoolean(yes);
              case Event.Decimal decimal -> json.writeNumber(Micros.text(decimal.micros()));
              default -> throw new IllegalStateException("Event checks its details");
            }
          }
          json.writeEndObject();
        });
  }

  private static void numbered(JsonGenerator json, JournalRecord record) throws IOException {
    json.writeStringField("epoch", record.epoch());
    json.writeNumberField("seq", record.seq());
    json.writeNumberField("after", record.after());
  }

  private static void dated(JsonGenerator json, long tsMillis, String boot, long atNanos)
      throws IOException {
    if (tsMillis == JournalRecord.UNDATED) {
      json.writeStringField("boot", boot);
      json.writeNumberField("mono", atNanos / 1_000_000L);
    } else {
      json.writeNumberField("ts", tsMillis);
    }
  }

  private static void optional(JsonGenerator json, String name, @Nullable String value)
      throws IOException {
    if (value != null) {
      json.writeStringField(name, value);
    }
  }

  private static String decimal(long micros, int leastPlaces) {
    StringBuilder text = new StringBuilder(16);
    Micros.append(text, micros, leastPlaces);
    return text.toString();
  }
}
