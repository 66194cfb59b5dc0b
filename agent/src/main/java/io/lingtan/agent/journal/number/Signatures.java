package io.lingtan.agent.journal.number;

import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.RecordJson.ChainLink;
import io.lingtan.agent.reading.RecordJson.Former;
import io.lingtan.agent.reading.RecordJson.Rotation;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.Signing;
import io.lingtan.agent.seal.SigningKey;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The chain of interval records: each carries the hash of the one before it and is signed. It runs
 * in seq order over all lengths and revisions, and on into the next epoch as long as it is known
 * what was signed last.
 *
 * <p>Crash contract: the head is saved in the transaction of the records that it names, so that the
 * card never holds one without the other. Where records may have left that the card does not hold,
 * a chain begins anew and {@code chain.start} says so, rather than give one record two successors.
 * Its first record names the last one of the chain before that is known. Ledger thread, but for
 * {@link #snapshot}, {@link #sign} and {@link #isOurs}.
 */
public final class Signatures {

  /** Ends of epochs after which the card does not know what was signed last. */
  private static final Set<String> HEAD_LOST = Set.of("lent", "store_ahead", "new", "machine");

  private static final String FORMER_TABLES =
      "SELECT count(*) FROM sqlite_master WHERE name = 'former'";

  /**
   * The end of the chain.
   *
   * @param rotation whether the next record carries the word of the key before
   * @param former what the next record says of the chain before; null if it is no first of another
   *     chain that begins anew
   */
  private record Head(ChainSnapshot at, boolean rotation, @Nullable Former former) {}

  private final @Nullable Signing signing;
  private volatile @Nullable Head head;
  private @Nullable Head saved;

  /** That a chain began, until a transaction has ended well that holds its beginning. */
  private @Nullable Event untold;

  /** Head of the chain of the key before, while a rotation is due. */
  private String formerHead = Digest.NONE;

  /** The last record that was signed before it. */
  private @Nullable Former rotated;

  /**
   * @param signing null: intervals are not signed
   */
  public Signatures(@Nullable Signing signing) {
    this.signing = signing;
  }

  /** Null while nothing is known, and where intervals are not signed. Any thread. */
  public @Nullable ChainSnapshot snapshot() {
    Head now = head;
    return now == null ? null : now.at;
  }

  /**
   * A JSON object with the signature of this gateway; as it is where nothing is signed. Any thread.
   */
  public String sign(String unsigned) {
    return signing == null
        ? unsigned
        : RecordJson.signed(unsigned, signing.key().sign(CanonicalJson.of(parsed(unsigned))));
  }

  /** Whether a text is as {@link #sign} gave it, to a process of before too. Any thread. */
  public boolean isOurs(String text) {
    if (signing == null) {
      return false;
    }
    try {
      JsonValue.Obj parts = JsonValue.object(text);
      String unsigned = CanonicalJson.of(parts.without("sig"));
      String sig = parts.text("sig");
      SigningKey before = signing.previous();
      return signing.key().open().signed(unsigned, sig)
          || (before != null && before.open().signed(unsigned, sig));
    } catch (JsonValue.NotJson | IllegalArgumentException e) {
      return false;
    }
  }

  private static JsonValue.Obj parsed(String json) {
    try {
      return JsonValue.object(json);
    } catch (JsonValue.NotJson e) {
      throw new IllegalStateException("what is signed is written as JSON", e);
    }
  }

  /** Whether a record has carried the word of the key before for the one in use. */
  public boolean isRotated() {
    Head now = head;
    return signing != null && signing.previous() != null && now != null && !now.rotation;
  }

  public static void create(Database db) throws SQLException {
    db.run(
        "CREATE TABLE signed (one INTEGER PRIMARY KEY CHECK (one = 1), key TEXT NOT NULL,"
            + " head TEXT NOT NULL, epoch TEXT, seq INTEGER NOT NULL)");
  }

  /**
   * Finds the head when a file is taken up. A process that knows it already goes on from there.
   *
   * @param due why a new epoch begins, null if none does
   * @param lent the last record that the process before had signed and not written, as far as it
   *     left any
   */
  public void takeUp(Database db, @Nullable String due, @Nullable IntervalRecord lent)
      throws SQLException {
    if (signing == null || head != null) {
      saved = null;
    } else {
      find(signing, db, due, lent);
    }
  }

  private void find(
      Signing signing, Database db, @Nullable String due, @Nullable IntervalRecord lent)
      throws SQLException {
    ChainSnapshot stored = stored(db);
    String key = signing.key().open().x();
    SigningKey before = signing.previous();
    Former former = lent == null ? former(db, stored) : former(lent);
    if (stored == null) {
      begin(key, former, signing.origin() == Signing.Origin.KEPT ? "new" : signing.origin().word());
    } else if (stored.key().equals(key)) {
      if (due != null && HEAD_LOST.contains(due)) {
        begin(key, former, due);
      } else {
        head = new Head(stored, false, stored.epoch() == null ? former : null);
        saved = head;
      }
    } else if (before != null && before.open().x().equals(stored.key())) {
      // The row keeps the old key until a record has carried its word for the new one.
      formerHead = lent == null || former == null ? stored.head() : former.hash();
      rotated = former;
      Former unsaid = stored.epoch() == null ? former : null;
      head = new Head(new ChainSnapshot(key, Digest.NONE, null, 0), true, unsaid);
      saved = head;
      untold = started(key, "rotation").with("from", stored.key());
    } else {
      begin(key, former, signing.origin().word());
    }
  }

  private static Former former(IntervalRecord lent) {
    return new Former(lent.epoch(), lent.seq(), Digest.of(CanonicalJson.of(parsed(lent.json()))));
  }

  /** The last record of the chain that the card has; of the one before while it has none. */
  private static @Nullable Former former(Database db, @Nullable ChainSnapshot stored)
      throws SQLException {
    if (stored == null) {
      return null;
    }
    Former last = former(stored);
    if (last != null || db.number(FORMER_TABLES, 0) == 0) {
      return last;
    }
    try (ResultSet rows = db.statement("SELECT epoch, seq, hash FROM former").executeQuery()) {
      return rows.next() ? new Former(rows.getString(1), rows.getLong(2), rows.getString(3)) : null;
    }
  }

  private static @Nullable Former former(ChainSnapshot at) {
    String epoch = at.epoch();
    return epoch == null ? null : new Former(epoch, at.seq(), at.head());
  }

  /** Begins anew, because it is not known any more what was signed last. */
  public void restart(String why) {
    if (signing != null) {
      begin(signing.key().open().x(), last(head), why);
    }
  }

  private @Nullable Former last(@Nullable Head now) {
    if (now == null) {
      return null;
    }
    Former last = now.rotation ? rotated : former(now.at);
    return last == null ? now.former : last;
  }

  /** A rotation that is due stays so: nothing else vouches for the key. */
  private void begin(String key, @Nullable Former former, String why) {
    boolean rotation = head != null && head.rotation;
    head = new Head(new ChainSnapshot(key, Digest.NONE, null, 0), rotation, former);
    untold = started(key, why);
  }

  private static Event started(String key, String why) {
    Severity severity = why.equals("new") ? Severity.INFO : Severity.WARNING;
    return Event.of("chain.start", severity).with("key", key).with("reason", why);
  }

  /** What is to be told since the last call, null if nothing. */
  public @Nullable Event takeEvent() {
    Event event = untold;
    untold = null;
    return event;
  }

  private static @Nullable ChainSnapshot stored(Database db) throws SQLException {
    try (ResultSet rows = db.statement("SELECT key, head, epoch, seq FROM signed").executeQuery()) {
      return rows.next()
          ? new ChainSnapshot(
              rows.getString(1), rows.getString(2), rows.getString(3), rows.getLong(4))
          : null;
    }
  }

  /** Writes the head as it is, in the transaction. */
  public void save(Database db) throws SQLException {
    save(db, head);
  }

  /** Writes the head as it will be after {@code walk}, in the transaction. */
  public void save(Database db, @Nullable Walk walk) throws SQLException {
    save(db, walk == null ? head : walk.head);
  }

  private void save(Database db, @Nullable Head now) throws SQLException {
    if (now == null || now.rotation || now.equals(saved)) {
      return;
    }
    PreparedStatement insert =
        db.statement(
            "INSERT OR REPLACE INTO signed (one, key, head, epoch, seq) VALUES (1, ?, ?, ?, ?)");
    insert.setString(1, now.at.key());
    insert.setString(2, now.at.head());
    insert.setString(3, now.at.epoch());
    insert.setLong(4, now.at.seq());
    insert.executeUpdate();
    Former former = now.former;
    if (former != null) {
      db.run(
          "CREATE TABLE IF NOT EXISTS former (one INTEGER PRIMARY KEY CHECK (one = 1),"
              + " epoch TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL)");
      PreparedStatement known =
          db.statement("INSERT OR REPLACE INTO former (one, epoch, seq, hash) VALUES (1, ?, ?, ?)");
      known.setString(1, former.epoch());
      known.setLong(2, former.seq());
      known.setString(3, former.hash());
      known.executeUpdate();
    }
  }

  /** A transaction with {@link #save(Database, Walk)}, or a lent batch, has ended well. */
  public void follow(@Nullable Walk walk, boolean onCard) {
    if (walk != null) {
      head = walk.head;
    }
    if (onCard) {
      saved = head;
    }
  }

  /** Signs the records of one batch; null where intervals are not signed. */
  public @Nullable Walk walk() {
    Head now = head;
    return signing == null || now == null ? null : new Walk(signing, now, formerHead);
  }

  /** The records of one batch. What is in memory does not change until they are kept. */
  public static final class Walk {
    private final Signing signing;
    private final String formerHead;
    private Head head;

    private Walk(Signing signing, Head head, String formerHead) {
      this.signing = signing;
      this.head = head;
      this.formerHead = formerHead;
    }

    /** The record's JSON with {@code prev} and {@code sig}. */
    public String record(String epoch, long seq, long after, long tsMillis, Interval interval) {
      Rotation rotation = head.rotation ? rotation() : null;
      ChainLink link = new ChainLink(head.at.head(), rotation, head.former);
      String unsigned = RecordJson.interval(epoch, seq, after, tsMillis, interval, link);
      JsonValue.Obj parts = parsed(unsigned);
      String sig = signing.key().sign(CanonicalJson.of(parts));
      parts.members().put("sig", new JsonValue.Str(sig));
      String hash = Digest.of(CanonicalJson.of(parts));
      head = new Head(new ChainSnapshot(head.at.key(), hash, epoch, seq), false, null);
      return RecordJson.signed(unsigned, sig);
    }

    private Rotation rotation() {
      SigningKey before = Objects.requireNonNull(signing.previous());
      SequencedMap<String, JsonValue> statement = new LinkedHashMap<>();
      statement.put("from", new JsonValue.Str(before.open().x()));
      statement.put("head", new JsonValue.Str(formerHead));
      statement.put("to", new JsonValue.Str(head.at.key()));
      String sig = before.sign(CanonicalJson.of(new JsonValue.Obj(statement)));
      return new Rotation(before.open().x(), formerHead, head.at.key(), sig);
    }
  }
}
