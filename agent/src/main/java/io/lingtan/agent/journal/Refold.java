package io.lingtan.agent.journal;

import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.code.Segment.Part;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.number.Boots;
import io.lingtan.agent.journal.number.DropEvents;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Epochs;
import io.lingtan.agent.journal.number.Segments;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads the ledger's checkpoint, and what was committed after it. Ledger thread. */
final class Refold {
  private static final int CHUNK = 32;

  private final Epochs epochs;
  private final Segments segments;
  private final Boots boots;
  private final Consumer<Event> events;

  /**
   * @param events takes what is damaged
   */
  Refold(Epochs epochs, Segments segments, Boots boots, Consumer<Event> events) {
    this.epochs = epochs;
    this.segments = segments;
    this.boots = boots;
    this.events = events;
  }

  static @Nullable Checkpoint checkpoint(Database db) throws SQLException {
    try (ResultSet rows = db.statement("SELECT epoch, seq, state FROM checkpoint").executeQuery()) {
      return rows.next()
          ? new Checkpoint(rows.getString(1), rows.getLong(2), rows.getBytes(3))
          : null;
    }
  }

  static void save(Database db, Epoch epoch, long seq, byte[] state) throws SQLException {
    PreparedStatement insert =
        db.statement(
            "INSERT OR REPLACE INTO checkpoint (one, number, epoch, seq, state)"
                + " VALUES (1, ?, ?, ?, ?)");
    insert.setInt(1, epoch.number());
    insert.setString(2, epoch.id());
    insert.setLong(3, seq);
    insert.setBytes(4, state);
    insert.executeUpdate();
  }

  void read(Database db, Checkpoint from, Part part, Consumer<JournalRecord> to)
      throws SQLException {
    long key = keyOf(db, from);
    long start = Segments.startKey(db, part, (int) (key >>> 40), from.seq() + 1);
    List<Segment> chunk;
    do {
      chunk = Segments.between(db, part, start, Long.MAX_VALUE, CHUNK);
      for (Segment segment : chunk) {
        read(segment, key, to);
        start = segment.key() + 1;
      }
    } while (chunk.size() == CHUNK);
  }

  private long keyOf(Database db, Checkpoint from) throws SQLException {
    Epoch epoch = epochs.find(from.epoch());
    if (epoch != null) {
      return epoch.key(from.seq());
    }
    PreparedStatement select =
        db.statement("SELECT number FROM checkpoint WHERE epoch = ? AND seq = ?");
    select.setString(1, from.epoch());
    select.setLong(2, from.seq());
    try (ResultSet rows = select.executeQuery()) {
      return Segment.key(rows.next() ? rows.getInt(1) : 0, from.seq());
    }
  }

  private void read(Segment segment, long afterKey, Consumer<JournalRecord> to) {
    Epoch epoch = epochs.at(segment.epoch());
    if (epoch == null) {
      return;
    }
    try {
      for (JournalRecord record : segments.decode(epoch.id(), segment)) {
        if (epoch.key(record.seq()) > afterKey) {
          to.accept(boots.dated(record));
        }
      }
    } catch (DamagedSegment e) {
      events.accept(DropEvents.damagedSegment(epoch, segment, e));
    }
  }
}
