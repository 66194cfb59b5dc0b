package io.lingtan.simulator.prove;

import io.lingtan.agent.run.Threads;
import io.lingtan.simulator.scenario.Scenario;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Runs a scenario for many seeds, one on each core. Each run is in one thread. */
final class Campaign {

  private final Scenario scenario;
  private final int cores;
  private final AtomicLong simulated = new AtomicLong();
  private final AtomicLong faults = new AtomicLong();

  /**
   * @param cores runs at a time, ≥ 1
   */
  public Campaign(Scenario scenario, int cores) {
    this.scenario = scenario;
    this.cores = cores;
  }

  /** Milliseconds of the world that have been run, over all seeds. Any thread. */
  public long simulatedMillis() {
    return simulated.get();
  }

  /** Faults that have begun, over all seeds. Any thread. */
  public long faults() {
    return faults.get();
  }

  /**
   * Runs the seeds {@code first}, {@code first} + 1 and so on.
   *
   * @param done gets each proof, in the order of the seeds
   * @throws InterruptedException if this thread is told to stop
   */
  public void run(long first, int seeds, Consumer<Proof> done) throws InterruptedException {
    Semaphore free = new Semaphore(cores);
    try (ExecutorService runs = Threads.virtual("prove")) {
      Deque<Future<Proof>> proofs = new ArrayDeque<>();
      for (int i = 0; i < seeds; i++) {
        free.acquire();
        long seed = first + i;
        proofs.addLast(
            runs.submit(
                () -> {
                  try {
                    return one(seed);
                  } finally {
                    free.release();
                  }
                }));
        while (!proofs.isEmpty() && proofs.getFirst().isDone()) {
          done.accept(result(proofs.removeFirst()));
        }
      }
      while (!proofs.isEmpty()) {
        done.accept(result(proofs.removeFirst()));
      }
    }
  }

  private Proof one(long seed) {
    long[] before = {0, 0};
    Proof proof =
        Rehearsal.of(
            scenario,
            seed,
            (at, begun) -> {
              simulated.addAndGet(at - before[0]);
              faults.addAndGet(begun - before[1]);
              before[0] = at;
              before[1] = begun;
            });
    simulated.addAndGet(scenario.lastsMillis() - before[0]);
    faults.addAndGet(proof.planned().size() - before[1]);
    return proof;
  }

  private static Proof result(Future<Proof> proof) throws InterruptedException {
    try {
      return proof.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("a run ended in an error", e.getCause());
    }
  }
}
