package io.lingtan.agent.status.report;

import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Indicators;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What figures are called in a report, and in which part of it each stands. */
record FigureNames(Indicators listed) {

  /** The part of a report whose figures nobody listed: records of another version. */
  static final String OTHER = "other";

  private static final String BOUGHT = "elec.grid.import.";

  /** What a figure is called; its own name where nothing is known of it. */
  String name(String metric, Language language) {
    Indicator found = listed.find(metric);
    if (found == null) {
      return metric;
    }
    String part = listed.part(metric);
    String name = language.of(found.chinese(), found.english());
    boolean isPeriod = metric.equals(BOUGHT + part);
    return part.isEmpty()
        ? name
        : name + " " + (isPeriod ? BillNames.period(part, language) : part);
  }

  /** Those of the figures that stand in a section; of no section those that nobody listed. */
  List<String> of(@Nullable Section section, Set<String> metrics) {
    return metrics.stream().filter(metric -> section(metric) == section).toList();
  }

  private @Nullable Section section(String metric) {
    Indicator found = listed.find(metric);
    return found == null ? null : found.section();
  }

  /** A unit as people write it. */
  String symbol(String metric, String ucum) {
    Indicator found = listed.find(metric);
    return found == null || !found.ucum().equals(ucum) ? symbol(ucum) : found.symbol();
  }

  static String symbol(String ucum) {
    return Indicator.symbolOf(ucum);
  }

  /** Whether days of this figure can be added up. */
  boolean isAdded(String metric) {
    Indicator found = listed.find(metric);
    return found != null && found.rolling().isAdded();
  }
}
