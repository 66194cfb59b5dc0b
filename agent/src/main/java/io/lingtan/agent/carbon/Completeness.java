package io.lingtan.agent.carbon;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.util.List;

/**
 * How well the hour and the day are known: the share of the time that was covered by samples, as a
 * mean over everything that is counted; the share of the energy that is estimated; and how many
 * base intervals were told again because something came late.
 */
final class Completeness implements Chapter {

  /** Among the sums: base intervals that were revised. */
  static final String LATE = "quality.late";

  private static final List<String> LENGTHS = List.of("1h", "1d");

  @Override
  public void base(Sheet sheet) {
    // Each figure of a base interval says so itself.
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
    return new Metric(percentMicros, "%", Quality.DERIVED, 100, 0, null, null, null);
  }
}
