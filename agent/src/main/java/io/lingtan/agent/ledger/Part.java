package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Figures;
import io.lingtan.agent.ledger.code.MetricsCodec;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * What one base interval adds to the longer ones that it is in.
 *
 * @param summed figures that they add up, or take the greatest of
 * @param factors that these name
 * @param asked carrier and basis of each factor that was looked up for them
 * @param millis how long it is
 * @param isKept whether its energies are in the table that outlives the records
 */
record Part(
    SequencedMap<String, Metric> summed,
    Map<String, FactorUsed> factors,
    Set<String> asked,
    long millis,
    boolean isKept) {

  /** Before the meter and figure whose counts are added up where a site corrects them. */
  private static final String COUNT = "=";

  /** The same of what corrections made more of it. */
  private static final String MORE = "~";

  /** Whether a name is of {@link #count} or {@link #more}, and so no figure's. */
  static boolean isOfCounts(String name) {
    return name.startsWith(COUNT) || name.startsWith(MORE);
  }

  /** Names what counts of a meter's figure, where a site corrects it. */
  static String count(Count count) {
    return COUNT + count.meter().id() + "/" + count.figure().metric();
  }

  /** Names what that is more than was counted. */
  static String more(Count count) {
    return MORE + count.meter().id() + "/" + count.figure().metric();
  }

  /** Of the figures of a base interval that is so long. */
  static Part of(Figures worked, long millis) {
    SequencedMap<String, Metric> summed = new LinkedHashMap<>();
    worked
        .metrics()
        .forEach(
            (name, metric) -> {
              if (SiteFigures.isSummed(name) || SiteFigures.isGreatest("1M", name)) {
                summed.put(name, metric);
              }
            });
    return new Part(summed, worked.factors(), worked.asked(), millis, true);
  }

  /**
   * The same of a site that corrects what meters counted: with what counts of each, and what that
   * is more than was counted.
   *
   * @param counted by the meters
   * @param corrected what counts
   */
  Part with(Counted counted, Counted corrected) {
    SequencedMap<String, Metric> all = new LinkedHashMap<>(summed);
    for (int i = 0; i < corrected.counts().size(); i++) {
      Count now = corrected.counts().get(i);
      Metric before = counted.counts().get(i).amount();
      all.put(count(now), now.amount());
      Long old = before.micros();
      Long other = now.amount().micros();
      if (old != null && other != null && !before.equals(now.amount())) {
        all.put(
            more(now), new Metric(other - old, now.figure().ucum(), Quality.SUBSTITUTED, 100, 0));
      }
    }
    return new Part(all, factors, asked, millis, isKept);
  }

  /** What is needed to take it out again. */
  void write(CheckpointWriter to) {
    MetricsCodec.write(summed, to);
    to.flag(isKept);
  }

  static Part read(CheckpointReader from, long millis) {
    return new Part(MetricsCodec.read(from), Map.of(), Set.of(), millis, from.flag());
  }
}
