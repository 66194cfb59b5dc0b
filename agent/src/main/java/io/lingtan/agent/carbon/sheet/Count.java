package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Site.Meter;

/**
 * What one meter counted in an interval.
 *
 * @param step of its register, in millionths of the figure's unit; 0 where power is integrated, or
 *     nobody knows
 */
public record Count(Meter meter, Figure figure, Metric amount, long step) {

  /** Of a register whose step does not matter. */
  public Count(Meter meter, Figure figure, Metric amount) {
    this(meter, figure, amount, 0);
  }

  /** Another amount in its place. */
  public Count of(Metric other) {
    return new Count(meter, figure, other, step);
  }
}
