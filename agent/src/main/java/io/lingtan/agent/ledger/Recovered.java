package io.lingtan.agent.ledger;

import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.Journal.Checkpoint;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Site;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ledger's state as it was at the last commit: the newest checkpoint, and what the journal kept
 * after it folded again. What that puts out has its numbers already and is not put out again.
 *
 * @param held samples of the present boot that still wait to be dated, in order
 * @param since UTC ms of the newest sample that was committed, UNDATED if there is none
 * @param clean whether the ledger was stopped and not killed
 * @param trouble why a checkpoint could not be used, null if it could or there is none
 */
record Recovered(
    Fold fold, List<Sample> held, long since, boolean clean, @Nullable String trouble) {

  private static final Fold.Output NUMBERED_ALREADY =
      new Fold.Output() {
        @Override
        public void interval(Interval interval) {}

        @Override
        public void event(Event event, long atNanos, long tsMillis) {}
      };

  /** What {@link #from} starts from. */
  static byte[] state(Fold fold, boolean stopped) {
    return new CheckpointWriter().flag(stopped).bytes(fold.checkpoint()).bytes();
  }

  /**
   * @param boot id of the present boot: undated samples of others can never be folded
   */
  static Recovered from(Site site, Journal journal, String boot) {
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
    Refolding refolding = new Refolding(fold, boot);
    journal.refold(start, refolding::take);
    boolean clean = stopped && refolding.records == 0;
    long newest = Math.max(refolding.newest, fold.newestMillis());
    return new Recovered(fold, refolding.held, newest, clean, trouble);
  }

  /** Folds what the journal hands over. */
  private static final class Refolding {
    private final Fold fold;
    private final String boot;
    private final List<Sample> held = new ArrayList<>();
    private long newest = JournalRecord.UNDATED;
    private long records;

    Refolding(Fold fold, String boot) {
      this.fold = fold;
      this.boot = boot;
    }

    void take(DataRecord record) {
      records++;
      if (record.tsMillis() != JournalRecord.UNDATED) {
        newest = Math.max(newest, record.tsMillis());
        fold.observe(record.sample(), record.tsMillis(), NUMBERED_ALREADY);
      } else if (record.sample().boot().equals(boot)) {
        held.add(record.sample());
      }
    }
  }
}
