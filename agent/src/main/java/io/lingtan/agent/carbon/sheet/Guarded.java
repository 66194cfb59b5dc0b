package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Interval.Metric;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A chapter whose failure is its own: what it gives at other times is missing then, with the
 * reason, and the chapters after it go on. A figure that cannot be worked out must not cost the
 * others.
 *
 * <p>What it gives at other times is learnt once, of an interval of which nothing is known, and not
 * from what came before: a failure makes the same record after a restart.
 */
public final class Guarded implements Chapter {

  private final Chapter chapter;

  /** Names and units that it gives in an interval of a length. */
  private final Map<String, Map<String, String>> usual = new HashMap<>();

  public Guarded(Chapter chapter) {
    this.chapter = chapter;
  }

  @Override
  public List<Indicator> listed() {
    return chapter.listed();
  }

  @Override
  public void base(Sheet sheet) {
    guard(sheet, () -> chapter.base(sheet));
  }

  @Override
  public void rollUp(Sheet sheet) {
    guard(sheet, () -> chapter.rollUp(sheet));
  }

  /**
   * Takes what the chapter puts on a sheet of which nothing is known for what it gives in intervals
   * of that length.
   */
  public void learn(Sheet sheet, boolean base) {
    List<String> before = sheet.names();
    try {
      if (base) {
        chapter.base(sheet);
      } else {
        chapter.rollUp(sheet);
      }
    } catch (RuntimeException e) {
      // Told of the first interval that is closed; what it did not come to is not there then.
      sheet.failed(chapter.getClass().getSimpleName(), String.valueOf(e.getMessage()), Map.of());
    }
    usual.put(sheet.length(), added(sheet, before));
  }

  private void guard(Sheet sheet, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      sheet.failed(
          chapter.getClass().getSimpleName(), why, usual.getOrDefault(sheet.length(), Map.of()));
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
