package io.lingtan.simulator.demo;

import io.lingtan.agent.reading.Micros;
import io.lingtan.simulator.demo.Comparison.Row;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * What the demo ends with.
 *
 * @param rows truth against delivered
 * @param counts what was found wrong, by what it is called; only zeros are good
 * @param mustCompare whether a figure without a whole interval counts as wrong: not where a person
 *     ended the demo before there was one
 * @param notes for a person
 */
record Bill(List<Row> rows, List<Count> counts, boolean mustCompare, List<String> notes) {

  Bill {
    rows = List.copyOf(rows);
    counts = List.copyOf(counts);
    notes = List.copyOf(notes);
  }

  /**
   * A number that must be zero.
   *
   * @param what in a few words
   * @param explanation why it must be
   */
  record Count(String what, long number, String explanation) {}

  boolean isGood() {
    return rows.stream().allMatch(row -> row.intervals() == 0 ? !mustCompare : row.isGood())
        && counts.stream().allMatch(count -> count.number() == 0);
  }

  /** As text of at most 80 columns. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            "%-22s %12s %12s %11s %10s", "", "truth", "delivered", "difference", "allowed"));
    for (Row row : rows) {
      lines.add(
          row.intervals() == 0
              ? String.format("%-22s %s", name(row), "no whole interval was delivered")
              : String.format(
                  "%-22s %12s %12s %11s %10s  %s",
                  name(row),
                  decimal(row.truth(), false),
                  decimal(row.delivered(), false),
                  decimal(row.difference(), true),
                  decimal(row.allowed(), false),
                  row.isGood() ? "✓" : "✗"));
    }
    lines.add("");
    for (Count count : counts) {
      lines.add(
          String.format(
              "%-22s %12d  %s %s",
              count.what(), count.number(), count.number() == 0 ? "✓" : "✗", count.explanation()));
    }
    lines.add("");
    lines.addAll(notes);
    return lines;
  }

  private static String name(Row row) {
    return row.figure().title() + " [" + row.figure().unit() + "]";
  }

  /** With three places, or six where three would hide it. */
  static String decimal(long micros, boolean signed) {
    int places = Math.abs(micros) < Micros.ONE / 100 && micros != 0 ? 6 : 3;
    String text =
        BigDecimal.valueOf(micros, 6).setScale(places, RoundingMode.HALF_EVEN).toPlainString();
    return signed && micros > 0 ? "+" + text : text;
  }
}
