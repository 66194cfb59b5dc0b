package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.Kill;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Child;
import io.lingtan.testing.Sites;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * SIGKILL a hundred times in the middle of counting. There is a pulse every 20 ms of the clock that
 * both processes share: what a total should be at any instant is known exactly.
 */
@Execution(ExecutionMode.CONCURRENT)
@Tag("campaign")
final class PulseSigkillIT {

  private static final int ROUNDS = 100;

  /** A loaded machine may let a commit wait; then it says so by the time of the total. */
  private static final long PATIENCE_MILLIS = 5_000;

  @TempDir Path folder;

  private final Time time = new SystemTime(List.of("system"));
  private final Site site = Sites.microgrid().base("1m").site();
  private final RandomGenerator random = Randomness.seeded(20_261_125);

  private Journal open() {
    return Journal.open(
        KilledCounter.options(folder.resolve("journal.db"), site), time, Randomness.seeded(1));
  }

  private @Nullable PulseTotal kept() {
    Journal journal = open();
    PulseTotal total = journal.totals().get("water");
    Kill.kill(journal);
    return total;
  }

  /** How many pulses there were after the one instant and up to the other. */
  private static long pulses(long afterNanos, long upToNanos) {
    return upToNanos / KilledCounter.PERIOD_NANOS - afterNanos / KilledCounter.PERIOD_NANOS;
  }

  @Test
  void aTotalHasEveryPulseUpToItsTimeAndThatIsNoOlderThanACommit() throws Exception {
    long commit = site.journal().commit().toMillis();
    List<Long> gaps = new ArrayList<>();
    PulseTotal before = null;
    long oldest = 0;
    int unchanged = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String where = "round " + round + ", seed 20261125";
      Path output = folder.resolve("out-" + round);
      long from;
      long offset;
      long killed;
      try (Child child =
          Child.start(
              output,
              Map.of(),
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-Xmx64m",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty(
                      "surefire.test.class.path", System.getProperty("java.class.path")),
                  KilledCounter.class.getName(),
                  folder.resolve("journal.db").toString()))) {
        child.await("counting", 60, () -> says(output));
        from = said(output, "from");
        offset = said(output, "offset");
        Thread.sleep(random.nextLong(50, 1500));
        killed = System.nanoTime();
        child.kill();
      }
      PulseTotal kept = kept();
      if (before != null) {
        gaps.add(before.tsMillis());
      }
      if (kept == null || kept.equals(before)) {
        // Killed before the first commit: nothing is claimed of this round.
        assertTrue(System.nanoTime() - from < (commit + PATIENCE_MILLIS) * 1_000_000L, where);
        unchanged++;
        continue;
      }
      long until = (kept.tsMillis() - offset) * 1_000_000L;
      long counted = kept.pulses() - (before == null ? 0 : before.pulses());
      // Every pulse up to its time is in it; it may also have those that came while it was made.
      assertTrue(counted >= pulses(from, until), where + ": " + counted);
      assertTrue(counted <= pulses(from, killed + 1_000_000L), where + ": " + counted);
      oldest = Math.max(oldest, (killed - until) / 1_000_000L);
      assertTrue(killed - until < (commit + PATIENCE_MILLIS) * 1_000_000L, where);
      before = kept;
    }
    assertTrue(before != null && before.pulses() > ROUNDS, "nothing was counted: " + before);
    List<Object> told = told();
    assertTrue(told.size() > ROUNDS / 4, "gaps were told: " + told.size());
    assertTrue(gaps.containsAll(told), "each from when the kept total ends");
    // One that was told before its process made a total is told by the next process, too.
    long again = told.size() - told.stream().distinct().count();
    assertTrue(again <= unchanged, again + " told again, " + unchanged + " rounds without a total");
    System.out.println(
        ROUNDS + " kills, " + before.pulses() + " pulses, oldest total " + oldest + " ms");
  }

  private static long said(Path output, String what) throws IOException {
    String text = Files.readString(output);
    return Long.parseLong(text.replaceAll("(?s).*" + what + " (\\d+).*", "$1"));
  }

  private static boolean says(Path output) {
    try {
      return Files.readString(output).contains(" .");
    } catch (IOException e) {
      return false;
    }
  }

  private List<Object> told() {
    List<Object> since = new ArrayList<>();
    Journal journal = open();
    List<String> epochs = new ArrayList<>();
    journal.state().previous().forEach(previous -> epochs.add(previous.epoch()));
    epochs.add(journal.state().epoch());
    try (Outbox outbox = journal.outbox()) {
      for (String epoch : epochs) {
        long from = 1;
        List<JournalRecord> some;
        do {
          some = outbox.read(epoch, EnumSet.of(Kind.EVENT), from, 1000);
          for (JournalRecord record : some) {
            from = record.seq() + 1;
            if (record instanceof EventRecord event
                && event.event().name().equals("meter.uncounted")) {
              since.add(String.valueOf(event.event().detail().get("since")));
            }
          }
        } while (!some.isEmpty());
      }
    }
    journal.close();
    return since.stream().<Object>map(each -> Long.valueOf((String) each)).toList();
  }
}
