package io.lingtan.agent.journal;

import io.lingtan.agent.journal.Segment.Part;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is kept, for charts and lists, delivered or not. Each answer is bounded in size and in
 * time, and made of many short reads: a long one would keep the WAL from being copied back, and it
 * would grow. Any thread; one answer at a time.
 */
public final class History implements AutoCloseable {
  private static final long MOST_NANOS = 1_000_000_000L;

  /** For what is asked once a month. */
  private static final long MOST_REPORT_NANOS = 10_000_000_000L;

  /** Segments that are read at once. */
  private static final int CHUNK = 32;

  /** Segments looked at for one answer; a longer time is looked at in as many places. */
  private static final int MOST_SEGMENTS = 4096;

  private final Store store;
  private final Time time;
  private @Nullable Database reader;
  private long generation = -1;

  History(Store store, Time time) {
    this.store = store;
    this.time = time;
  }

  /**
   * The history of a journal that another process may be writing.
   *
   * @throws JournalUnavailable if there is none that can be read; the message says what to do
   */
  public static History readOnly(Path file, Time time, RandomGenerator random) {
    Store store =
        new Store(
            new Journal.Options(file, Long.MAX_VALUE, "", Duration.ofSeconds(1)), time, random);
    store.readOnly();
    return new History(store, time);
  }

  /**
   * What a point did in a part of the time asked for.
   *
   * @param fromMillis UTC ms at which the part begins
   * @param min lowest value in it, millionths of the point's unit
   * @param max highest value in it
   * @param last value at its end
   */
  public record Span(long fromMillis, long min, long max, long last) {}

  /**
   * A chart's line.
   *
   * @param spans ascending; parts without a value are left out
   * @param complete false if there was more than could be looked at: then peaks may be missing
   */
  public record Series(List<Span> spans, boolean complete) {
    public Series {
      spans = List.copyOf(spans);
    }
  }

  /**
   * One device's point between two times, reduced to the lowest and highest value of equal parts.
   *
   * @param fromMillis UTC ms, inclusive
   * @param toMillis UTC ms, exclusive
   * @param most most spans, ≥ 1
   */
  public synchronized Series series(
      String device, Point point, long fromMillis, long toMillis, int most) {
    if (toMillis <= fromMillis || most < 1) {
      throw new IllegalArgumentException(
          "from before to, and at least one span: %d..%d, %d"
              .formatted(fromMillis, toMillis, most));
    }
    Reduced reduced = new Reduced(fromMillis, toMillis, most);
    boolean complete = true;
    try {
      Database db = reader();
      complete = walk(db, device, point, reduced);
    } catch (SQLException e) {
      failed(e);
      complete = false;
    }
    return new Series(reduced.spans(), complete);
  }

  private boolean walk(Database db, String device, Point point, Reduced reduced)
      throws SQLException {
    MonotonicInstant deadline = time.now().plusNanos(MOST_NANOS);
    long start =
        db.number(
            "SELECT id FROM mark WHERE ms <= ? ORDER BY id DESC LIMIT 1", 0, reduced.fromMillis);
    long end =
        db.number(
            "SELECT id FROM mark WHERE ms >= ? AND id > ? ORDER BY id LIMIT 1",
            Long.MAX_VALUE,
            reduced.toMillis,
            start);
    boolean complete = true;
    for (Epoch epoch : store.epochs.all()) {
      long from = Math.max(start, epoch.key(1));
      long to = Math.min(end, epoch.key(epoch.last()));
      from =
          db.number("SELECT min(id) FROM data WHERE id BETWEEN ? AND ?", Long.MAX_VALUE, from, to);
      long step = Math.max(0, (to - from) / MOST_SEGMENTS);
      while (from <= to) {
        if (time.now().isAfter(deadline)) {
          return false;
        }
        List<Segment> next = Segments.between(db, Part.DATA, from, to, 1);
        if (next.isEmpty()) {
          break;
        }
        Segment segment = next.getFirst();
        add(epoch, segment, device, point, reduced);
        complete &= step <= segment.count();
        from = segment.key() + Math.max(segment.count(), step);
      }
    }
    return complete;
  }

  private void add(Epoch epoch, Segment segment, String device, Point point, Reduced to) {
    try {
      for (JournalRecord record : store.segments.decode(epoch.id(), segment)) {
        if (record instanceof DataRecord data
            && data.sample().device().equals(device)
            && data.sample().values().indexOf(point) >= 0) {
          to.add(store.boots.dated(data).tsMillis(), data.sample().values().micros(point));
        }
      }
    } catch (DamagedSegment e) {
      // A hole in a chart; whoever delivers the segment declares it.
    }
  }

  /** Collects values into equal parts. */
  private static final class Reduced {
    private final long fromMillis;
    private final long toMillis;
    private final @Nullable Span[] parts;

    Reduced(long fromMillis, long toMillis, int most) {
      this.fromMillis = fromMillis;
      this.toMillis = toMillis;
      this.parts = new @Nullable Span[(int) Math.min(most, toMillis - fromMillis)];
    }

    void add(long millis, long value) {
      if (millis < fromMillis || millis >= toMillis) {
        return;
      }
      double share = (double) (millis - fromMillis) / (toMillis - fromMillis);
      int i = Math.min(parts.length - 1, (int) (share * parts.length));
      Span before = parts[i];
      parts[i] =
          before == null
              ? new Span(millis, value, value, value)
              : new Span(
                  before.fromMillis(),
                  Math.min(before.min(), value),
                  Math.max(before.max(), value),
                  value);
    }

    List<Span> spans() {
      List<Span> spans = new ArrayList<>();
      for (Span part : parts) {
        if (part != null) {
          spans.add(part);
        }
      }
      return spans;
    }
  }

  /** The newest events, newest first. */
  public synchronized List<EventRecord> events(int most) {
    return newest(EventRecord.class, event -> true, most);
  }

  /** The newest interval records of one length, newest first. */
  public synchronized List<IntervalRecord> intervals(String length, int most) {
    return newest(IntervalRecord.class, interval -> interval.length().equals(length), most);
  }

  private <T extends JournalRecord> List<T> newest(Class<T> kind, Predicate<T> wanted, int most) {
    List<T> found = new ArrayList<>();
    try {
      Database db = reader();
      MonotonicInstant deadline = time.now().plusNanos(MOST_NANOS);
      long key = Long.MAX_VALUE;
      while (found.size() < most && !time.now().isAfter(deadline)) {
        key = db.number("SELECT max(id) FROM report WHERE id < ?", -1, key);
        if (key < 0) {
          break;
        }
        for (Segment segment : Segments.between(db, Part.REPORTS, key, key, 1)) {
          for (JournalRecord record : decoded(segment).reversed()) {
            if (found.size() < most && kind.isInstance(record) && wanted.test(kind.cast(record))) {
              found.add(kind.cast(record));
            }
          }
        }
      }
    } catch (SQLException e) {
      failed(e);
    }
    return found;
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
      Database db = reader();
      for (Epoch each : store.epochs.all().reversed()) {
        if (epoch.isEmpty() || each.id().equals(epoch)) {
          JournalRecord found = record(db, each, seq);
          if (found != null) {
            return found;
          }
        }
      }
    } catch (SQLException e) {
      failed(e);
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
  public synchronized Found<IntervalRecord> intervals(
      Set<String> lengths, long fromMillis, long toMillis, int most) {
    List<IntervalRecord> found = new ArrayList<>();
    MonotonicInstant deadline = time.now().plusNanos(MOST_REPORT_NANOS);
    try {
      Database db = reader();
      long key = -1;
      while (true) {
        List<Segment> chunk = Segments.intervalsBetween(db, key, fromMillis, toMillis, CHUNK);
        for (Segment segment : chunk) {
          key = segment.key();
          for (JournalRecord record : decoded(segment)) {
            if (record instanceof IntervalRecord interval && lengths.contains(interval.length())) {
              if (found.size() == most) {
                return new Found<>(found, false);
              }
              found.add(interval);
            }
          }
        }
        if (chunk.size() < CHUNK) {
          return new Found<>(found, true);
        }
        if (time.now().isAfter(deadline)) {
          return new Found<>(found, false);
        }
      }
    } catch (SQLException e) {
      failed(e);
      return new Found<>(found, false);
    }
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
    List<DataRecord> found = new ArrayList<>();
    MonotonicInstant deadline = time.now().plusNanos(MOST_NANOS);
    try {
      Database db = reader();
      long key =
          db.number("SELECT id FROM mark WHERE ms <= ? ORDER BY id DESC LIMIT 1", 0, fromMillis);
      while (true) {
        List<Segment> chunk = Segments.between(db, Part.DATA, key, Long.MAX_VALUE, CHUNK);
        for (Segment segment : chunk) {
          key = segment.key() + 1;
          if (segment.millis() != JournalRecord.UNDATED && segment.millis() >= toMillis) {
            return new Found<>(found, true);
          }
          for (JournalRecord record : decoded(segment)) {
            if (record instanceof DataRecord data
                && data.sample().device().equals(device)
                && data.tsMillis() >= fromMillis
                && data.tsMillis() < toMillis) {
              if (found.size() == most) {
                return new Found<>(found, false);
              }
              found.add(data);
            }
          }
        }
        if (chunk.size() < CHUNK) {
          return new Found<>(found, true);
        }
        if (time.now().isAfter(deadline)) {
          return new Found<>(found, false);
        }
      }
    } catch (SQLException e) {
      failed(e);
      return new Found<>(found, false);
    }
  }

  private Database reader() throws SQLException {
    Database open = reader;
    if (open != null && generation == store.generation()) {
      return open;
    }
    close();
    generation = store.generation();
    open = store.reader();
    reader = open;
    return open;
  }

  private void failed(SQLException e) {
    close();
    if (Database.isDamage(e)) {
      store.foundDamaged();
    }
  }

  @Override
  public synchronized void close() {
    Database open = reader;
    reader = null;
    if (open != null) {
      open.close();
    }
  }
}
