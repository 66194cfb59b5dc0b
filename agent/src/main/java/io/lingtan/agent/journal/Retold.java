package io.lingtan.agent.journal;

import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.JournalRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Intervals that another copy of this file has told, and that this one tells again, with figures of
 * its own: a card that was put back from an older copy knows nothing of what was told since. So
 * that an interval and its revision have one content for ever, each interval that the other may
 * have told is told with a revision that is higher than any of the other's. Of the time from when
 * the two parted until the other's last word everything is suspect, so that what is longer is as
 * good as the worst in it.
 *
 * <p>Whoever works intervals out numbers their revisions from 0, as if there were no other; only
 * what is told is higher. So nothing comes out otherwise when it is worked out again, at a start or
 * years later.
 *
 * <p>Holds the last {@value #MOST} such finds. Crash contract: one is on the card before anything
 * is numbered by it; until then the broker's retained {@code store} has it. Ledger thread; what
 * says so any.
 */
final class Retold {

  /** Why values are not believed: in the words that {@code reasons.txt} has too. */
  static final String REASON = "an older copy of the storage card was put back";

  private static final int MOST = 64;

  /** Leaves room for more revisions than there can be. */
  private static final long HIGHEST = 2_000_000_000;

  /**
   * What another copy has told.
   *
   * @param run its name, as in {@code store}
   * @param rev no interval has a higher revision there
   * @param untilMillis UTC ms after which it has told nothing
   */
  record Told(String run, long rev, long untilMillis) {}

  /**
   * What follows from it.
   *
   * @param rev so much higher the revisions are
   * @param sinceMillis UTC ms at which the copies parted, UNDATED if that is not known
   * @param untilMillis UTC ms after which the other has told nothing
   * @param above key of the last number that both copies have
   * @param upto key of the last number that was given out here before it was found
   */
  record Mark(int rev, long sinceMillis, long untilMillis, long above, long upto) {

    private boolean isOf(long endMillis) {
      return endMillis <= untilMillis;
    }

    private boolean doubts(Interval interval) {
      return interval.startMillis() < untilMillis && interval.endMillis() > sinceMillis;
    }

    /** Whether anything is told here that the other may have told. */
    boolean isHeard() {
      return sinceMillis < untilMillis;
    }

    private boolean covers(Told told) {
      return rev > told.rev() && untilMillis >= told.untilMillis();
    }

    Event event() {
      Event event = Event.of("journal.told_again", Severity.WARNING);
      event = sinceMillis == JournalRecord.UNDATED ? event : event.with("since", sinceMillis);
      return event.with("until", untilMillis).with("rev", (long) rev);
    }
  }

  /** By their revisions, ascending. */
  private volatile List<Mark> marks = List.of();

  /** The highest revision of which an interval was worked out. */
  private volatile int worked;

  private int saved;
  private volatile @Nullable Told waiting;

  /** An older version leaves it as it is, so that it can still read the file. */
  static void create(Database db) throws SQLException {
    db.run(
        "CREATE TABLE IF NOT EXISTS retold (rev INTEGER PRIMARY KEY, since INTEGER NOT NULL,"
            + " until INTEGER NOT NULL, above INTEGER NOT NULL, upto INTEGER NOT NULL)");
  }

  /** What memory knows stays known: the file may be another one. */
  void load(Database db) throws SQLException {
    List<Mark> loaded = new ArrayList<>();
    saved = 0;
    try (ResultSet rows =
        db.statement("SELECT rev, since, until, above, upto FROM retold ORDER BY rev")
            .executeQuery()) {
      while (rows.next()) {
        if (rows.getInt(1) == 0) {
          saved = rows.getInt(2);
        } else {
          loaded.add(
              new Mark(
                  rows.getInt(1),
                  rows.getLong(2),
                  rows.getLong(3),
                  rows.getLong(4),
                  rows.getLong(5)));
        }
      }
    }
    worked = Math.max(worked, saved);
    marks = List.copyOf(loaded);
  }

  /**
   * Another copy has told intervals. Any thread.
   *
   * @return whether that is news, which waits for the next commit
   */
  boolean learn(Told told) {
    if (marks.stream().anyMatch(mark -> mark.covers(told))) {
      return false;
    }
    waiting = told;
    return true;
  }

  /** What the next commit has to note; null if there is nothing. Any thread. */
  @Nullable Told waiting() {
    return waiting;
  }

  /** Notes it, in the transaction. */
  Mark note(Database db, Told told, long sinceMillis, long untilMillis, long above, long upto)
      throws SQLException {
    int rev = (int) Math.min(HIGHEST, Math.max(told.rev(), highest()) + 1);
    Mark mark = new Mark(rev, sinceMillis, untilMillis, above, upto);
    insert(db, mark);
    db.change(
        "DELETE FROM retold WHERE rev > 0 AND rev <= (SELECT rev FROM retold ORDER BY rev DESC"
            + " LIMIT 1 OFFSET ?)",
        MOST);
    return mark;
  }

  private static void insert(Database db, Mark mark) throws SQLException {
    PreparedStatement insert =
        db.statement(
            "INSERT OR REPLACE INTO retold (rev, since, until, above, upto) VALUES (?, ?, ?, ?,"
                + " ?)");
    insert.setInt(1, mark.rev());
    insert.setLong(2, mark.sinceMillis());
    insert.setLong(3, mark.untilMillis());
    insert.setLong(4, mark.above());
    insert.setLong(5, mark.upto());
    insert.executeUpdate();
  }

  /** The transaction ended well. */
  void noted(Told told, Mark mark) {
    List<Mark> all = new ArrayList<>(marks);
    all.removeIf(old -> old.rev() == mark.rev());
    all.add(mark);
    marks = List.copyOf(all.subList(Math.max(0, all.size() - MOST), all.size()));
    if (told.equals(waiting)) {
      waiting = null;
    }
  }

  /** As what an interval is told. */
  Interval tell(Interval interval) {
    worked = Math.max(worked, interval.rev());
    int by = 0;
    boolean isSuspect = false;
    for (Mark mark : marks) {
      by = mark.isOf(interval.endMillis()) ? mark.rev() : by;
      isSuspect |= mark.doubts(interval);
    }
    Interval told = by == 0 ? interval : interval.rev(interval.rev() + by);
    return isSuspect ? told.doubted(REASON) : told;
  }

  /** Saves the highest revision, in the transaction of a commit that tells some. */
  void save(Database db) throws SQLException {
    if (worked > saved) {
      insert(db, new Mark(0, worked, 0, 0, 0));
    }
  }

  /** The transaction ended well. */
  void saved() {
    saved = worked;
  }

  /** No interval is told with a higher revision. Any thread. */
  long highest() {
    List<Mark> all = marks;
    return worked + (all.isEmpty() ? 0L : all.getLast().rev());
  }

  /**
   * Whether an interval that was numbered before another copy was found may have another content
   * there, and so must not leave. Any thread.
   *
   * @param key of its number
   * @param rev as it was told
   */
  boolean isRetold(long key, int rev, long endMillis) {
    return marks.stream()
        .anyMatch(mark -> isBefore(mark, key) && mark.isOf(endMillis) && rev < mark.rev());
  }

  private static boolean isBefore(Mark mark, long key) {
    return key > mark.above() && key <= mark.upto();
  }

  /** Whether there may be such an interval among these numbers. Any thread. */
  boolean mayBeRetold(long firstKey, long lastKey) {
    return marks.stream().anyMatch(mark -> lastKey > mark.above() && firstKey <= mark.upto());
  }

  /** The interval as it was worked out, before it was told. Any thread. */
  Interval asWorkedOut(Interval told) {
    int by = 0;
    for (Mark mark : marks) {
      if (mark.isOf(told.endMillis()) && mark.rev() <= told.rev()) {
        by = mark.rev();
      }
    }
    return told.rev(told.rev() - by);
  }
}
