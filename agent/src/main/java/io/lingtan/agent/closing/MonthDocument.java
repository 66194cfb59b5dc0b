package io.lingtan.agent.closing;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.bill.MonthBill;
import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.NotJson;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a month came to, as {@code config/MQTT.md} describes it.
 *
 * @param rev of this document, from 0
 * @param madeMillis UTC ms
 * @param record of the month, on which it rests
 * @param bill null where the site has no prices of it
 * @param files what the page hands out for this month, by path
 */
record MonthDocument(
    String gateway,
    String zone,
    YearMonth month,
    int rev,
    long madeMillis,
    IntervalRecord record,
    @Nullable MonthStatement bill,
    SequencedMap<String, byte[]> files) {

  /** Not signed yet. */
  String json() {
    Interval interval = IntervalText.of(record);
    return Json.object(
        json -> {
          json.writeStringField("report", month.toString());
          json.writeNumberField("rev", rev);
          json.writeNumberField("ts", madeMillis);
          json.writeStringField("gateway", gateway);
          json.writeStringField("zone", zone);
          json.writeObjectFieldStart("record");
          json.writeStringField("epoch", record.epoch());
          json.writeNumberField("seq", record.seq());
          json.writeNumberField("rev", interval.rev());
          json.writeStringField("hash", hash(RecordJson.of(record)));
          json.writeEndObject();
          json.writeObjectFieldStart("figures");
          for (Map.Entry<String, Metric> each : interval.metrics().entrySet()) {
            json.writeObjectFieldStart(each.getKey());
            figure(json, each.getValue());
            json.writeEndObject();
          }
          json.writeEndObject();
          json.writeArrayFieldStart("estimated");
          for (Map.Entry<String, Metric> each : interval.metrics().entrySet()) {
            if (each.getValue().micros() != null && each.getValue().estimated() > 0) {
              json.writeString(each.getKey());
            }
          }
          json.writeEndArray();
          corrections(json, interval);
          bill(json);
          json.writeObjectFieldStart("files");
          for (Map.Entry<String, byte[]> each : files.entrySet()) {
            json.writeStringField(each.getKey(), Digest.base64(Digest.sha256(each.getValue())));
          }
          json.writeEndObject();
        });
  }

  /** As the next record of the chain names it. */
  private static String hash(String record) {
    try {
      return Digest.of(CanonicalJson.of(JsonValue.object(record)));
    } catch (NotJson e) {
      throw new IllegalStateException("a record is JSON: " + record, e);
    }
  }

  private static void figure(JsonGenerator json, Metric metric) throws IOException {
    Long micros = metric.micros();
    Long pm = metric.pm();
    if (micros != null) {
      json.writeFieldName("v");
      json.writeNumber(Micros.text(micros));
    }
    json.writeStringField("u", metric.ucum());
    json.writeStringField("q", metric.quality().word());
    if (micros != null) {
      json.writeNumberField("est", metric.estimated());
    }
    if (pm != null) {
      json.writeFieldName("pm");
      json.writeNumber(Micros.text(pm));
    }
  }

  private static void corrections(JsonGenerator json, Interval interval) throws IOException {
    json.writeObjectFieldStart("corrections");
    for (Correction each : interval.corrections().values()) {
      json.writeObjectFieldStart(each.id());
      json.writeStringField("reason", each.reason());
      json.writeStringField("document", each.document());
      json.writeStringField("proposed", each.proposed());
      json.writeStringField("approved", each.approved());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private void bill(JsonGenerator json) throws IOException {
    MonthStatement of = bill;
    if (of == null) {
      return;
    }
    MonthBill total = of.bill();
    json.writeObjectFieldStart("bill");
    json.writeStringField("prices", of.prices().source());
    json.writeStringField("q", of.quality().word());
    if (total != null) {
      json.writeNumberField("total_fen", total.totalFen());
    }
    json.writeArrayFieldStart("lines");
    for (MonthStatement.Line line : of.lines()) {
      json.writeStartObject();
      json.writeStringField("name", line.name());
      decimal(json, "amount", line.amount());
      json.writeStringField("u", line.unit());
      decimal(json, "price", line.price());
      if (line.fen() != null) {
        json.writeNumberField("fen", line.fen());
      }
      json.writeStringField("q", line.quality().word());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("wanting");
    for (String each : of.wanting()) {
      json.writeString(each);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void decimal(JsonGenerator json, String name, @Nullable BigDecimal number)
      throws IOException {
    if (number != null) {
      json.writeFieldName(name);
      json.writeNumber(number.stripTrailingZeros().toPlainString());
    }
  }

  /**
   * What is known of a document that was kept.
   *
   * @param epoch and seq of the record on which it rests
   */
  record Known(int rev, String epoch, long seq) {

    /** Null where the text is no such document. */
    static @Nullable Known of(String text) {
      try {
        JsonValue.Obj json = JsonValue.object(text);
        JsonValue.Obj record = json.object("record");
        String epoch = record.text("epoch");
        return epoch == null || json.text("report") == null
            ? null
            : new Known(
                Integer.parseInt(String.valueOf(json.number("rev"))),
                epoch,
                Long.parseLong(String.valueOf(record.number("seq"))));
      } catch (NotJson | NumberFormatException e) {
        return null;
      }
    }

    /** Whether it rests on this record, or on one after it. */
    boolean covers(IntervalRecord record) {
      return record.epoch().equals(epoch) && record.seq() <= seq;
    }
  }
}
