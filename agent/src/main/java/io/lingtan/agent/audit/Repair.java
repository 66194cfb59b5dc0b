package io.lingtan.agent.audit;

import io.lingtan.agent.audit.RepairReport.Left;
import io.lingtan.agent.audit.link.GatewayRequests;
import io.lingtan.agent.run.MonotonicInstant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Asks gateways for what is missing of them ({@link GatewayRepair}), at most {@value #MOST_AT_ONCE}
 * of them at once, and takes in what they send. One thread.
 */
final class Repair {

  static final int MOST_AT_ONCE = 16;

  private static final Duration ROUND = Duration.ofMillis(100);

  private final Completeness completeness;
  private final boolean all;
  private final RandomGenerator random;
  private final Map<String, GatewayRepair> gateways = new TreeMap<>();
  private MonotonicInstant nextRound = new MonotonicInstant(0);

  /**
   * @param all whether what was delivered before this audit ever listened is wanted, too
   */
  Repair(Completeness completeness, boolean all, RandomGenerator random) {
    this.completeness = completeness;
    this.all = all;
    this.random = random;
  }

  /** Goes on as far as it can without waiting; for while messages come. */
  void step(MonotonicInstant now, GatewayRequests asking) {
    if (now.isBefore(nextRound)) {
      return;
    }
    nextRound = now.plus(ROUND);
    completeness.trails().forEach(this::know);
    long out = gateways.values().stream().filter(GatewayRepair::isAsking).count();
    for (GatewayRepair gateway : gateways.values()) {
      boolean before = gateway.isAsking();
      gateway.step(now, out < MOST_AT_ONCE, asking);
      out += (gateway.isAsking() ? 1 : 0) - (before ? 1 : 0);
    }
  }

  private void know(String gateway, GatewayTrail trail) {
    gateways.computeIfAbsent(gateway, id -> new GatewayRepair(id, trail, all, random));
  }

  /** When to call {@link #step} again. */
  MonotonicInstant due() {
    return nextRound;
  }

  /**
   * Takes in an answer or a part of a replay.
   *
   * @param correlation of the message, empty if it had none
   * @param arrivalMillis UTC ms by the listener's clock
   */
  void take(
      String gateway,
      byte[] payload,
      String correlation,
      long arrivalMillis,
      MonotonicInstant now) {
    Completeness.Taken taken = completeness.takeReplayed(gateway, payload, arrivalMillis);
    GatewayTrail trail = completeness.trails().get(gateway);
    if (taken != null && trail != null) {
      know(gateway, trail);
      GatewayRepair repair = gateways.get(gateway);
      if (repair != null) {
        repair.took(taken.reply(), correlation, taken.seqs(), taken.fresh(), now);
      }
    }
  }

  /** Whether something that is missing may still come. */
  boolean isHoping(MonotonicInstant now) {
    return gateways.values().stream().anyMatch(gateway -> gateway.isHoping(now));
  }

  /** Whether it goes on by itself to where there is nothing more to hope for. */
  boolean isAtWork() {
    return gateways.values().stream().anyMatch(GatewayRepair::isAtWork);
  }

  RepairReport report() {
    completeness.trails().forEach(this::know);
    List<Left> left = new ArrayList<>();
    gateways.values().forEach(gateway -> left.addAll(gateway.left()));
    return new RepairReport(
        gateways.values().stream().mapToLong(GatewayRepair::requests).sum(),
        gateways.values().stream().mapToLong(GatewayRepair::repaired).sum(),
        left);
  }
}
