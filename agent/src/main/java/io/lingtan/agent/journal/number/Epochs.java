package io.lingtan.agent.journal.number;

import io.lingtan.agent.journal.code.ByteSink;
import io.lingtan.agent.journal.code.ByteSource;
import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.file.RowSum;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All epochs of the journal, oldest first; the last is the current one. Any thread reads. */
public final class Epochs {
  /** Finished epochs that are still told, so that a subscriber sees their end. */
  public static final int FINISHED_TOLD = 4;

  /** Replaced as a whole, so that another thread never sees half of a change. */
  private volatile List<Epoch> all = List.of();

  /**
   * Reads all of them. One that memory knows already, with just these numbers, stays as it is: it
   * may know of acknowledgements that could not be saved yet.
   */
  public void load(Database db) throws SQLException, DamagedSegment {
    List<Epoch> loaded = new ArrayList<>();
    try (ResultSet rows =
        db.statement(
                "SELECT number, id, since_ms, since_boot, since_nanos, ended, commits, last, acked,"
                    + " ahead, drops, sum FROM epoch LEFT JOIN declared ON declared.epoch = number"
                    + " ORDER BY number")
            .executeQuery()) {
      while (rows.next()) {
        RowSum.check(
            rows,
            12,
            "epoch " + rows.getInt(1),
            rows.getString(2),
            rows.getLong(7),
            rows.getLong(8),
            rows.getLong(9),
            rows.getBytes(10));
        long millis = rows.getLong(3);
        Epoch.Since since =
            new Epoch.Since(rows.wasNull() ? null : millis, rows.getString(4), rows.getLong(5));
        Epoch known = find(rows.getString(2));
        if (known != null && known.isAt(rows.getInt(1), rows.getLong(7), rows.getLong(8))) {
          String ended = rows.getString(6);
          if (ended != null) {
            known.end(ended);
          }
          loaded.add(known);
          continue;
        }
        byte @Nullable [] drops = rows.getBytes(11);
        loaded.add(
            new Epoch(rows.getInt(1), rows.getString(2), since)
                .restored(
                    rows.getString(6),
                    rows.getLong(7),
                    rows.getLong(8),
                    new Epoch.Acked(rows.getLong(9), ranges(rows.getBytes(10))),
                    drops == null ? List.of() : Drops.fromBytes(drops)));
      }
    }
    all = List.copyOf(loaded);
  }

  private static List<Range> ranges(byte[] bytes) throws DamagedSegment {
    ByteSource from = new ByteSource(bytes);
    int size = from.takeCount(Epoch.MOST_AHEAD);
    List<Range> ranges = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      ranges.add(new Range(from.takeVarint(), from.takeVarint()));
    }
    from.end();
    return ranges;
  }

  private static byte[] bytes(List<Range> ranges) {
    ByteSink to = new ByteSink();
    to.putVarint(ranges.size());
    for (Range range : ranges) {
      to.putVarint(range.from());
      to.putVarint(range.to());
    }
    return to.toBytes();
  }

  /** Writes a new epoch, in the transaction. */
  public static void insert(Database db, Epoch epoch) throws SQLException {
    PreparedStatement insert =
        db.statement(
            "INSERT INTO epoch (number, id, since_ms, since_boot, since_nanos, ended, commits,"
                + " last, acked, ahead, sum) VALUES (?, ?, ?, ?, ?, NULL, 0, 0, 0, ?, ?)");
    insert.setInt(1, epoch.number());
    insert.setString(2, epoch.id());
    Long millis = epoch.since().millis();
    if (millis == null) {
      insert.setNull(3, Types.INTEGER);
    } else {
      insert.setLong(3, millis);
    }
    insert.setString(4, epoch.since().boot());
    insert.setLong(5, epoch.since().nanos());
    insert.setBytes(6, bytes(List.of()));
    insert.setLong(7, sum(epoch, 0, 0, 0, bytes(List.of())));
    insert.executeUpdate();
  }

  /**
   * Writes an epoch's numbers and acknowledgements, in the transaction.
   *
   * @param before commits that the card has of it
   * @param declaring what was set aside and is declared by the same transaction
   * @return false if the card has others, or it has ended there: somebody else writes the file
   */
  public static boolean save(
      Database db, Epoch epoch, long before, long commits, long last, List<Range> declaring)
      throws SQLException {
    Epoch.Acked acked = epoch.toSave(declaring);
    PreparedStatement update =
        db.statement(
            "UPDATE epoch SET commits = ?, last = ?, acked = ?, ahead = ?, sum = ? WHERE number = ?"
                + " AND id = ? AND commits = ? AND ended IS ?");
    update.setLong(1, commits);
    update.setLong(2, last);
    update.setLong(3, acked.acked());
    byte[] ahead = bytes(acked.ahead());
    update.setBytes(4, ahead);
    update.setLong(5, sum(epoch, commits, last, acked.acked(), ahead));
    update.setInt(6, epoch.number());
    update.setString(7, epoch.id());
    update.setLong(8, before);
    update.setString(9, epoch.ended());
    return update.executeUpdate() == 1;
  }

  private static long sum(Epoch epoch, long commits, long last, long acked, byte[] ahead) {
    return RowSum.of("epoch " + epoch.number(), epoch.id(), commits, last, acked, ahead);
  }

  public static void end(Database db, Epoch epoch, String reason) throws SQLException {
    PreparedStatement update = db.statement("UPDATE epoch SET ended = ? WHERE number = ?");
    update.setString(1, reason);
    update.setInt(2, epoch.number());
    update.executeUpdate();
  }

  static void declare(Database db, Epoch epoch, List<StoreSnapshot.Drop> drops)
      throws SQLException {
    PreparedStatement insert =
        db.statement("INSERT OR REPLACE INTO declared (epoch, drops) VALUES (?, ?)");
    insert.setInt(1, epoch.number());
    insert.setBytes(2, Drops.toBytes(drops));
    insert.executeUpdate();
  }

  /**
   * Forgets epochs of which nothing is left: delivered, told, and no longer history.
   *
   * @param keep number of an epoch to keep in any case
   */
  public void prune(Database db, long keep) throws SQLException {
    List<Epoch> gone = new ArrayList<>();
    for (Epoch epoch : all.subList(0, Math.max(0, all.size() - 1 - FINISHED_TOLD))) {
      if (epoch.isFinished()
          && epoch.number() != keep
          && Segments.nextHeld(db, epoch.number(), 1) == 0) {
        db.change("DELETE FROM epoch WHERE number = ?", epoch.number());
        db.change("DELETE FROM declared WHERE epoch = ?", epoch.number());
        db.change("DELETE FROM chain WHERE epoch = ?", epoch.number());
        gone.add(epoch);
      }
    }
    List<Epoch> left = new ArrayList<>(all);
    left.removeAll(gone);
    all = List.copyOf(left);
  }

  public void add(Epoch epoch) {
    List<Epoch> more = new ArrayList<>(all);
    more.add(epoch);
    all = List.copyOf(more);
  }

  public boolean isEmpty() {
    return all.isEmpty();
  }

  public Epoch current() {
    return all.getLast();
  }

  public List<Epoch> all() {
    return all;
  }

  public @Nullable Epoch find(String id) {
    for (Epoch epoch : all) {
      if (epoch.id().equals(id)) {
        return epoch;
      }
    }
    return null;
  }

  public @Nullable Epoch at(int number) {
    for (Epoch epoch : all) {
      if (epoch.number() == number) {
        return epoch;
      }
    }
    return null;
  }

  /** Earlier epochs that the {@code store} topic names: unfinished ones, and the last finished. */
  public List<Epoch> told() {
    List<Epoch> known = all;
    List<Epoch> earlier = known.subList(0, Math.max(0, known.size() - 1));
    List<Epoch> told = new ArrayList<>();
    for (int i = 0; i < earlier.size(); i++) {
      if (!earlier.get(i).isFinished() || i >= earlier.size() - FINISHED_TOLD) {
        told.add(earlier.get(i));
      }
    }
    return told;
  }
}
