package io.lingtan.simulator.prove;

import io.lingtan.simulator.check.Finding;
import io.lingtan.simulator.check.Verdict;
import io.lingtan.simulator.scenario.Planned;
import io.lingtan.simulator.scenario.Scenario;
import java.util.List;

/**
 * Finds the shortest scenario in which a run still fails in the same way.
 *
 * @param verdict the class of failure
 * @param lastsMillis length of the run
 * @param faults those that it takes
 * @param runs how many runs it took to find out
 */
public record Suspect(
    Verdict verdict, String site, long lastsMillis, List<Planned> faults, int runs) {

  private static final long HOUR_MILLIS = 3_600_000L;

  public Suspect {
    faults = List.copyOf(faults);
  }

  /**
   * Shrinks a failed run.
   *
   * @param most runs at most
   */
  public static Suspect of(Proof failed, int most) {
    Finding first = failed.account().findings().getFirst();
    Scenario scenario = failed.scenario();
    Shrink<Planned> shrink =
        new Shrink<>(
            faults -> fails(failed, scenario.lastsMillis(), faults, first.verdict()), most);
    long lasts = scenario.lastsMillis();
    List<Planned> faults = failed.planned();
    if (first.atMillis() != Long.MAX_VALUE) {
      // What comes after it has nothing to do with it, mostly; whether so is asked.
      long cut = up(first.atMillis() - failed.startMillis() + HOUR_MILLIS);
      List<Planned> before = before(faults, cut);
      if (cut < lasts && cut >= Scenario.SHORTEST_MILLIS) {
        Shrink<Planned> shorter =
            new Shrink<>(list -> fails(failed, cut, list, first.verdict()), most);
        if (fails(failed, cut, before, first.verdict())) {
          List<Planned> found = shorter.of(before);
          return new Suspect(
              first.verdict(), scenario.site(), cut, found, 1 + most - shorter.left());
        }
      }
    }
    faults = shrink.of(faults);
    return new Suspect(first.verdict(), scenario.site(), lasts, faults, most - shrink.left());
  }

  private static long up(long millis) {
    return Math.ceilDiv(millis, HOUR_MILLIS) * HOUR_MILLIS;
  }

  private static List<Planned> before(List<Planned> faults, long cut) {
    return faults.stream().filter(fault -> fault.endMillis() <= cut).toList();
  }

  private static boolean fails(Proof failed, long lasts, List<Planned> faults, Verdict verdict) {
    Proof again =
        Rehearsal.of(
            failed.scenario().lasting(Math.max(lasts, Scenario.SHORTEST_MILLIS)),
            failed.seed(),
            faults);
    return again.account().counts().containsKey(verdict);
  }

  /** As a scenario file. */
  public String file() {
    return "# %s with %d fault%s, found in %d runs.\n"
            .formatted(verdict, faults.size(), faults.size() == 1 ? "" : "s", runs)
        + Scenario.file(site, lastsMillis, faults);
  }
}
