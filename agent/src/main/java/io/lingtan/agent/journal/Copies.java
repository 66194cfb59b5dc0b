package io.lingtan.agent.journal;

import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Epochs;
import io.lingtan.agent.journal.number.StoreSnapshot.Elsewhere;
import io.lingtan.agent.journal.number.StoreSnapshot.Used;
import io.lingtan.agent.reading.JournalRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The numbers that other copies of this database gave out, as far as the broker has told: each
 * {@code store} carries them on, because the broker retains one, and that of an older copy would
 * hide what a younger one did in epochs that the older one never knew.
 *
 * <p>Holds {@value #MOST} at most; beyond that the oldest is no longer listed, and counted. A copy
 * that such a store does not name takes all that it has not delivered for used.
 *
 * <p>Crash contract: on the card with the next commit; until then the broker's retained {@code
 * store} has it. Thread-safe.
 */
final class Copies {

  static final int MOST = 32;

  private static final Logger log = LoggerFactory.getLogger(Copies.class);

  private Elsewhere known = new Elsewhere(List.of(), 0);
  private Elsewhere saved = known;

  synchronized Elsewhere known() {
    return known;
  }

  /**
   * Takes over what a {@code store} tells that this database does not know.
   *
   * @param run who wrote it
   * @param epoch its current one
   * @param lasts the highest number of each epoch that it lists, {@code epoch} included
   * @param theirs what it carries on
   */
  synchronized void learn(
      Epochs epochs,
      Lineage lineage,
      String run,
      String epoch,
      Map<String, Long> lasts,
      Elsewhere theirs) {
    List<Used> used = new ArrayList<>(known.used());
    long unlisted = known.unlisted();
    if (!lineage.isOurs(run)) {
      unlisted = Math.max(unlisted, theirs.unlisted());
    }
    theirs.used().forEach(one -> note(epochs, lineage, one, used));
    Epoch both = epochs.find(epoch);
    if (both == null) {
      int common = 0;
      for (Map.Entry<String, Long> last : lasts.entrySet()) {
        note(epochs, lineage, new Used(last.getKey(), last.getValue(), run), used);
        Epoch earlier = epochs.find(last.getKey());
        common = earlier == null ? common : Math.max(common, earlier.number());
      }
      unlisted += Lineage.forgotten(run, common + 1);
    } else {
      // What comes before an epoch that both have is the same in both.
      long last = lineage.given(both, run, lasts.getOrDefault(epoch, 0L));
      note(epochs, lineage, new Used(epoch, last, run), used);
    }
    while (used.size() > MOST) {
      Used gone = used.removeFirst();
      unlisted++;
      log.warn(
          "More than {} epochs of other copies of this journal: epoch {} is no longer told of",
          MOST,
          gone.epoch());
    }
    known = new Elsewhere(used, unlisted);
  }

  private static void note(Epochs epochs, Lineage lineage, Used told, List<Used> used) {
    Epoch here = epochs.find(told.epoch());
    if (here != null
        && told.last() <= lineage.common(here, told.run(), true, false, JournalRecord.UNDATED)) {
      return;
    }
    for (Used before : used) {
      if (before.isOfSame(told)) {
        if (before.last() >= told.last()) {
          return;
        }
        used.remove(before);
        break;
      }
    }
    used.add(told);
  }

  synchronized boolean hasNews() {
    return !known.equals(saved);
  }

  /** In the transaction. */
  synchronized Elsewhere save(Database db) throws SQLException {
    if (!hasNews()) {
      return saved;
    }
    db.run("DELETE FROM used");
    insert(db, 0, new Used("", known.unlisted(), ""));
    int number = 0;
    for (Used one : known.used()) {
      insert(db, ++number, one);
    }
    return known;
  }

  private static void insert(Database db, int number, Used used) throws SQLException {
    PreparedStatement insert =
        db.statement("INSERT INTO used (number, epoch, last, run) VALUES (?, ?, ?, ?)");
    insert.setInt(1, number);
    insert.setString(2, used.epoch());
    insert.setLong(3, used.last());
    insert.setString(4, used.run());
    insert.executeUpdate();
  }

  /**
   * The transaction ended well.
   *
   * @param written what {@link #save} gave
   */
  synchronized void saved(Elsewhere written) {
    saved = written;
  }

  /** In the transaction: an older version leaves it as it is. */
  static void create(Database db) throws SQLException {
    db.run(
        "CREATE TABLE IF NOT EXISTS used (number INTEGER PRIMARY KEY, epoch TEXT NOT NULL,"
            + " last INTEGER NOT NULL, run TEXT NOT NULL)");
  }

  /** Another file, perhaps: what memory knows stays known. */
  synchronized void load(Database db, Epochs epochs, Lineage lineage) throws SQLException {
    List<Used> used = new ArrayList<>();
    long unlisted = 0;
    try (ResultSet rows =
        db.statement("SELECT number, epoch, last, run FROM used ORDER BY number").executeQuery()) {
      while (rows.next()) {
        if (rows.getInt(1) == 0) {
          unlisted = rows.getLong(3);
        } else {
          used.add(new Used(rows.getString(2), rows.getLong(3), rows.getString(4)));
        }
      }
    }
    saved = new Elsewhere(used, unlisted);
    known.used().forEach(one -> note(epochs, lineage, one, used));
    known = new Elsewhere(used, Math.max(unlisted, known.unlisted()));
  }
}
