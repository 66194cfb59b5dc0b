package io.lingtan.agent.carbon;

import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Rounding;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Presence;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.util.List;

/**
 * How well the hour and the day are known: the share of the time that was covered by samples, as a
 * mean over everything that is counted; the share of the energy that is estimated; and how many
 * base intervals were told again because something came late.
 */
final class Coverage implements Chapter {

  /** Among the sums: base intervals that were revised. */
  static final String LATE = "quality.late";

  private static final List<String> LENGTHS = List.of("1h", "1d");
  private static final String HOURS_AND_DAYS =
      "by the hour and the day; in a report each figure says how far it is covered";

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.QUALITY)
          .lengths("1h 1d")
          .needs("grid")
          .rule(
              "share of the time without gaps longer than `max_interpolation`, mean over everything"
                  + " that is counted")
          .presence(Presence.UNOBSERVED)
          .because(HOURS_AND_DAYS)
          .add("quality.completeness", "%", "完整率", "completeness")
          .rule("share of the energy that is estimated")
          .presence(Presence.UNOBSERVED)
          .because(HOURS_AND_DAYS)
          .add("quality.estimated_share", "%", "估算占比", "estimated share")
          .rule("base intervals that were told again")
          .presence(Presence.UNOBSERVED)
          .because(HOURS_AND_DAYS)
          .add(LATE, "1", "迟到修订数", "revised intervals")
          .list();

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void rollUp(Sheet sheet) {
    List<Count> counts = sheet.counts();
    if (!LENGTHS.contains(sheet.length()) || counts.isEmpty()) {
      return;
    }
    long covered = 0;
    long energy = 0;
    long estimated = 0;
    for (Count count : counts) {
      Metric amount = count.amount();
      covered += amount.coverage();
      Long micros = amount.micros();
      if (micros != null && amount.ucum().equals(Sheet.KWH)) {
        energy += Math.abs(micros);
        estimated += Math.abs(micros) / 100 * amount.estimated();
      }
    }
    sheet.put("quality.completeness", known(1_000_000 * covered / counts.size()));
    sheet.put(
        "quality.estimated_share",
        energy == 0 ? known(0) : known(100 * Rounding.millionths(estimated, energy)));
    Metric late = sheet.sum(LATE);
    if (late != null) {
      sheet.put(LATE, late);
    }
  }

  private static Metric known(long percentMicros) {
    return new Metric(percentMicros, "%", Quality.DERIVED, 100, 0);
  }
}
