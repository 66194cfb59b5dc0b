package io.lingtan.agent.journal;

import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.code.Segment.Part;
import io.lingtan.agent.journal.commit.Kept;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Segments;
import io.lingtan.agent.journal.number.Segments.Row;
import io.lingtan.agent.journal.number.Segments.Stretch;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is kept, for charts and lists, delivered or not. Each answer is bounded in size and in
 * time, and made of many short reads: a long one would keep the WAL from being copied back, and it
 * would grow. Any thread; one read at a time, and where interval records are read others get theirs
 * in between.
 */
public final class History implements AutoCloseable {
  private static final long MOST_NANOS = 1_000_000_000L;

  /**
   * For what is asked once a month, and nobody else waits for: a month that may be told anew for
   * 400 days lies in some 40,000 segments, of which 2,000 took 80 ms on a 2-core machine and take
   * some times longer on a small one.
   */
  private static final long MOST_REPORT_NANOS = 30_000_000_000L;

  /** Segments that are read at once. */
  private static final int CHUNK = 32;

  private static final int FIRST_EPOCH = 1;

  /** Records that may be numbered before the first reading. */
  private static final int MOST_BEFORE = 1000;

  /** Events that tell of another journal before or beside this one. */
  private static final Set<String> OF_ANOTHER =
      Set.of("journal.file_gone", "journal.replaced", "journal.set_aside", "journal.store_ahead");

  private final Store store;
  private final Time time;
  private final Reader reader;
  private long rows;

  History(Store store, Time time) {
    this.store = store;
    this.time = time;
    this.reader = new Reader(store, () -> {});
  }

  /**
   * The history of a journal that another process may be writing.
   *
   * @throws JournalUnavailable if there is none that can be read; the message says what to do
   */
  public static History readOnly(Path file, Time time, RandomGenerator random) {
    Store store = new Store(new JournalOptions(file, Long.MAX_VALUE, ""), time, random);
    store.readOnly();
    return new History(store, time);
  }

  /**
   * Points of devices between two times, reduced to equal parts; all in one pass.
   *
   * @param fromMillis UTC ms, inclusive
   * @param toMillis UTC ms, exclusive
   * @param parts how many, ≥ 1
   */
  public HistoryChart chart(
      List<HistoryChart.Wanted> wanted, long fromMillis, long toMillis, int parts) {
    return chart(wanted, fromMillis, toMillis, parts, Walk.MOST_SEGMENTS);
  }

  /** The same out of at most so many segments. */
  synchronized HistoryChart chart(
      List<HistoryChart.Wanted> wanted, long fromMillis, long toMillis, int parts, int most) {
    check(fromMillis, toMillis, parts);
    Charting charting = new Charting(wanted, fromMillis, toMillis, parts);
    long lead = Charting.lead(wanted);
    Set<String> devices =
        wanted.stream().map(HistoryChart.Wanted::device).collect(Collectors.toUnmodifiableSet());
    Walk walk = new Walk(store, time, devices, fromMillis - lead, toMillis, parts, lead, most);
    boolean read = walked(walk, charting);
    return new HistoryChart(
        fromMillis,
        toMillis,
        parts,
        charting.lines(time.wall().millisAt(time.now())),
        read && walk.isComplete(),
        walk.segments());
  }

  /**
   * What became of the readings between two times.
   *
   * @param fromMillis UTC ms, inclusive
   * @param toMillis UTC ms, exclusive
   * @param parts how many equal ones, ≥ 1
   */
  public synchronized HistoryCoverage coverage(
      List<HistoryCoverage.Wanted> wanted, long fromMillis, long toMillis, int parts) {
    check(fromMillis, toMillis, parts);
    Covering covering = new Covering(wanted, fromMillis, toMillis, parts);
    long least =
        wanted.stream().mapToLong(HistoryCoverage.Wanted::periodMillis).max().orElse(0) * 3;
    Set<String> devices =
        wanted.stream().map(HistoryCoverage.Wanted::device).collect(Collectors.toUnmodifiableSet());
    Walk walk =
        new Walk(store, time, devices, fromMillis, toMillis, parts, least, Walk.MOST_SEGMENTS);
    boolean read = walked(walk, covering);
    return new HistoryCoverage(fromMillis, toMillis, covering.rows(), read && walk.isComplete());
  }

  /** When the oldest readings that are kept were written, UTC ms; UNDATED if that is not known. */
  public synchronized long firstMillis() {
    try {
      for (Segment segment : Segments.between(reader.get(), Part.DATA, 0, Long.MAX_VALUE, CHUNK)) {
        if (segment.millis() != JournalRecord.UNDATED) {
          return segment.millis();
        }
      }
    } catch (SQLException e) {
      reader.failed(e);
    }
    return JournalRecord.UNDATED;
  }

  /**
   * Whether the oldest readings that are kept are the first that were ever taken, as far as this
   * journal can tell: none were removed before them, and it has not taken another's place.
   */
  public synchronized boolean isFromTheFirst() {
    try {
      Database db = reader.get();
      List<Row> oldest = Segments.rows(db, Part.DATA, 0, Long.MAX_VALUE, 1);
      if (oldest.isEmpty()) {
        return false;
      }
      Row first = oldest.getFirst();
      if (first.key() > Segment.key(FIRST_EPOCH, MOST_BEFORE)
          || db.number("SELECT sum(count) FROM report WHERE id < ?", 0, first.key())
              != first.first() - 1) {
        return false;
      }
    } catch (SQLException e) {
      reader.failed(e);
      return false;
    }
    Found<EventRecord> others = newestEvents(event -> OF_ANOTHER.contains(event.name()), 1);
    return others.records().isEmpty() && others.complete();
  }

  private static void check(long fromMillis, long toMillis, int parts) {
    if (toMillis <= fromMillis || parts < 1) {
      throw new IllegalArgumentException(
          "from before to, and at least one part: %d..%d, %d"
              .formatted(fromMillis, toMillis, parts));
    }
  }

  private boolean walked(Walk walk, Walk.Visitor visitor) {
    try {
      walk.run(reader.get(), visitor);
      return true;
    } catch (SQLException e) {
      reader.failed(e);
      return false;
    }
  }

  /**
   * The newest events, newest first, and whether there are no others kept.
   *
   * @param most at most so many
   */
  public synchronized Found<EventRecord> newestEvents(int most) {
    return newestEvents(any -> true, most);
  }

  /** The newest of those that are wanted. */
  public synchronized Found<EventRecord> newestEvents(Predicate<Event> wanted, int most) {
    return found(
        (db, key) ->
            Stretch.of(
                Segments.eventsBefore(db, key < 0 ? Long.MAX_VALUE : key, CHUNK), key, CHUNK),
        segment ->
            chosen(EventRecord.class, segment, event -> wanted.test(event.event())).reversed(),
        most,
        MOST_NANOS);
  }

  /** Reads a stretch of segments. */
  private interface Chunks {
    /**
     * @param key of the last row of the one before; -1 at the beginning
     */
    Stretch after(Database db, long key) throws SQLException;
  }

  private <R extends JournalRecord> Found<R> found(
      Chunks chunks, Function<Segment, List<R>> chosen, int most, long mostNanos) {
    List<R> found = new ArrayList<>();
    Ended ended =
        each(chunks, chosen, record -> found.size() < most && found.add(record), -1, mostNanos);
    return new Found<>(found, ended.complete());
  }

  /**
   * Where reading ended.
   *
   * @param key of the last row that was taken, with all before it; the one that it began behind if
   *     there is none
   * @param refused whether it ended because a record was not taken
   * @param complete whether all were looked at and taken
   */
  private record Ended(long key, boolean refused, boolean complete) {}

  /** Others are let in between two stretches. */
  private <R extends JournalRecord> Ended each(
      Chunks chunks,
      Function<Segment, List<R>> chosen,
      Predicate<R> taken,
      long behind,
      long mostNanos) {
    MonotonicInstant deadline = time.now().plusNanos(mostNanos);
    long file = store.generation();
    long key = behind;
    do {
      Stretch stretch = stretch(chunks, key, file);
      if (stretch == null) {
        return new Ended(key, false, false);
      }
      for (Segment segment : stretch.segments()) {
        for (R record : chosen.apply(segment)) {
          if (!taken.test(record)) {
            return new Ended(key, true, false);
          }
        }
        key = segment.key();
      }
      key = stretch.upto();
      if (stretch.isLast()) {
        return new Ended(key, false, true);
      }
    } while (!time.now().isAfter(deadline));
    return new Ended(key, false, false);
  }

  /** Null if it cannot be read, or the journal is another file by now. */
  private synchronized @Nullable Stretch stretch(Chunks chunks, long key, long file) {
    try {
      Database db = reader.get();
      if (store.generation() != file) {
        return null;
      }
      Stretch stretch = chunks.after(db, key);
      rows += stretch.rows();
      return stretch;
    } catch (SQLException e) {
      reader.failed(e);
      return null;
    }
  }

  /** How many rows of reports and samples were looked at, but for charts. */
  synchronized long rows() {
    return rows;
  }

  private <R extends JournalRecord> List<R> chosen(
      Class<R> kind, Segment segment, Predicate<R> wanted) {
    return decoded(segment).stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .filter(wanted)
        .toList();
  }

  private List<JournalRecord> decoded(Segment segment) {
    Epoch epoch = store.epochs.at(segment.epoch());
    if (epoch == null) {
      return List.of();
    }
    try {
      List<JournalRecord> records = new ArrayList<>();
      for (JournalRecord record : store.segments.decode(epoch.id(), segment)) {
        JournalRecord dated = store.boots.deliverable(record);
        records.add(dated == null ? record : dated);
      }
      return records;
    } catch (DamagedSegment e) {
      return List.of();
    }
  }

  /**
   * A record by its number; null if it is not kept, or cannot be read at present.
   *
   * @param epoch id; empty for the newest epoch that holds the number
   */
  public synchronized @Nullable JournalRecord record(String epoch, long seq) {
    try {
      Database db = reader.get();
      for (Epoch each : store.epochs.all().reversed()) {
        if (epoch.isEmpty() || each.id().equals(epoch)) {
          JournalRecord found = record(db, each, seq);
          if (found != null) {
            return found;
          }
        }
      }
    } catch (SQLException e) {
      reader.failed(e);
    }
    return null;
  }

  private @Nullable JournalRecord record(Database db, Epoch epoch, long seq) throws SQLException {
    for (Part part : Part.values()) {
      long key = Segments.startKey(db, part, epoch.number(), seq);
      for (Segment segment : Segments.between(db, part, key, key, 1)) {
        for (JournalRecord record : decoded(segment)) {
          if (record.seq() == seq) {
            return record;
          }
        }
      }
    }
    return null;
  }

  /**
   * What was found of a time.
   *
   * @param complete false if there was more than could be looked at
   */
  public record Found<T>(List<T> records, boolean complete) {
    public Found {
      records = List.copyOf(records);
    }
  }

  /**
   * The interval records that were committed in a time, in their order.
   *
   * @param lengths such as {@code 1d}
   * @param fromMillis UTC ms of the commit, inclusive
   * @param toMillis UTC ms of the commit, exclusive
   * @param most at most so many
   */
  public Found<IntervalRecord> intervals(
      Set<String> lengths, long fromMillis, long toMillis, int most) {
    return found(
        (db, key) -> Segments.intervalsBetween(db, key, fromMillis, toMillis, CHUNK),
        segment -> chosen(segment, lengths),
        most,
        MOST_REPORT_NANOS);
  }

  /**
   * Shows them one after the other, of which none need be kept.
   *
   * @param taken whether there is room for one more
   * @return false if there was more than could be looked at or taken
   */
  public boolean eachInterval(
      Set<String> lengths, long fromMillis, long toMillis, Predicate<IntervalRecord> taken) {
    return each(
            (db, key) -> Segments.intervalsBetween(db, key, fromMillis, toMillis, CHUNK),
            segment -> chosen(segment, lengths),
            taken,
            -1,
            MOST_REPORT_NANOS)
        .complete();
  }

  private List<IntervalRecord> chosen(Segment segment, Set<String> lengths) {
    return chosen(IntervalRecord.class, segment, interval -> lengths.contains(interval.length()));
  }

  /**
   * How far somebody has come who reads record after record.
   *
   * @param epoch id
   * @param seq the first record of the segment that was read last
   */
  public record Place(String epoch, long seq) {}

  /**
   * Where somebody is by now.
   *
   * @param place null if nothing was read yet
   * @param atEnd whether there is nothing behind it, or a record that was not taken
   */
  public record Reached(@Nullable Place place, boolean atEnd) {}

  /**
   * Shows the interval records behind a place, in their order. Costs what has come since.
   *
   * @param after null, or of another journal, for the beginning
   * @param fromMillis UTC ms of the commit, inclusive
   * @param taken false if reading is to go on before this one another time
   */
  public Reached intervalsBehind(
      @Nullable Place after,
      Set<String> lengths,
      long fromMillis,
      Predicate<IntervalRecord> taken) {
    Epoch begun =
        store.epochs.all().stream()
            .filter(epoch -> after != null && epoch.id().equals(after.epoch()))
            .findAny()
            .orElse(null);
    long key = begun == null || after == null ? -1 : begun.key(after.seq());
    Ended ended =
        each(
            (db, last) -> Segments.intervalsBetween(db, last, fromMillis, Long.MAX_VALUE, CHUNK),
            segment -> chosen(segment, lengths),
            taken,
            key,
            MOST_NANOS);
    Epoch epoch = ended.key() < 0 ? null : store.epochs.at(Segment.epoch(ended.key()));
    Place place = epoch == null ? after : new Place(epoch.id(), ended.key() & Segment.MOST_SEQ);
    return new Reached(place, ended.complete() || ended.refused());
  }

  /**
   * The samples of a device in a time, ascending.
   *
   * @param fromMillis UTC ms, inclusive
   * @param toMillis UTC ms, exclusive
   * @param most at most so many
   */
  public synchronized Found<DataRecord> samples(
      String device, long fromMillis, long toMillis, int most) {
    return found(
        (db, key) ->
            Stretch.of(
                Segments.between(
                        db,
                        Part.DATA,
                        key < 0 ? firstMarkedBefore(db, fromMillis) : key + 1,
                        Long.MAX_VALUE,
                        CHUNK)
                    .stream()
                    .takeWhile(
                        segment ->
                            segment.millis() == JournalRecord.UNDATED
                                || segment.millis() < toMillis)
                    .toList(),
                key,
                CHUNK),
        segment ->
            chosen(
                DataRecord.class,
                segment,
                data ->
                    data.sample().device().equals(device)
                        && data.tsMillis() >= fromMillis
                        && data.tsMillis() < toMillis),
        most,
        MOST_NANOS);
  }

  private static long firstMarkedBefore(Database db, long millis) throws SQLException {
    return db.number("SELECT id FROM mark WHERE ms <= ? ORDER BY id DESC LIMIT 1", 0, millis);
  }

  /** What the ledger keeps by a name, one or none; not complete if it cannot be read at present. */
  public synchronized Found<byte[]> memo(String name) {
    try {
      byte[] memo = Kept.memo(reader.get(), name);
      return new Found<>(memo == null ? List.of() : List.of(memo), true);
    } catch (SQLException e) {
      reader.failed(e);
      return new Found<>(List.of(), false);
    }
  }

  @Override
  public synchronized void close() {
    reader.close();
  }
}
