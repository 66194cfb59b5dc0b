package io.lingtan.agent.status.wiring;

import io.lingtan.agent.status.wiring.Look.Phases;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How voltages and currents belong together, from each phase's power factor: with the transformers
 * in their places all three are alike; with two exchanged, against their voltages, they are cos(φ +
 * 120°), cos(φ − 120°) and cos φ; with all moved on by one, the same one of these; with one turned
 * round, one has the other sign.
 *
 * @param factors power over volts times amps, −1..1, of L1, L2, L3
 * @param error of the best fit, root mean square
 * @param verdict what fits; null where too little flows, or nothing fits
 */
record PhaseAngles(List<Double> factors, double error, @Nullable Verdict verdict) {

  private static final int[] ANGLES = {0, -120, 120};
  private static final double LEAST_VOLT_AMPERES = 100;

  /** A phase with less than this share of the fullest one's current tells nothing. */
  private static final double LEAST_SHARE = 0.05;

  private static final double GOOD_FIT = 0.10;

  /** Loads that differ from phase to phase fit no better than so. */
  private static final double POOR_FIT = 0.25;

  /**
   * Phase angles that are looked through. Beyond ±30° two exchanged phases look exactly like two
   * others with power the other way, so nobody can tell them apart from these values.
   */
  private static final int WIDEST_DEGREES = 27;

  private static final int STEP_DEGREES = 3;

  PhaseAngles {
    factors = List.copyOf(factors);
  }

  /** What the transformers look like. */
  enum Kind {
    /** All phases are alike. */
    STRAIGHT,
    /** One or two are turned round. */
    TURNED,
    /** Two are exchanged. */
    SWAPPED,
    /** All are on the next phase, or on the one before. */
    MOVED
  }

  /**
   * A finding.
   *
   * @param phases those concerned, 1..3; empty for all or none
   */
  record Verdict(Kind kind, List<Integer> phases) {
    Verdict {
      phases = List.copyOf(phases);
    }
  }

  /** A way of wiring: which phase's current each input has, and with which sign. */
  private record Way(Verdict verdict, int[] current, int[] sign) {}

  private static final List<Way> WAYS = ways();

  private static List<Way> ways() {
    List<Way> ways = new ArrayList<>();
    int[] own = {0, 1, 2};
    int[] plus = {1, 1, 1};
    ways.add(new Way(new Verdict(Kind.STRAIGHT, List.of()), own, plus));
    for (int i = 0; i < 3; i++) {
      int[] one = {1, 1, 1};
      one[i] = -1;
      // One that is turned among three looks like two among three with power the other way: the
      // smaller fault is told.
      ways.add(new Way(new Verdict(Kind.TURNED, List.of(i + 1)), own, one));
    }
    for (int i = 0; i < 3; i++) {
      int a = (i + 1) % 3;
      int b = (i + 2) % 3;
      int[] swapped = {0, 1, 2};
      swapped[a] = b;
      swapped[b] = a;
      List<Integer> both = List.of(Math.min(a, b) + 1, Math.max(a, b) + 1);
      ways.add(new Way(new Verdict(Kind.SWAPPED, both), swapped, plus));
    }
    Verdict moved = new Verdict(Kind.MOVED, List.of());
    ways.add(new Way(moved, new int[] {1, 2, 0}, plus));
    ways.add(new Way(moved, new int[] {2, 0, 1}, plus));
    return List.copyOf(ways);
  }

  static PhaseAngles of(Phases phases) {
    double most = 0;
    for (double amps : phases.amps()) {
      most = Math.max(most, Math.abs(amps));
    }
    List<Double> factors = new ArrayList<>();
    boolean tells = true;
    for (int i = 0; i < 3; i++) {
      double apparent = Math.abs(phases.volts().get(i) * phases.amps().get(i));
      tells &=
          apparent >= LEAST_VOLT_AMPERES
              && Math.abs(phases.amps().get(i)) >= LEAST_SHARE * most
              && Math.abs(phases.watts().get(i)) <= 1.1 * apparent;
      factors.add(
          apparent == 0 ? 0.0 : Math.max(-1.0, Math.min(1.0, phases.watts().get(i) / apparent)));
    }
    if (!tells) {
      return new PhaseAngles(factors, 1, null);
    }
    Way best = WAYS.getFirst();
    double least = Double.MAX_VALUE;
    for (Way way : WAYS) {
      double error = error(way, factors);
      // Of two that fit alike the plainer one.
      if (error < least - 0.01) {
        least = error;
        best = way;
      }
    }
    double straight = error(WAYS.getFirst(), factors);
    Verdict verdict =
        straight <= POOR_FIT
            ? WAYS.getFirst().verdict()
            : least <= GOOD_FIT ? best.verdict() : null;
    return new PhaseAngles(factors, least, verdict);
  }

  /** Root mean square of what is left at the phase angle that fits best, in either direction. */
  private static double error(Way way, List<Double> factors) {
    double least = Double.MAX_VALUE;
    for (int degrees = -WIDEST_DEGREES; degrees <= WIDEST_DEGREES; degrees += STEP_DEGREES) {
      for (int direction = -1; direction <= 1; direction += 2) {
        double sum = 0;
        for (int i = 0; i < 3; i++) {
          int between = ANGLES[i] - ANGLES[way.current[i]] + degrees;
          double off = factors.get(i) - direction * way.sign[i] * Math.cos(Math.toRadians(between));
          sum += off * off;
        }
        least = Math.min(least, Math.sqrt(sum / 3));
      }
    }
    return least;
  }
}
