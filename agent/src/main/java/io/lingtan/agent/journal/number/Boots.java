package io.lingtan.agent.journal.number;

import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.file.RowSum;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * When each boot was, as far as it matters: boots that committed records before their clock was
 * trusted. Such records are held until the boot is dated, or given up as undated.
 *
 * <p>Changed by the ledger's thread, in transactions; read by any.
 */
public final class Boots {

  /**
   * One boot.
   *
   * @param number by which segments name it, ≥ 1
   * @param offsetMillis UTC ms of its start, null while unknown
   * @param fate of its undated records
   */
  public record Boot(int number, String id, @Nullable Long offsetMillis, Fate fate) {
    boolean isHeld() {
      return offsetMillis == null && fate == Fate.WAITING;
    }

    /** Whether its date may still be learnt and has not been. */
    public boolean isOpen() {
      return offsetMillis == null && fate != Fate.GIVEN_UP;
    }
  }

  /** What becomes of records that were committed without a date. */
  public enum Fate {
    /** They wait for one. */
    WAITING(0),
    /** They waited long enough and went out as they are; the date can still be told. */
    SENT(2),
    /** They went out as they are, and their date will never be known. */
    GIVEN_UP(1);

    private final int code;

    Fate(int code) {
      this.code = code;
    }

    static Fate of(int code) {
      for (Fate fate : values()) {
        if (fate.code == code) {
          return fate;
        }
      }
      return GIVEN_UP;
    }
  }

  private final ConcurrentHashMap<String, Boot> byId = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Integer, Long> held = new ConcurrentHashMap<>();
  private final AtomicLong changes = new AtomicLong();
  private final Map<Integer, Long> savedHeld = new HashMap<>();
  private int saved;

  public void load(Database db) throws SQLException {
    byId.clear();
    held.clear();
    savedHeld.clear();
    try (ResultSet rows =
        db.statement("SELECT number, id, offset_ms, released, held, sum FROM boot")
            .executeQuery()) {
      while (rows.next()) {
        long offset = rows.getLong(3);
        Long offsetMillis = rows.wasNull() ? null : offset;
        RowSum.check(
            rows,
            6,
            "boot " + rows.getInt(1),
            rows.getString(2),
            String.valueOf(offsetMillis),
            rows.getInt(4),
            rows.getLong(5));
        byId.put(
            rows.getString(2),
            new Boot(rows.getInt(1), rows.getString(2), offsetMillis, Fate.of(rows.getInt(4))));
        held.put(rows.getInt(1), rows.getLong(5));
        savedHeld.put(rows.getInt(1), rows.getLong(5));
      }
    }
    saved = byId.size();
    changes.incrementAndGet();
  }

  /** The number of a boot, made if it has none. It is written by the next {@link #save}. */
  public int number(String id) {
    return byId.computeIfAbsent(id, boot -> new Boot(byId.size() + 1, boot, null, Fate.WAITING))
        .number();
  }

  /** The id of a boot that has a number. */
  public String id(int number) {
    return byId.values().stream()
        .filter(boot -> boot.number() == number)
        .findAny()
        .orElseThrow()
        .id();
  }

  /**
   * Writes boots not yet written, and how many records each holds.
   *
   * @param more undated records that this transaction adds (or, negative, drops), by boot number
   */
  public void save(Database db, Map<Integer, Long> more) throws SQLException {
    for (Boot boot : byId.values()) {
      long holds = held.getOrDefault(boot.number(), 0L) + more.getOrDefault(boot.number(), 0L);
      if (boot.number() > saved || holds != savedHeld.getOrDefault(boot.number(), 0L)) {
        write(db, boot, holds);
      }
    }
  }

  /** The transaction of the last {@link #save} ended well. */
  public void saved(Map<Integer, Long> more) {
    more.forEach((number, records) -> held.merge(number, records, Long::sum));
    savedHeld.clear();
    savedHeld.putAll(held);
    saved = byId.size();
  }

  /** Undated records that have their numbers and wait for the card. */
  public void lent(Map<Integer, Long> more) {
    more.forEach((number, records) -> held.merge(number, records, Long::sum));
  }

  /** In a transaction of its own. */
  public void write(Database db, Boot boot) throws SQLException {
    write(db, boot, held.getOrDefault(boot.number(), 0L));
  }

  private static void write(Database db, Boot boot, long holds) throws SQLException {
    PreparedStatement insert =
        db.statement(
            "INSERT OR REPLACE INTO boot (number, id, offset_ms, released, held, sum)"
                + " VALUES (?, ?, ?, ?, ?, ?)");
    insert.setInt(1, boot.number());
    insert.setString(2, boot.id());
    insert.setObject(3, boot.offsetMillis());
    insert.setInt(4, boot.fate().code);
    insert.setLong(5, holds);
    insert.setLong(
        6,
        RowSum.of(
            "boot " + boot.number(),
            boot.id(),
            String.valueOf(boot.offsetMillis()),
            boot.fate().code,
            holds));
    insert.executeUpdate();
  }

  /** The transaction that wrote this boot ended well. */
  public void changed(Boot boot) {
    byId.put(boot.id(), boot);
    changes.incrementAndGet();
  }

  public @Nullable Boot find(String id) {
    return byId.get(id);
  }

  public Collection<Boot> all() {
    return byId.values();
  }

  /** Records that wait for their boot to be dated. */
  public long held() {
    return byId.values().stream()
        .filter(Boot::isHeld)
        .mapToLong(boot -> held.getOrDefault(boot.number(), 0L))
        .sum();
  }

  /** Whether a segment of undated records of this boot is held. 0 is no boot: dated records. */
  public boolean isHeld(int number) {
    return number != 0 && byId.values().stream().anyMatch(b -> b.number() == number && b.isHeld());
  }

  /** UTC ms of a boot's start if its undated records are dated by it. */
  private @Nullable Long offset(String id) {
    Boot boot = byId.get(id);
    return boot == null || boot.fate() != Fate.WAITING ? null : boot.offsetMillis();
  }

  /** The record as it is delivered: dated if its boot is by now; null while it is held. */
  public @Nullable JournalRecord deliverable(JournalRecord record) {
    return switch (record) {
      case DataRecord data ->
          data.tsMillis() == JournalRecord.UNDATED && holds(data.sample().boot())
              ? null
              : dated(data);
      case IntervalRecord interval -> interval;
      case EventRecord event ->
          event.tsMillis() == JournalRecord.UNDATED && holds(event.boot()) ? null : dated(event);
    };
  }

  private boolean holds(String id) {
    Boot boot = byId.get(id);
    return boot == null || boot.isHeld();
  }

  /** The record with its time, where its boot tells it. */
  public JournalRecord dated(JournalRecord record) {
    return switch (record) {
      case DataRecord data -> dated(data);
      case IntervalRecord interval -> interval;
      case EventRecord event -> dated(event);
    };
  }

  public DataRecord dated(DataRecord data) {
    Long offset = data.tsMillis() == JournalRecord.UNDATED ? offset(data.sample().boot()) : null;
    return offset == null
        ? data
        : new DataRecord(
            data.epoch(),
            data.seq(),
            data.after(),
            offset + data.sample().atNanos() / 1_000_000L,
            data.sample());
  }

  private EventRecord dated(EventRecord event) {
    Long offset = event.tsMillis() == JournalRecord.UNDATED ? offset(event.boot()) : null;
    return offset == null
        ? event
        : new EventRecord(
            event.epoch(),
            event.seq(),
            event.after(),
            event.boot(),
            event.atNanos(),
            offset + event.atNanos() / 1_000_000L,
            event.event());
  }
}
