package io.lingtan.simulator.prove;

import io.lingtan.simulator.check.Finding;
import io.lingtan.simulator.check.Verdict;
import io.lingtan.simulator.scenario.Planned;
import io.lingtan.simulator.scenario.Scenario;
import java.util.List;
import java.util.concurrent.CancellationException;

/**
 * Finds the shortest scenario in which a run still fails in the same way.
 *
 * @param verdict the class of failure
 * @param scenario the failed one
 * @param lastsMillis length of the run
 * @param faults those that it takes
 * @param runs how many runs it took to find out
 */
record Suspect(
    Verdict verdict, Scenario scenario, long lastsMillis, List<Planned> faults, int runs) {

  private static final long HOUR_MILLIS = 3_600_000L;

  public Suspect {
    faults = List.copyOf(faults);
  }

  /** What a search may cost, and who is told of it. */
  public interface Limits {

    /** Runs at most. */
    int runs();

    /** Whether its time is over; a run that is under way ends then, and counts for nothing. */
    boolean isOver();

    /**
     * A run has ended.
     *
     * @param run from 1
     */
    void tried(int run, int faults, boolean fails);
  }

  /** Shrinks a failed run. */
  public static Suspect of(Proof failed, Limits limits) {
    return new Search(failed, limits).suspect();
  }

  private static final class Search {
    private final Proof failed;
    private final Limits limits;
    private final Finding first;
    private int runs;

    Search(Proof failed, Limits limits) {
      this.failed = failed;
      this.limits = limits;
      this.first = failed.account().findings().getFirst();
    }

    Suspect suspect() {
      long lasts = failed.scenario().lastsMillis();
      List<Planned> faults = failed.planned();
      if (first.atMillis() != Long.MAX_VALUE) {
        // What comes after it has nothing to do with it, mostly; whether so is asked.
        long cut = up(first.atMillis() - failed.startMillis() + HOUR_MILLIS);
        List<Planned> before = before(faults, cut);
        if (cut < lasts && cut >= Scenario.SHORTEST_MILLIS && fails(cut, before)) {
          lasts = cut;
          faults = before;
        }
      }
      long length = lasts;
      List<Planned> found =
          new Shrink<Planned>(list -> fails(length, list), limits.runs() - runs).of(faults);
      return new Suspect(first.verdict(), failed.scenario(), length, found, runs);
    }

    private boolean fails(long lasts, List<Planned> faults) {
      if (limits.isOver()) {
        return false;
      }
      try {
        Proof again =
            Rehearsal.of(
                failed.scenario().lasting(Math.max(lasts, Scenario.SHORTEST_MILLIS)),
                failed.seed(),
                faults,
                (at, begun) -> {
                  if (limits.isOver()) {
                    throw new CancellationException("no time left to look further");
                  }
                });
        boolean fails = again.account().counts().containsKey(first.verdict());
        limits.tried(++runs, faults.size(), fails);
        return fails;
      } catch (CancellationException e) {
        return false;
      }
    }
  }

  private static long up(long millis) {
    return Math.ceilDiv(millis, HOUR_MILLIS) * HOUR_MILLIS;
  }

  private static List<Planned> before(List<Planned> faults, long cut) {
    return faults.stream().filter(fault -> fault.endMillis() <= cut).toList();
  }

  /** As a scenario file. */
  public String file() {
    return "# %s with %d fault%s, found in %d runs.\n"
            .formatted(verdict, faults.size(), faults.size() == 1 ? "" : "s", runs)
        + scenario.file(lastsMillis, faults);
  }
}
