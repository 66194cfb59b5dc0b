package io.lingtan.simulator.check;

import io.lingtan.agent.reading.Micros;
import java.util.List;
import java.util.Locale;

/**
 * What a check found.
 *
 * @param rows one for each figure
 * @param intervals intervals of which something was received
 * @param missing intervals of which nothing was received
 * @param twice revisions that were received under two keys
 * @param again records received again under the same key: harmless
 * @param contradictory keys under which two contents were received
 * @param unreadable texts that are no records
 * @param wrongButGood figures that say they are good and are not
 * @param wrong the first of these
 */
public record Report(
    List<Row> rows,
    int intervals,
    int missing,
    int twice,
    int again,
    int contradictory,
    int unreadable,
    int wrongButGood,
    List<Wrong> wrong) {

  public Report {
    rows = List.copyOf(rows);
    wrong = List.copyOf(wrong);
  }

  /**
   * Sums of one figure over the intervals in which it has a value, in millionths of its unit.
   *
   * @param intervals how many these are
   * @param estimated how many of them say that they are not wholly measured
   * @param absent intervals that say why they have no value
   * @param allowed how far the sums may be apart
   */
  public record Row(
      String metric,
      int intervals,
      int estimated,
      int absent,
      long truth,
      long delivered,
      long allowed) {

    public long difference() {
      return delivered - truth;
    }

    /** Estimates may differ: they say so. */
    public boolean isGood() {
      return estimated > 0 || Math.abs(difference()) <= allowed;
    }
  }

  /** A figure that was wrong and called itself good. */
  public record Wrong(
      String metric, long start, long rev, long truth, long delivered, long allowed) {
    @Override
    public String toString() {
      return "%s of %d rev %d: true %s, delivered %s, allowed %s"
          .formatted(
              metric, start, rev, Micros.text(truth), Micros.text(delivered), Micros.text(allowed));
    }
  }

  /** Whether everything is right and there. */
  public boolean isGood() {
    return missing == 0
        && twice == 0
        && contradictory == 0
        && unreadable == 0
        && wrongButGood == 0
        && rows.stream().allMatch(Row::isGood);
  }

  /** A table for a person. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%-24s %9s %14s %14s %12s %12s%n",
            "figure",
            "intervals",
            "true",
            "delivered",
            "difference",
            "allowed"));
    for (Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-24s %9d %14s %14s %12s %12s %s%n",
              row.metric(),
              row.intervals(),
              Micros.text(row.truth()),
              Micros.text(row.delivered()),
              Micros.text(row.difference()),
              Micros.text(row.allowed()),
              row.isGood() ? "" : "WRONG"));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "missing %d, twice %d, wrong but good %d, received again %d, contradictory %d,"
                + " unreadable %d%n",
            missing,
            twice,
            wrongButGood,
            again,
            contradictory,
            unreadable));
    wrong.forEach(found -> text.append(found).append('\n'));
    return text.toString();
  }
}
