package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.fleet.Meters;
import java.util.List;

/**
 * The meters of a planned site, read in turn. A reading is of the last whole second. The gateway's
 * thread reads; when the first and the last were may be asked from any.
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
  private long begunMillis = Long.MAX_VALUE;
  private int readings;
  private long newestMillis = Long.MIN_VALUE;
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
    long since = millis - begunMillis;
    boolean isSilent =
        plan.silentFrom() >= 0
            && since >= plan.silentFrom()
            && since < plan.silentFrom() + SitePlan.SILENCE_MILLIS;
    if (millis <= newestMillis || isSilent) {
      return List.of();
    }
    begunMillis = Math.min(begunMillis, millis);
    boolean isGate = readings % plan.meters() == 0;
    readings++;
    if (readings >= plan.meters()) {
      firstMillis = Math.min(firstMillis, millis);
      lastMillis = plan.meters() == 1 ? millis : newestMillis;
    }
    newestMillis = millis;
    long nanos = MonotonicInstant.ofMillis(millis - offsetMillis).nanos();
    long seconds = millis / SECOND;
    if (isGate) {
      return List.of(sample("gate", nanos, seconds, plan.importing(), plan.exporting()));
    }
    // A meter of a source imports what goes into it.
    return List.of(
        plan.kind() == SitePlan.Kind.STORAGE
            ? sample("bat1", nanos, seconds, plan.charging(), 0)
            : sample("pv1", nanos, seconds, 0, plan.generating()));
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

  /** When all had been read once, UTC ms; {@link Long#MAX_VALUE} before. */
  long firstMillis() {
    return firstMillis;
  }

  /** Up to when all have been read, UTC ms; {@link Long#MIN_VALUE} before {@link #firstMillis}. */
  long lastMillis() {
    return lastMillis;
  }
}
