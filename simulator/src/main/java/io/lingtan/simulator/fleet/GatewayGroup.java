package io.lingtan.simulator.fleet;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.agent.run.Time;
import java.util.List;

/**
 * The gateways that one thread steps, {@value #ROUND_MILLIS} ms from round to round, and more where
 * they are so many that asking each what is due would be most of the work. A gateway that throws is
 * a fault of ours, and reaches the loop.
 */
public final class GatewayGroup extends NamedStep {

  private static final long ROUND_MILLIS = 10;
  private static final int GATEWAYS_PER_MILLI = 20;

  private final List<FleetGateway> gateways;
  private final Time time;
  private MonotonicInstant due = new MonotonicInstant(0);
  private volatile long longestMillis;

  public GatewayGroup(String name, List<FleetGateway> gateways, Time time) {
    super(name);
    this.time = time;
    this.gateways = List.copyOf(gateways);
  }

  /** Always says that it is idle: arrivals wait for the next round, however many there are. */
  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // A round that is forgotten too late does no harm.
  public int step(MonotonicInstant now) {
    due = now.plusMillis(Math.max(ROUND_MILLIS, gateways.size() / GATEWAYS_PER_MILLI));
    for (FleetGateway gateway : gateways) {
      gateway.step(now);
    }
    longestMillis = Math.max(longestMillis, time.now().millisSince(now));
    return 0;
  }

  /** Longest round so far: a meter cannot be read on time where it is longer than the period. */
  public long longestMillis() {
    return longestMillis;
  }

  /** Rounds count from here on. Any thread; one that is under way may count still. */
  void forget() {
    longestMillis = 0;
  }

  @Override
  public MonotonicInstant due() {
    return due;
  }
}
