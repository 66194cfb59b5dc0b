package io.lingtan.agent.journal;

import java.nio.file.Path;

/** A process that commits until it is killed, and prints each last seq once it is committed. */
final class Committer {
  private static final int BATCH = 7;

  private Committer() {}

  public static void main(String[] args) {
    Bench bench = new Bench(Path.of(args[0]));
    long acked = bench.journal().state().acked();
    while (true) {
      bench.commitWide(BATCH);
      long last = bench.journal().state().last();
      System.out.println(last + " " + acked);
      if (last % 3 == 0) {
        bench.acknowledge(acked + 1, last - BATCH);
        acked = last - BATCH;
        bench.commit();
      }
    }
  }
}
