package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.fleet.Meters;
import java.util.ArrayList;
import java.util.List;

/**
 * The meters of a planned site. A reading is of the last whole second. The gateway's thread reads;
 * when the first and the last were may be asked from any.
 */
final class SiteMeters implements Meters {

  private static final Point POWER = Point.of("power");
  private static final Point IMPORT = Point.of("energy_import");
  private static final Point EXPORT = Point.of("energy_export");
  private static final long MICROWATTS_EACH = 3_600_000;
  private static final long SECOND = 1_000;

  private final SitePlan plan;
  private final Time time;
  private final long offsetMillis;
  private volatile long firstMillis = Long.MAX_VALUE;
  private volatile long lastMillis = Long.MIN_VALUE;

  SiteMeters(SitePlan plan, Time time) {
    this.plan = plan;
    this.time = time;
    this.offsetMillis = time.wall().offsetMillis();
  }

  @Override
  public List<Sample> read(MonotonicInstant at) {
    long millis = Math.floorDiv(offsetMillis + at.millis(), SECOND) * SECOND;
    long since = millis - firstMillis;
    boolean isSilent =
        plan.silentFrom() >= 0
            && since >= plan.silentFrom()
            && since < plan.silentFrom() + SitePlan.SILENCE_MILLIS;
    if (millis <= lastMillis || isSilent) {
      return List.of();
    }
    long nanos = MonotonicInstant.ofMillis(millis - offsetMillis).nanos();
    long seconds = millis / SECOND;
    List<Sample> samples = new ArrayList<>();
    samples.add(sample("gate", nanos, seconds, plan.importing(), plan.exporting()));
    switch (plan.kind()) {
      // A meter of a source imports what goes into it.
      case ROOFTOP -> samples.add(sample("pv1", nanos, seconds, 0, plan.generating()));
      case STORAGE -> samples.add(sample("bat1", nanos, seconds, plan.charging(), 0));
      case BUS_DEPOT -> {}
    }
    firstMillis = Math.min(firstMillis, millis);
    lastMillis = millis;
    return samples;
  }

  private Sample sample(String device, long nanos, long seconds, long in, long out) {
    // Counted from a time that makes numbers of the size that meters have.
    long counted = seconds % 10_000_000;
    Values values =
        new Values.Builder()
            .put(POWER, (in - out) * MICROWATTS_EACH)
            .put(IMPORT, in * counted)
            .put(EXPORT, out * counted)
            .build();
    return Sample.of(device, time.boot(), nanos, values);
  }

  /** Of the first reading, UTC ms; {@link Long#MAX_VALUE} before it. */
  long firstMillis() {
    return firstMillis;
  }

  /** Of the newest reading, UTC ms; {@link Long#MIN_VALUE} before the first. */
  long lastMillis() {
    return lastMillis;
  }
}
