package io.lingtan.agent.journal;

import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.code.Segment.Part;
import io.lingtan.agent.journal.commit.Asides;
import io.lingtan.agent.journal.commit.Asides.Aside;
import io.lingtan.agent.journal.commit.Space;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.number.Chain;
import io.lingtan.agent.journal.number.DropEvents;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Segments;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be delivered, in ascending order of each epoch, earlier epochs first. Publisher
 * thread; {@link #acknowledged} from any.
 */
public final class Outbox implements Records {
  private static final Logger log = LoggerFactory.getLogger(Outbox.class);
  private static final int ROWS = 64;

  private final Store store;
  private final Reader reader;
  private long lastKey = -1;
  private List<? extends JournalRecord> lastRecords = List.of();
  private @Nullable String lastFailure;
  private final Rereading rereading;

  /**
   * UTC ms that had passed when the newest of what is kept was written: of a dated record, so by a
   * clock that was trusted then. {@link JournalRecord#UNDATED} if there is none, or it cannot be
   * read at present. Reads the disk.
   */
  @Override
  public long datedUntil() {
    try {
      return reader.get().number("SELECT max(ms) FROM mark", JournalRecord.UNDATED);
    } catch (SQLException e) {
      failed(e);
      return JournalRecord.UNDATED;
    }
  }

  /** Numbers that are asked for, inclusive. */
  private record Span(long from, long to) {
    boolean contains(long seq) {
      return seq >= from && seq <= to;
    }
  }

  Outbox(Store store) {
    this.store = store;
    this.rereading = new Rereading(store);
    this.reader = new Reader(store, this::forget);
  }

  /**
   * Records of {@code epoch} with seq ≥ {@code fromSeq}, ascending, that are neither acknowledged,
   * dropped, nor held until their boot is dated. Recent ones come from memory without touching the
   * disk. An acknowledgement counts here at once, not only when it is saved, and so does what was
   * set aside. Empty for an epoch that is not known.
   *
   * @param kinds only these; data and the others travel on different lanes and lie in different
   *     segments, so that neither is read for the sake of the other
   * @param most most records; fewer mean that there are no more at present
   */
  @Override
  public List<JournalRecord> read(String epoch, Set<Kind> kinds, long fromSeq, int most) {
    Epoch found = store.epochs.find(epoch);
    if (found == null) {
      return List.of();
    }
    long seq = found.nextUnsettled(fromSeq);
    // Before the tail, which is filled before this number goes up: whatever it counts is there.
    long last = found.last();
    if (seq > last) {
      return List.of();
    }
    List<JournalRecord> recent = store.tail.from(epoch, seq);
    List<JournalRecord> to = new ArrayList<>();
    if (recent != null) {
      add(found, recent, new Span(seq, last), most, kinds, to);
      return to;
    }
    try {
      readDisk(reader.get(), found, new Span(seq, last), most, kinds, to);
      lastFailure = null;
    } catch (SQLException e) {
      failed(e);
    }
    return to;
  }

  private void add(
      Epoch epoch,
      List<? extends JournalRecord> records,
      Span span,
      int most,
      Set<Kind> kinds,
      List<JournalRecord> to) {
    for (JournalRecord record : records) {
      if (to.size() == most) {
        return;
      }
      if (span.contains(record.seq())
          && kinds.contains(record.kind())
          && !epoch.isSettled(record.seq())) {
        JournalRecord deliverable = store.boots.deliverable(record);
        if (deliverable != null) {
          to.add(deliverable);
        }
      }
    }
  }

  private void readDisk(
      Database db, Epoch epoch, Span span, int most, Set<Kind> kinds, List<JournalRecord> to)
      throws SQLException {
    long end = epoch.key(span.to());
    long start = Long.MAX_VALUE;
    for (Part part : Part.values()) {
      if (takes(kinds, part)) {
        start = Math.min(start, Segments.startKey(db, part, epoch.number(), span.from()));
      }
    }
    while (start <= end && to.size() < most) {
      List<Segments.Row> rows = new ArrayList<>();
      long upTo = end;
      for (Part part : Part.values()) {
        if (takes(kinds, part)) {
          List<Segments.Row> some = Segments.rows(db, part, start, end, ROWS);
          rows.addAll(some);
          // Beyond the last of a full answer the other class may not be taken yet.
          upTo = some.size() == ROWS ? Math.min(upTo, some.getLast().key()) : upTo;
        }
      }
      rows.sort(Comparator.comparingLong(Segments.Row::key));
      for (Segments.Row row : rows) {
        if (row.key() <= upTo && to.size() < most && isWanted(epoch, row)) {
          add(epoch, records(db, epoch, row), span, most, kinds, to);
        }
      }
      start = upTo + 1;
    }
  }

  private static boolean takes(Set<Kind> kinds, Part part) {
    return part == Part.DATA
        ? kinds.contains(Kind.DATA)
        : kinds.contains(Kind.INTERVAL) || kinds.contains(Kind.EVENT);
  }

  private boolean isWanted(Epoch epoch, Segments.Row row) {
    return epoch.unsettledIn(row.first(), row.last()) > 0 && !store.boots.isHeld(row.boot());
  }

  private List<? extends JournalRecord> records(Database db, Epoch epoch, Segments.Row row)
      throws SQLException {
    if (row.key() == lastKey) {
      return lastRecords;
    }
    List<Segment> one = Segments.between(db, row.part(), row.key(), row.key(), 1);
    if (one.isEmpty()) {
      return List.of();
    }
    try {
      lastRecords = store.segments.decode(epoch.id(), one.getFirst());
      lastKey = row.key();
      return lastRecords;
    } catch (DamagedSegment e) {
      log.warn("{}", DropEvents.damagedSegment(epoch, one.getFirst(), e));
      Segment own = store.segments.own(db, epoch, one.getFirst());
      if (own != null) {
        store.asides.offer(
            new Aside(
                epoch,
                new Range(own.first(), own.last()),
                Space.unsettled(store.segments, epoch, own, Holes.DAMAGED),
                null));
      }
      lastRecords = List.of();
      lastKey = row.key();
      return lastRecords;
    }
  }

  /** The highest number given in an epoch, 0 if none was; -1 if the journal knows no such epoch. */
  @Override
  public long last(String epoch) {
    Epoch found = store.epochs.find(epoch);
    return found == null ? -1 : found.last();
  }

  /**
   * Reads again what an epoch holds from {@code from} on, delivered or not: the same records as
   * they were delivered. Changes nothing, above all no acknowledgement.
   *
   * @param from first number, ≥ 1
   * @param to last number
   * @param most most records; 0 to count only, a few hundred segments at once
   * @return a piece of it, null if the journal cannot be read at present or knows no such epoch
   */
  @Override
  public @Nullable Reread again(String epoch, long from, long to, int most) {
    Epoch found = store.epochs.find(epoch);
    if (found == null) {
      return null;
    }
    try {
      Reread kept = rereading.piece(reader.get(), found, from, Math.min(to, found.last()), most);
      lastFailure = null;
      return kept;
    } catch (SQLException e) {
      failed(e);
      return null;
    }
  }

  /**
   * The newest interval record of each length, of the newest epoch that has one, as far as they are
   * kept. Reads the disk.
   *
   * @return null if the journal cannot be read at present or has not been opened yet
   */
  public @Nullable List<IntervalRecord> newestIntervals() {
    Map<String, IntervalRecord> newest = new LinkedHashMap<>();
    List<Epoch> epochs = store.epochs.all();
    try {
      for (Epoch epoch : epochs.reversed()) {
        for (long seq : lastIntervals(reader.get(), epoch)) {
          Reread one = again(epoch.id(), seq, seq, 1);
          if (one != null
              && !one.records().isEmpty()
              && one.records().getFirst() instanceof IntervalRecord interval) {
            newest.putIfAbsent(interval.length(), interval);
          }
        }
      }
    } catch (SQLException e) {
      failed(e);
      return null;
    }
    return epochs.isEmpty() ? null : List.copyOf(newest.values());
  }

  /** From what an epoch has noted last, and its reports after that. */
  private List<Long> lastIntervals(Database db, Epoch epoch) throws SQLException {
    Chain chain = new Chain();
    try {
      chain.load(db, epoch.number());
      long key = epoch.key(chain.savedUpTo() + 1);
      List<Segment> some;
      do {
        some = Segments.between(db, Part.REPORTS, key, epoch.key(Segment.MOST_SEQ), ROWS);
        for (Segment segment : some) {
          store.segments.decode(epoch.id(), segment).forEach(chain::follow);
          key = segment.key() + 1;
        }
      } while (some.size() == ROWS);
    } catch (DamagedSegment e) {
      log.warn("The journal {}, epoch {}: {}", store.file(), epoch.id(), e.getMessage());
    }
    return chain.lastIntervals();
  }

  private void failed(SQLException e) {
    reader.failed(e);
    String failure = String.valueOf(e.getMessage());
    if (!failure.equals(lastFailure)) {
      log.warn("The journal {} cannot be read: {}", store.file(), Database.advice(e));
    }
    lastFailure = failure;
  }

  /**
   * The broker has taken it. Saved with the next commit, and with the next {@link
   * #keepAcknowledged} where a kill does not reach it. Any thread.
   */
  @Override
  public void acknowledged(String epoch, long seq) {
    Epoch found = store.epochs.find(epoch);
    if (found != null && found.acknowledge(seq)) {
      store.receipts.took(found, seq);
    }
  }

  /**
   * What was acknowledged so far is not sent again by the next process of this boot, however this
   * one ends. Writes to memory only. Any thread.
   */
  @Override
  public void keepAcknowledged() {
    store.receipts.write();
  }

  /**
   * It can never be delivered, such as a record larger than the broker's maximum packet: with the
   * next commit it becomes a declared drop with this reason. It is not read again, counts as
   * acknowledged only from then on, and stays in the history.
   *
   * @param reason a word, such as {@code too_large}
   */
  @Override
  public void setAside(JournalRecord record, String reason) {
    setAside(record, reason, null);
  }

  /**
   * The same of an event or an interval that has to be told all the same: the commit that declares
   * it gives it another number, and an interval the revision that it is told with now, so that
   * whatever ends this process neither is without the other.
   */
  @Override
  public void tellAgain(JournalRecord record, String reason) {
    Asides.Again again =
        switch (record) {
          case EventRecord event ->
              new Asides.Again.Happened(
                  event.event(), event.boot(), event.atNanos(), event.tsMillis());
          case IntervalRecord interval ->
              new Asides.Again.Closed(store.retold.asWorkedOut(IntervalText.of(interval)));
          case DataRecord data -> null;
        };
    setAside(record, reason, again);
  }

  private void setAside(JournalRecord record, String reason, Asides.@Nullable Again again) {
    Epoch epoch = store.epochs.find(record.epoch());
    if (epoch != null && !epoch.isSettled(record.seq())) {
      long seq = record.seq();
      Drop drop = new Drop(seq, seq, 1, record.kind(), reason);
      store.asides.offer(new Aside(epoch, new Range(seq, seq), List.of(drop), again));
    }
  }

  /**
   * Somebody has seen numbers of the current epoch that this database never gave out: it is an
   * older copy of the one that did. The next commit begins a new epoch, so that no number is used
   * twice.
   *
   * @param reason as in {@code previous} of the store, such as {@code store_ahead}
   * @param reused numbers by epoch that the other copy gave out with another content: as soon as
   *     the next epoch has begun {@link #reused} says so of them
   */
  @Override
  public void endEpoch(String reason, Map<String, Range> reused) {
    store.endEpoch(reason, reused);
  }

  /**
   * The {@code store} of another process tells of numbers that are not known here: a copy of this
   * database gave them out, and may have told intervals that are told here again. With the next
   * commit all that are become revisions that no interval has there. Any thread.
   *
   * @param run who wrote it
   * @param epoch its current one
   * @param lasts the highest number of each epoch that it lists
   * @param rev no interval has a higher revision there
   * @param untilMillis UTC ms after which nothing was told there
   * @return whether that waits for a commit
   */
  @Override
  public boolean toldElsewhere(
      String run, String epoch, Map<String, Long> lasts, long rev, long untilMillis) {
    boolean isAhead = store.epochs.find(epoch) == null && !store.lineage.isOurs(run);
    for (Map.Entry<String, Long> last : lasts.entrySet()) {
      Epoch here = store.epochs.find(last.getKey());
      isAhead |=
          here != null
              && last.getValue()
                  > store.lineage.common(here, run, true, false, JournalRecord.UNDATED);
    }
    return isAhead && store.retold.learn(new Retold.Told(run, rev, untilMillis));
  }

  /** Whether {@link #toldElsewhere} still waits for a commit. Any thread. */
  @Override
  public boolean isLearning() {
    return store.retold.waiting() != null;
  }

  /**
   * Whether an interval may have another content elsewhere, under the revision that it was told
   * with here before anybody knew: it must not leave. Any thread.
   *
   * @param rev that it was told with
   * @param endMillis UTC ms
   */
  @Override
  public boolean isRetold(String epoch, long seq, int rev, long endMillis) {
    Epoch found = store.epochs.find(epoch);
    return found != null && store.retold.isRetold(found.key(seq), rev, endMillis);
  }

  /** As {@link #isRetold(String, long, int, long)}, of a record. */
  @Override
  public boolean isRetold(JournalRecord record) {
    Epoch found = store.epochs.find(record.epoch());
    return found != null && store.isRetold(found, record);
  }

  /** What of an epoch's numbers another copy of this database has used; null if none. */
  @Override
  public @Nullable Range reused(String epoch) {
    Epoch found = store.epochs.find(epoch);
    return found == null ? null : store.lineage.reused(found);
  }

  /**
   * What {@code store} calls this process by, so that whoever goes on with another copy of this
   * database can tell; empty until the database has been opened. Any thread.
   */
  @Override
  public String run() {
    return store.lineage.name();
  }

  /**
   * A JSON object with this gateway's signature as its last member, {@code sig}, as interval
   * records have it; as it is where nothing is signed. Any thread.
   */
  @Override
  public String sign(String unsigned) {
    return store.signatures().sign(unsigned);
  }

  /** Whether a text is as {@link #sign} gave it under this gateway's key. Any thread. */
  @Override
  public boolean isOurs(String text) {
    return store.signatures().isOurs(text);
  }

  /**
   * Up to which number of an epoch another {@code store} speaks of the same records as this
   * database; a very high one if there is no other copy.
   *
   * @param run who wrote that store; null if it does not say
   * @param isListed whether that store names the epoch
   * @param mayBeLeftOut whether that store says that it left out some
   * @param tsMillis UTC ms at which it was written, {@link JournalRecord#UNDATED} if it does not
   *     say
   */
  @Override
  public long common(
      String epoch, @Nullable String run, boolean isListed, boolean mayBeLeftOut, long tsMillis) {
    Epoch found = store.epochs.find(epoch);
    return found == null
        ? Segment.MOST_SEQ
        : store.lineage.common(found, run, isListed, mayBeLeftOut, tsMillis);
  }

  /**
   * The highest number of the present epoch of another {@code store} that surely was given out.
   *
   * @param run who wrote that store
   * @param last the highest that it tells of
   */
  @Override
  public long given(String epoch, String run, long last) {
    Epoch found = store.epochs.find(epoch);
    return found == null ? last : store.lineage.given(found, run, last);
  }

  /**
   * What other copies of this database gave out, as far as it has been told, and the highest
   * revision that they or this one told. Any thread.
   */
  @Override
  public StoreSnapshot.Elsewhere elsewhere() {
    StoreSnapshot.Elsewhere known = store.copies.known();
    return new StoreSnapshot.Elsewhere(known.used(), known.unlisted(), store.retold.highest());
  }

  /**
   * Notes what a {@code store} tells of other copies of this database, on the card with the next
   * commit. Any thread.
   *
   * @param run who wrote it
   * @param epoch its current one
   * @param lasts the highest number of each epoch that it lists
   * @param theirs what it tells of others
   */
  @Override
  public void learn(
      String run, String epoch, Map<String, Long> lasts, StoreSnapshot.Elsewhere theirs) {
    store.copies.learn(store.epochs, store.lineage, run, epoch, lasts, theirs);
  }

  private void forget() {
    lastKey = -1;
    lastRecords = List.of();
    rereading.clear();
  }

  @Override
  public void close() {
    reader.close();
  }
}
