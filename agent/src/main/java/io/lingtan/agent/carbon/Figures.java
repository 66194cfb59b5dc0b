package io.lingtan.agent.carbon;

import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** The named metrics of one interval and the factors that they name, in the order of the record. */
public record Figures(
    SequencedMap<String, Metric> metrics, SequencedMap<String, FactorUsed> factors) {

  public Figures {
    metrics = new LinkedHashMap<>(metrics);
    factors = new LinkedHashMap<>(factors);
  }
}
