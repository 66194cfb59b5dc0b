package io.lingtan.agent.journal;

import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.code.Segment.Part;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.number.Drops;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Segments;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.JournalRecord;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads again what an epoch holds, delivered or not, in pieces: each a few short reads, so that
 * nobody keeps the WAL from being copied back. Publisher thread.
 */
final class Rereading {
  private static final int ROWS = 256;

  private final Store store;
  private long lastKey = -1;
  private List<JournalRecord> lastRecords = List.of();

  Rereading(Store store) {
    this.store = store;
  }

  /** Forgets what it has read: the file may be another one. */
  void clear() {
    lastKey = -1;
    lastRecords = List.of();
  }

  /** Rows of both classes, ascending, and up to which number they are all there are. */
  private record Rows(List<Segments.Row> rows, long upTo) {}

  /** Collects one piece. */
  private static final class Piece {
    private final List<JournalRecord> records = new ArrayList<>();
    private final List<Range> gone = new ArrayList<>();
    private long count;
    private long held;
    private long next;

    Piece(long from) {
      next = from;
    }

    boolean isFull(int most) {
      return most > 0 && records.size() >= most;
    }

    void gone(long from, long to) {
      Range last = gone.isEmpty() ? null : gone.getLast();
      if (last != null && last.to() == from - 1) {
        gone.set(gone.size() - 1, new Range(last.from(), to));
      } else if (from <= to) {
        gone.add(new Range(from, to));
      }
    }

    Reread taken() {
      return new Reread(records, count, held, gone, next);
    }
  }

  /**
   * One piece.
   *
   * @param from first number, ≥ 1
   * @param to last number, at most the epoch's last
   * @param most most records to read; 0 to look only, which costs little for each segment
   */
  Reread piece(Database db, Epoch epoch, long from, long to, int most) throws SQLException {
    List<JournalRecord> recent = store.tail.from(epoch.id(), from);
    Piece piece = new Piece(from);
    if (recent != null) {
      recent(epoch, recent, to, most, piece);
      return piece.taken();
    }
    // Before the rows: what is written meanwhile must not look as if it were gone.
    long written = db.number("SELECT last FROM epoch WHERE number = ?", 0, epoch.number());
    // What memory holds is left for the next piece: of it not all may be written.
    Rows rows = rows(db, epoch, from, Math.min(to, store.tail.first(epoch.id()) - 1));
    for (Segments.Row row : rows.rows()) {
      if (piece.isFull(most)) {
        return piece.taken();
      }
      if (row.first() > piece.next) {
        absent(piece, Math.min(row.first() - 1, rows.upTo()), written);
      }
      long last = Math.min(row.last(), rows.upTo());
      if (last >= piece.next) {
        present(db, epoch, row, last, most, piece);
      }
    }
    if (!piece.isFull(most)) {
      absent(piece, rows.upTo(), written);
    }
    return piece.taken();
  }

  private void recent(Epoch epoch, List<JournalRecord> recent, long to, int most, Piece piece) {
    Range reused = reused(epoch);
    for (JournalRecord record : recent) {
      if (record.seq() > to || piece.isFull(most)) {
        return;
      }
      add(epoch, record, reused, most, piece);
    }
  }

  private void add(
      Epoch epoch, JournalRecord record, @Nullable Range reused, int most, Piece piece) {
    long seq = record.seq();
    JournalRecord deliverable = store.boots.deliverable(record);
    if ((reused != null && seq >= reused.from() && seq <= reused.to())
        || store.isRetold(epoch, record)) {
      piece.gone(seq, seq);
    } else if (deliverable == null) {
      piece.held++;
    } else {
      piece.count++;
      if (most > 0) {
        piece.records.add(deliverable);
      }
    }
    piece.next = seq + 1;
  }

  /** Nothing is there up to this number: gone, unless it was numbered and is not written yet. */
  private static void absent(Piece piece, long upTo, long written) {
    if (upTo < piece.next) {
      return;
    }
    if (piece.next <= written) {
      piece.gone(piece.next, Math.min(upTo, written));
    }
    piece.held += Math.max(0, upTo - Math.max(piece.next - 1, written));
    piece.next = upTo + 1;
  }

  private void present(Database db, Epoch epoch, Segments.Row row, long last, int most, Piece piece)
      throws SQLException {
    Range reused = reused(epoch);
    boolean isReused =
        (reused != null && last >= reused.from() && piece.next <= reused.to())
            || (row.part() == Part.REPORTS
                && store.retold.mayBeRetold(epoch.key(piece.next), epoch.key(last)));
    if (store.boots.isHeld(row.boot())) {
      piece.held += last - piece.next + 1;
    } else if (most == 0 && !isReused) {
      piece.count += last - piece.next + 1;
    } else {
      for (JournalRecord record : records(db, epoch, row)) {
        if (piece.isFull(most)) {
          return;
        }
        if (record.seq() >= piece.next && record.seq() <= last) {
          add(epoch, record, reused, most, piece);
        }
      }
      if (piece.next <= last) {
        piece.gone(piece.next, last); // damaged, or deleted since
      }
    }
    piece.next = last + 1;
  }

  private Rows rows(Database db, Epoch epoch, long from, long to) throws SQLException {
    List<Segments.Row> all = new ArrayList<>();
    long upTo = to;
    for (Part part : Part.values()) {
      long start = Segments.startKey(db, part, epoch.number(), from);
      List<Segments.Row> some = Segments.rows(db, part, start, epoch.key(to), ROWS);
      all.addAll(some);
      // Beyond the last of a full answer the other class may not be taken yet.
      upTo = some.size() == ROWS ? Math.min(upTo, some.getLast().last()) : upTo;
    }
    long end = upTo;
    all.removeIf(row -> row.first() > end);
    all.sort(Comparator.comparingLong(Segments.Row::key));
    return new Rows(all, upTo);
  }

  private List<JournalRecord> records(Database db, Epoch epoch, Segments.Row row)
      throws SQLException {
    if (row.key() == lastKey) {
      return lastRecords;
    }
    List<Segment> one = Segments.between(db, row.part(), row.key(), row.key(), 1);
    if (one.isEmpty()) {
      return List.of();
    }
    try {
      lastRecords = List.copyOf(store.segments.decode(epoch.id(), one.getFirst()));
      lastKey = row.key();
      return lastRecords;
    } catch (DamagedSegment e) {
      return List.of(); // Whoever delivers it declares it; of what was delivered it is history.
    }
  }

  /**
   * Numbers under which somebody else has published another content, and which therefore never
   * leave: without a gap between them, so that the drops that declare them span them exactly.
   */
  private @Nullable Range reused(Epoch epoch) {
    Range known = store.lineage.reused(epoch);
    if (known != null) {
      return known;
    }
    // Of a version that did not note them.
    if (!"store_ahead".equals(epoch.ended())) {
      return null;
    }
    Range span = null;
    for (Drop drop : epoch.drops()) {
      if (drop.reason().equals("number_reused") || drop.reason().equals(Drops.SEVERAL)) {
        span =
            span == null
                ? new Range(drop.from(), drop.to())
                : new Range(Math.min(span.from(), drop.from()), Math.max(span.to(), drop.to()));
      }
    }
    return span;
  }
}
