package io.lingtan.agent.carbon;

import io.lingtan.agent.reading.Interval.Metric;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A chapter whose failure is its own: what it gave before is missing then, with the reason, and the
 * chapters after it go on. A figure that cannot be worked out must not cost the others.
 */
final class Guarded implements Chapter {

  private final Chapter chapter;

  /** Names and units that it gives in an interval of a length. */
  private final Map<String, Map<String, String>> usual = new HashMap<>();

  Guarded(Chapter chapter) {
    this.chapter = chapter;
  }

  @Override
  public void base(Sheet sheet) {
    guard(sheet, () -> chapter.base(sheet));
  }

  @Override
  public void rollUp(Sheet sheet) {
    guard(sheet, () -> chapter.rollUp(sheet));
  }

  private void guard(Sheet sheet, Runnable work) {
    Map<String, String> known = usual.get(sheet.length());
    List<String> before = known == null ? sheet.names() : List.of();
    try {
      work.run();
    } catch (RuntimeException e) {
      String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      sheet.failed(
          chapter.getClass().getSimpleName(), why, known == null ? added(sheet, before) : known);
      return;
    }
    if (known == null) {
      usual.put(sheet.length(), added(sheet, before));
    }
  }

  private static Map<String, String> added(Sheet sheet, List<String> before) {
    Map<String, String> added = new LinkedHashMap<>();
    for (String name : sheet.names()) {
      Metric metric = sheet.get(name);
      if (metric != null && !before.contains(name)) {
        added.put(name, metric.ucum());
      }
    }
    return added;
  }
}
