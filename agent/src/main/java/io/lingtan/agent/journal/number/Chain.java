package io.lingtan.agent.journal.number;

import io.lingtan.agent.journal.code.ByteSink;
import io.lingtan.agent.journal.code.ByteSource;
import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The last seq of each stream of the current epoch: what {@code after} of the next record says.
 *
 * <p>The segments themselves hold it, so it is only written now and then, and again from the
 * segments after that when the journal is opened; and always before such a segment is dropped.
 * Ledger thread.
 */
public final class Chain {
  public static final String EVENTS = "e";

  private static final int MOST_STREAMS = 100_000;

  private final Map<String, Long> lastOf = new HashMap<>();
  private long savedUpTo;

  public static String data(String device) {
    return "d" + device;
  }

  public static String interval(String length) {
    return "i" + length;
  }

  private static String stream(JournalRecord record) {
    return switch (record) {
      case DataRecord data -> data(data.sample().device());
      case IntervalRecord interval -> interval(interval.length());
      case EventRecord event -> EVENTS;
    };
  }

  /** 0 if the stream has none in this epoch. */
  public long last(String stream) {
    return lastOf.getOrDefault(stream, 0L);
  }

  public void follow(Map<String, Long> more) {
    lastOf.putAll(more);
  }

  public void follow(JournalRecord record) {
    lastOf.merge(stream(record), record.seq(), Math::max);
  }

  public void clear() {
    lastOf.clear();
    savedUpTo = 0;
  }

  /** Up to which seq it is on the card by itself. */
  public long savedUpTo() {
    return savedUpTo;
  }

  public void saved(long upTo) {
    savedUpTo = upTo;
  }

  /** The last seq of interval records, one for each length. */
  public List<Long> lastIntervals() {
    return lastOf.entrySet().stream()
        .filter(last -> last.getKey().startsWith(interval("")))
        .map(Map.Entry::getValue)
        .toList();
  }

  /** Reads what was saved; what was committed after {@link #savedUpTo} is to be followed. */
  public void load(Database db, int epoch) throws SQLException, DamagedSegment {
    clear();
    PreparedStatement select = db.statement("SELECT upto, streams FROM chain WHERE epoch = ?");
    select.setInt(1, epoch);
    try (ResultSet rows = select.executeQuery()) {
      if (rows.next()) {
        savedUpTo = rows.getLong(1);
        ByteSource from = new ByteSource(rows.getBytes(2));
        int size = from.takeCount(MOST_STREAMS);
        for (int i = 0; i < size; i++) {
          lastOf.put(from.takeText(), from.takeVarint());
        }
        from.end();
      }
    }
  }

  /** Writes it as it will be after {@code more}, in the transaction. */
  public void save(Database db, int epoch, long upTo, Map<String, Long> more) throws SQLException {
    Map<String, Long> all = new HashMap<>(lastOf);
    all.putAll(more);
    ByteSink to = new ByteSink();
    to.putVarint(all.size());
    all.forEach(
        (stream, seq) -> {
          to.putText(stream);
          to.putVarint(seq);
        });
    PreparedStatement insert =
        db.statement("INSERT OR REPLACE INTO chain (epoch, upto, streams) VALUES (?, ?, ?)");
    insert.setInt(1, epoch);
    insert.setLong(2, upTo);
    insert.setBytes(3, to.toBytes());
    insert.executeUpdate();
  }
}
