package io.lingtan.agent.status.chart;

import io.lingtan.agent.journal.HistoryChart;
import io.lingtan.agent.journal.HistoryChart.Line;
import io.lingtan.agent.journal.HistoryChart.Span;
import io.lingtan.agent.reading.Point;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A chart as a table (RFC 4180), one part a line, with the mark that spreadsheets ask for. A part
 * without a reading has empty cells: absent is not zero.
 */
final class ChartCsv {

  private static final String MARK = "\ufeff";
  private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private ChartCsv() {}

  static String of(HistoryChart chart, ZoneId zone) {
    StringBuilder csv = new StringBuilder(MARK);
    csv.append("local time ").append(zone.getId()).append(",UTC");
    for (Line line : chart.lines()) {
      String name = line.wanted().device() + "/" + line.wanted().point().name();
      String unit = line.wanted().point().symbol();
      for (String what : new String[] {"min", "max", "last"}) {
        csv.append(',').append(name).append(' ').append(what);
        csv.append(unit.isEmpty() ? "" : " " + unit);
      }
    }
    csv.append("\r\n");
    List<Map<Integer, Span>> columns = chart.lines().stream().map(ChartCsv::byPart).toList();
    double length = (double) (chart.toMillis() - chart.fromMillis()) / chart.parts();
    for (int part = 0; part < chart.parts(); part++) {
      Instant start = Instant.ofEpochMilli(chart.fromMillis() + Math.round(part * length));
      csv.append(LOCAL.format(start.atZone(zone))).append(',').append(UTC.format(start));
      int at = 0;
      for (Map<Integer, Span> column : columns) {
        cells(csv, chart.lines().get(at++).wanted().point(), column.get(part));
      }
      csv.append("\r\n");
    }
    return csv.toString();
  }

  static Map<Integer, Span> byPart(Line line) {
    Map<Integer, Span> spans = new HashMap<>();
    line.spans().forEach(span -> spans.put(span.part(), span));
    return spans;
  }

  private static void cells(StringBuilder csv, Point point, @Nullable Span span) {
    if (span == null) {
      csv.append(",,,");
      return;
    }
    for (long value : new long[] {span.min(), span.max(), span.last()}) {
      csv.append(',').append(point.text(value));
    }
  }
}
