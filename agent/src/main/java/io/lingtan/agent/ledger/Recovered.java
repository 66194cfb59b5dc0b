package io.lingtan.agent.ledger;

import io.lingtan.agent.journal.Checkpoint;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Arrival.Exchanged;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Site;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ledger's state as it was at the last commit: the newest checkpoint, and what the journal kept
 * after it folded again. What that puts out has its numbers already and is not put out again.
 *
 * @param held what still waits for the present boot to be dated, in order
 * @param since UTC ms of the newest sample that was committed, UNDATED if there is none
 * @param clean whether the ledger was stopped and not killed
 * @param trouble why a checkpoint could not be used, null if it could or there is none
 */
record Recovered(Fold fold, List<Held> held, long since, boolean clean, @Nullable String trouble) {

  /** A sample or an exchange that waits for its boot to be dated before it is folded. */
  sealed interface Held {

    /** A sample. */
    record Read(Sample sample) implements Held {}

    /** Another meter: samples before it are the old one's, samples after it the new one's. */
    record Swapped(Exchanged exchange) implements Held {}
  }

  private static final Fold.Output NUMBERED_ALREADY =
      new Fold.Output() {
        @Override
        public void interval(Interval interval) {}

        @Override
        public void event(Event event, long atNanos, long tsMillis) {}
      };

  /** Before it is known what the journal keeps. */
  static Recovered nothing(Site site) {
    return new Recovered(new Fold(site), List.of(), JournalRecord.UNDATED, false, null);
  }

  /** What {@link #from} starts from. */
  static byte[] state(Fold fold, boolean stopped) {
    return new CheckpointWriter().flag(stopped).bytes(fold.checkpoint()).bytes();
  }

  /**
   * @param boot id of the present boot: undated samples of others can never be folded
   * @param holds whether days, months and years wait to be told: see {@link Restatement}
   * @throws io.lingtan.agent.journal.file.JournalUnavailable if the journal cannot be read at
   *     present
   */
  static Recovered from(Site site, Journal journal, String boot, boolean holds) {
    Checkpoint checkpoint = journal.checkpoint();
    Fold fold = new Fold(site);
    boolean stopped = false;
    String trouble = null;
    if (checkpoint != null) {
      try {
        CheckpointReader from = new CheckpointReader(checkpoint.state());
        stopped = from.flag();
        fold = Fold.from(site, from.bytes());
      } catch (IllegalArgumentException e) {
        trouble = e.getMessage();
        fold = new Fold(site);
      }
    }
    // Without a usable checkpoint everything that is kept tells the registers' last readings.
    Checkpoint start =
        checkpoint == null || trouble != null ? new Checkpoint("", 0, new byte[0]) : checkpoint;
    if (holds || trouble != null || fold.isRegridded()) {
      fold.rollUps().hold();
    }
    Refolding refolding = new Refolding(fold, boot);
    journal.refoldEvents(start, refolding::announce);
    journal.refold(start, refolding::take);
    refolding.end();
    fold.resumed();
    boolean clean = stopped && refolding.records == 0;
    long newest = Math.max(refolding.newest, fold.newestMillis());
    return new Recovered(fold, refolding.held, newest, clean, trouble);
  }

  /**
   * Folds what the journal hands over. A commit numbers its data before its events, so an exchange
   * finds its place among the samples by its instant; it comes before all of later boots.
   */
  private static final class Refolding {
    private final Fold fold;
    private final String boot;
    private final List<Held> held = new ArrayList<>();
    private final List<Announced> announced = new ArrayList<>();
    private final Set<String> boots = new HashSet<>();
    private long newest = JournalRecord.UNDATED;
    private long records;

    private record Announced(Exchanged exchange, boolean dated) {}

    Refolding(Fold fold, String boot) {
      this.fold = fold;
      this.boot = boot;
    }

    void announce(EventRecord record) {
      Exchanged exchange = Exchanged.kept(record.event(), record.boot(), record.atNanos());
      if (exchange != null) {
        announced.add(new Announced(exchange, record.tsMillis() != JournalRecord.UNDATED));
      }
    }

    void take(DataRecord record) {
      records++;
      Sample sample = record.sample();
      boots.add(sample.boot());
      announced.removeIf(one -> isBefore(one.exchange, sample) && apply(one));
      if (record.tsMillis() != JournalRecord.UNDATED) {
        newest = Math.max(newest, record.tsMillis());
        try {
          fold.observe(sample, record.tsMillis(), NUMBERED_ALREADY);
        } catch (RuntimeException ignored) {
          // It was told when it happened first, and is passed over in the same way.
        }
      } else if (sample.boot().equals(boot)) {
        held.add(new Held.Read(sample));
      }
    }

    private boolean isBefore(Exchanged exchange, Sample sample) {
      if (!sample.device().equals(exchange.device())) {
        return false;
      }
      return sample.boot().equals(exchange.boot())
          ? exchange.atNanos() <= sample.atNanos()
          : boots.contains(exchange.boot());
    }

    /** Those that no sample of their device came after. */
    void end() {
      announced.removeIf(this::apply);
      fold.revise(NUMBERED_ALREADY);
    }

    private boolean apply(Announced one) {
      if (!one.dated && one.exchange.boot().equals(boot)) {
        held.add(new Held.Swapped(one.exchange));
      } else {
        fold.exchanged(one.exchange.device());
      }
      return true;
    }
  }
}
