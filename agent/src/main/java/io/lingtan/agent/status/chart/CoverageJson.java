package io.lingtan.agent.status.chart;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.journal.HistoryCoverage;
import io.lingtan.agent.journal.HistoryCoverage.Cell;
import io.lingtan.agent.journal.HistoryCoverage.Row;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.Json;
import java.io.IOException;
import java.time.ZoneId;

/**
 * The completeness strip. Each part of a device is one letter, the worst that holds: {@code x} lost
 * (dropped before anybody had it), {@code n} nothing was read, {@code f} asked and never answered,
 * {@code p} partly read, {@code b} read and waiting to be sent, {@code a} read and acknowledged,
 * {@code u} not known, because what was read then is not kept, {@code .} not over yet, not looked
 * at, or before the first reading ever.
 */
final class CoverageJson {

  /** A reading that comes a moment late is not missing. */
  private static final double WHOLE = 0.95;

  private CoverageJson() {}

  /**
   * The strip of a day.
   *
   * @param sinceMillis UTC ms of the first reading that is kept: nothing is expected before it;
   *     UNDATED if not known
   * @param known whether it is known that nothing was read before that
   */
  static String of(
      HistoryCoverage coverage,
      int parts,
      long nowMillis,
      long sinceMillis,
      boolean known,
      ZoneId zone) {
    return Json.object(
        json -> {
          json.writeNumberField("from", coverage.fromMillis());
          json.writeNumberField("to", coverage.toMillis());
          json.writeNumberField("now", nowMillis);
          long since = sinceMillis == JournalRecord.UNDATED ? Long.MIN_VALUE : sinceMillis;
          if (since > coverage.fromMillis()) {
            json.writeNumberField("since", since);
          }
          json.writeStringField("zone", zone.getId());
          json.writeNumberField("parts", parts);
          json.writeBooleanField("complete", coverage.complete());
          json.writeArrayFieldStart("devices");
          for (Row row : coverage.devices()) {
            device(json, coverage, row, nowMillis, since, known ? '.' : 'u');
          }
          json.writeEndArray();
        });
  }

  private static void device(
      JsonGenerator json,
      HistoryCoverage coverage,
      Row row,
      long nowMillis,
      long since,
      char before)
      throws IOException {
    StringBuilder letters = new StringBuilder();
    long expected = 0;
    long read = 0;
    long waiting = 0;
    double length = (double) (coverage.toMillis() - coverage.fromMillis()) / row.cells().size();
    for (int i = 0; i < row.cells().size(); i++) {
      long end = coverage.fromMillis() + Math.round((i + 1) * length);
      Cell cell = since(row.cells().get(i), end, since);
      boolean over = end <= nowMillis;
      char letter = over ? letter(cell, row.wanted().periodMillis()) : '.';
      letters.append(letter == '.' && end <= since ? before : letter);
      expected += over ? cell.lookedMillis() / row.wanted().periodMillis() : 0;
      read += over ? cell.read() : 0;
      waiting += cell.waiting();
    }
    json.writeStartObject();
    json.writeStringField("id", row.wanted().device());
    json.writeStringField("cells", letters.toString());
    json.writeNumberField("expected", expected);
    json.writeNumberField("read", Math.min(read, expected));
    json.writeNumberField("waiting", waiting);
    json.writeEndObject();
  }

  /** The same of what lies after {@code since} alone. */
  private static Cell since(Cell cell, long end, long since) {
    long most = Math.max(0, end - Math.max(since, end - cell.lookedMillis()));
    return new Cell(
        Math.min(cell.lookedMillis(), most),
        cell.read(),
        cell.failed(),
        cell.waiting(),
        cell.lost());
  }

  static char letter(Cell cell, long periodMillis) {
    long expected = cell.lookedMillis() / periodMillis;
    if (cell.lost()) {
      return 'x';
    }
    if (expected == 0) {
      return '.';
    }
    if (cell.read() == 0) {
      return cell.failed() > 0 ? 'f' : 'n';
    }
    if (cell.read() < WHOLE * expected) {
      return 'p';
    }
    return cell.waiting() > 0 ? 'b' : 'a';
  }
}
