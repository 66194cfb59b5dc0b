package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Site.Meter;

/**
 * Something that a meter shows and does not count, at an interval's two ends.
 *
 * @param start at the first instant; missing if it is not known
 * @param end at the last
 */
public record Level(Meter meter, Kind kind, Metric start, Metric end) {

  /** What it is. */
  public enum Kind {
    /** Hydrogen in a vessel, kg. */
    H2_MASS("h2.storage_mass", "kg"),
    /** State of charge of a battery, %. */
    SOC("storage.soc", "%"),
    /** State of health of a battery, %. */
    SOH("storage.soh", "%");

    private final String metric;
    private final String ucum;

    Kind(String metric, String ucum) {
      this.metric = metric;
      this.ucum = ucum;
    }

    /** The metric's name, without a meter's id. */
    public String metric() {
      return metric;
    }

    public String ucum() {
      return ucum;
    }
  }
}
