package io.lingtan.agent.status.chart;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.journal.HistoryChart;
import io.lingtan.agent.journal.HistoryChart.Gap;
import io.lingtan.agent.journal.HistoryChart.Line;
import io.lingtan.agent.journal.HistoryChart.Span;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * A chart for the page. Values are rounded to a 1,000th of the largest or finer, which nobody sees
 * in a plot and which halves what a phone has to fetch; the table has them whole.
 */
final class ChartJson {

  private static final long STEPS = 1_000;

  private ChartJson() {}

  /**
   * A chart.
   *
   * @param sinceMillis UTC ms of the first reading that is kept: before it nothing is a gap;
   *     UNDATED if not known
   */
  static String of(HistoryChart chart, long nowMillis, long sinceMillis, ZoneId zone) {
    long since = sinceMillis == JournalRecord.UNDATED ? Long.MIN_VALUE : sinceMillis;
    return Json.object(
        json -> {
          json.writeNumberField("from", chart.fromMillis());
          json.writeNumberField("to", chart.toMillis());
          json.writeNumberField("now", nowMillis);
          if (since > chart.fromMillis()) {
            json.writeNumberField("since", since);
          }
          json.writeStringField("zone", zone.getId());
          json.writeNumberField("parts", chart.parts());
          json.writeBooleanField("complete", chart.complete());
          json.writeNumberField("segments", chart.segments());
          json.writeArrayFieldStart("series");
          for (Line line : chart.lines()) {
            series(json, chart, line, since);
          }
          json.writeEndArray();
        });
  }

  private static void series(JsonGenerator json, HistoryChart chart, Line line, long since)
      throws IOException {
    Point point = line.wanted().point();
    json.writeStartObject();
    json.writeStringField("device", line.wanted().device());
    json.writeStringField("point", point.name());
    json.writeStringField("zh", point.chineseInFull());
    if (point.isOwn()) {
      json.writeStringField("en", point.english());
    }
    json.writeStringField("symbol", point.symbol());
    json.writeNumberField("period_ms", line.wanted().periodMillis());
    long before = 0;
    for (Gap gap : line.gaps()) {
      if (since > gap.fromMillis()) { // MIN_VALUE less anything is no longer a time
        before += Math.min(gap.toMillis(), since) - gap.fromMillis();
      }
    }
    json.writeNumberField("gap_ms", line.gapMillis() - before);
    json.writeArrayFieldStart("gaps");
    for (Gap gap : line.gaps()) {
      if (gap.toMillis() <= since) {
        continue;
      }
      json.writeStartArray();
      json.writeNumber(Math.max(gap.fromMillis(), since));
      json.writeNumber(gap.toMillis());
      json.writeEndArray();
    }
    json.writeEndArray();
    long step = step(line);
    values(json, "last", chart, line, step, Span::last);
    if (line.spans().stream().anyMatch(span -> span.min() != span.max())) {
      values(json, "min", chart, line, step, Span::min);
      values(json, "max", chart, line, step, Span::max);
    }
    json.writeEndObject();
  }

  private static void values(
      JsonGenerator json,
      String name,
      HistoryChart chart,
      Line line,
      long step,
      ToLongFunction<Span> value)
      throws IOException {
    Map<Integer, Span> spans = ChartCsv.byPart(line);
    json.writeArrayFieldStart(name);
    for (int part = 0; part < chart.parts(); part++) {
      Span span = spans.get(part);
      if (span == null) {
        json.writeNull();
      } else {
        Point point = line.wanted().point();
        long held = value.applyAsLong(span);
        if (point.isOwn()) {
          json.writeNumber(point.text(held));
        } else {
          json.writeNumber(rounded(held, step));
        }
      }
    }
    json.writeEndArray();
  }

  private static BigDecimal rounded(long micros, long step) {
    long whole = Math.round((double) micros / step);
    return step == 1
        ? new BigDecimal(Micros.text(micros))
        : new BigDecimal(Micros.text(whole * step));
  }

  /** The largest power of ten that cuts the largest value into steps enough. */
  private static long step(Line line) {
    long largest = 0;
    for (Span span : line.spans()) {
      largest = Math.max(largest, Math.max(Math.abs(span.min()), Math.abs(span.max())));
    }
    long step = 1;
    while (step <= largest / STEPS / 10) {
      step *= 10;
    }
    return step;
  }
}
