package io.lingtan.agent.journal.commit;

import io.lingtan.agent.journal.code.ByteSink;
import io.lingtan.agent.journal.code.ByteSource;
import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.code.Names;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.number.Boots;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Freed;
import io.lingtan.agent.journal.number.Segments;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches that have their numbers but are not on the card, because it cannot be written: what is
 * live goes on being published, and is written with the same numbers as soon as that is possible.
 *
 * <p>Crash contract: before a number of the block is seen by anybody, its record lies in memory
 * that outlives this process but not this boot. Whoever starts and finds it there writes it to the
 * card under its number and begins another epoch, and so does the first start after a boot that did
 * not stop cleanly; so no number gets two contents, and a kill loses none of them. What was lent
 * and not delivered is lost with the boot. Ledger thread.
 */
public final class Lending {
  private static final Logger log = LoggerFactory.getLogger(Lending.class);

  /** Numbers that may be given out before the card has to be written. */
  private static final int BLOCK = 1 << 16;

  private static final int MOST_PLANS = 1024;

  private final Path folder;
  private final Deque<Plan> plans = new ArrayDeque<>();
  private @Nullable Slate slate;
  private String marked = "";
  private int names;
  private long upTo;

  /**
   * @param folder in memory, outlives the process and ends with the boot
   */
  public Lending(Path folder) {
    this.folder = folder;
  }

  public boolean isEmpty() {
    return plans.isEmpty();
  }

  /** Oldest first. */
  public List<Plan> plans() {
    return List.copyOf(plans);
  }

  /** Segments' pages of all of them. */
  public long pages() {
    return plans.stream().mapToLong(Plan::pages).sum();
  }

  /** What the card's counter of commits is as long as none of them is there. */
  public long commitsBefore(Epoch epoch) {
    return isOf(epoch) ? plans.getFirst().commits() - 1 : epoch.commits();
  }

  private boolean isOf(Epoch epoch) {
    return !plans.isEmpty() && plans.getFirst().epoch() == epoch;
  }

  /**
   * Writes batches down in memory that outlives this process, which has to be before anybody sees
   * their numbers: all of them or none.
   *
   * @return false if that is not possible, or the block is used up
   */
  public boolean keep(Epoch epoch, List<Plan> more, Names dictionary, Boots boots) {
    if (plans.isEmpty()) {
      upTo = epoch.last() + BLOCK;
    }
    if (more.getLast().last() > upTo) {
      return false;
    }
    Slate to = marked.equals(epoch.id()) ? slate : null;
    ByteSink entry = new ByteSink();
    int known = dictionary.put(entry, to == null ? dictionary.onCard() : names);
    entry.putVarint(more.size());
    more.forEach(plan -> Loan.put(entry, plan, boots));
    if (to != null && to.size() + entry.size() > Slate.MOST_BYTES / 2) {
      return false;
    }
    try {
      if (to == null) {
        to = at(epoch.id());
        to.begin(entry.toBytes());
        slate = to;
        marked = epoch.id();
      } else {
        to.add(entry.toBytes());
      }
      names = known;
      return true;
    } catch (IOException e) {
      log.warn("nothing is published until the journal can be written: {}", e.toString());
      return false;
    }
  }

  /**
   * What a process that is gone had numbered and not written; null if that is nothing, or cannot be
   * told.
   */
  public @Nullable LentRecords left(Epoch epoch, Names dictionary, Boots boots, Segments segments) {
    List<Loan> left = new ArrayList<>();
    Slate found = at(epoch.id());
    try {
      for (byte[] entry : found.entries()) {
        ByteSource from = new ByteSource(entry);
        dictionary.takeUp(from);
        for (int count = from.takeCount(MOST_PLANS); count > 0; count--) {
          Loan loan = Loan.take(from, epoch, boots);
          if (loan.commits() > epoch.commits()) {
            left.add(loan);
          }
        }
        from.end();
      }
      long next = epoch.last() + 1;
      IntervalRecord lastInterval = null;
      for (Loan loan : left) {
        for (Segment segment : loan.segments()) {
          if (segment.first() != next) {
            throw new DamagedSegment("goes on with " + segment.first() + ", not with " + next);
          }
          for (JournalRecord record : segments.decode(epoch.id(), segment)) {
            lastInterval = record instanceof IntervalRecord interval ? interval : lastInterval;
          }
          next = segment.last() + 1;
        }
        if (loan.last() != next - 1) {
          throw new DamagedSegment("ends with " + loan.last() + ", not with " + (next - 1));
        }
      }
      return left.isEmpty() ? null : new LentRecords(epoch, left, lastInterval, new Freed());
    } catch (IOException | DamagedSegment e) {
      log.warn("{} tells nothing: {}", found.file(), e.toString());
      return null;
    }
  }

  public void add(Plan plan) {
    plans.addLast(plan);
  }

  /**
   * The card has been written up to this count of commits after all.
   *
   * @return false if none of the batches ends there
   */
  public boolean reached(Epoch epoch, long commits) {
    if (!isOf(epoch) || plans.stream().noneMatch(plan -> plan.commits() == commits)) {
      return false;
    }
    while (!plans.isEmpty() && plans.getFirst().commits() <= commits) {
      plans.removeFirst();
    }
    return true;
  }

  /** All of them are on the card. */
  public void written() {
    plans.clear();
    unmark(marked);
  }

  /**
   * If the file that they belong to is gone and another epoch has begun, what nobody has
   * acknowledged goes into this batch.
   */
  public void giveBack(Epoch current, Batch batch) {
    if (plans.isEmpty() || isOf(current)) {
      return;
    }
    while (!plans.isEmpty()) {
      plans.removeLast().giveBack(batch);
    }
    unmark(marked);
  }

  /** Whether numbers of this epoch were lent by a process that is gone. */
  public boolean wasLent(String epoch) {
    return !marked.equals(epoch) && at(epoch).isThere();
  }

  /** The epoch has ended, or all that was lent of it is on the card. */
  public void unmark(String epoch) {
    if (epoch.isEmpty()) {
      return;
    }
    Slate ended = slate != null && marked.equals(epoch) ? slate : at(epoch);
    if (marked.equals(epoch)) {
      letGo();
    }
    try {
      ended.remove();
    } catch (IOException e) {
      // Whoever finds it begins another epoch, which costs nothing but that.
      log.warn("{} cannot be removed: {}", ended.file(), e.toString());
    }
  }

  /** Lets go of the file, which stays: as a kill does. */
  public void letGo() {
    Slate open = slate;
    slate = null;
    marked = "";
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        log.debug("{} cannot be closed", open.file(), e);
      }
    }
  }

  private Slate at(String epoch) {
    return new Slate(folder.resolve("lingtan-lent-" + epoch), "lingtan lent 2 " + epoch);
  }
}
