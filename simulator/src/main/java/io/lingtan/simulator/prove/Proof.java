package io.lingtan.simulator.prove;

import io.lingtan.simulator.check.Account;
import io.lingtan.simulator.scenario.Planned;
import io.lingtan.simulator.scenario.Scenario;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What came of a run.
 *
 * @param planned the faults that it had
 * @param strikes how often each kind of fault really struck: requests, packets, transactions, ends
 * @param lives agents that were started
 * @param startMillis when the world's run began, UTC ms
 * @param sha256 of everything delivered that carries records, in its order
 */
record Proof(
    Scenario scenario,
    long seed,
    List<Planned> planned,
    SortedMap<String, Long> strikes,
    int lives,
    long startMillis,
    Account account,
    String sha256) {

  public Proof {
    planned = List.copyOf(planned);
    strikes = Collections.unmodifiableSortedMap(new TreeMap<>(strikes));
  }

  public boolean isGood() {
    return account.isGood();
  }

  /** How many faults of each kind were planned. */
  public SortedMap<String, Long> faults() {
    SortedMap<String, Long> counts = new TreeMap<>();
    planned.forEach(fault -> counts.merge(fault.kind().name(), 1L, Long::sum));
    return counts;
  }
}
