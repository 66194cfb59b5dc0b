package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.carbon.sheet.Figures;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
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

  /** What is needed to take it out again. */
  void write(CheckpointWriter to) {
    MetricsCodec.write(summed, to);
    to.flag(isKept);
  }

  static Part read(CheckpointReader from, long millis) {
    return new Part(MetricsCodec.read(from), Map.of(), Set.of(), millis, from.flag());
  }
}
