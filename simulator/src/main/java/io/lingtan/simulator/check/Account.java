package io.lingtan.simulator.check;

import java.util.List;
import java.util.Map;

/**
 * What a check found.
 *
 * @param records different records received
 * @param again records received again under the same key: harmless
 * @param epochs epochs seen
 * @param values values of readings that were compared with what the meter served
 * @param unjudged readings too old to be compared
 * @param unchecked figures without readings around them to compare by
 * @param longer how many hours, days and so on were compared with what is in them, by length
 * @param counts how many of each class of failure
 * @param findings the first of each class, by time
 * @param events how many events of each name
 */
public record Account(
    long records,
    long again,
    int epochs,
    long values,
    long unjudged,
    long unchecked,
    Map<String, Integer> longer,
    List<Row> rows,
    Map<String, List<long[]>> series,
    Map<Verdict, Long> counts,
    List<Finding> findings,
    Map<String, Integer> events) {

  public Account {
    longer = Map.copyOf(longer);
    rows = List.copyOf(rows);
    series = Map.copyOf(series);
    counts = Map.copyOf(counts);
    findings = List.copyOf(findings);
    events = Map.copyOf(events);
  }

  /**
   * A figure over the run, in millionths of its unit.
   *
   * @param intervals base intervals
   * @param touched of which a fault touched so many
   * @param others and so many are not wholly measured
   * @param absent of these, so many have no value
   */
  public record Row(
      String metric,
      int intervals,
      int touched,
      int others,
      int absent,
      long truth,
      long delivered) {}

  /** Whether everything is true and there. */
  public boolean isGood() {
    return counts.isEmpty();
  }
}
