package io.lingtan.agent.journal;

import io.lingtan.agent.journal.HistoryCoverage.Cell;
import io.lingtan.agent.journal.HistoryCoverage.Row;
import io.lingtan.agent.journal.HistoryCoverage.Wanted;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts what became of samples. */
final class Covering implements Walk.Visitor {

  private final long fromMillis;
  private final long toMillis;
  private final int parts;
  private final List<Wanted> wanted;
  private final Map<String, int[][]> counts = new HashMap<>();
  private final long[] skipped;
  private final boolean[] lost;
  private @Nullable Segment before;

  Covering(List<Wanted> wanted, long fromMillis, long toMillis, int parts) {
    this.wanted = wanted;
    this.fromMillis = fromMillis;
    this.toMillis = toMillis;
    this.parts = parts;
    this.skipped = new long[parts];
    this.lost = new boolean[parts];
    wanted.forEach(each -> counts.put(each.device(), new int[parts][3]));
  }

  @Override
  public void sample(Epoch epoch, DataRecord record) {
    int[][] cells = counts.get(record.sample().device());
    if (cells != null) {
      int[] cell = cells[part(record.tsMillis())];
      cell[record.sample().values().isEmpty() ? 1 : 0]++;
      cell[2] += epoch.isSettled(record.seq()) ? 0 : 1;
    }
  }

  @Override
  public void skipped(long from, long to) {
    before = null;
    for (int i = part(from); i <= part(to); i++) {
      long start = Math.max(from, start(i));
      skipped[i] += Math.max(0, Math.min(to, start(i + 1)) - start);
    }
  }

  @Override
  public void segment(Epoch epoch, Segment segment) {
    Segment last = before;
    before = segment;
    if (segment.millis() == JournalRecord.UNDATED) {
      return;
    }
    boolean sameEpoch = last != null && last.epoch() == segment.epoch();
    long after = sameEpoch && last != null ? last.last() : 0;
    for (Drop drop : epoch.drops()) {
      if (drop.kind() == Kind.DATA && drop.from() < segment.first() && drop.to() > after) {
        int from = last == null || last.millis() == JournalRecord.UNDATED ? 0 : part(last.millis());
        for (int i = from; i <= part(segment.millis()); i++) {
          lost[i] = true;
        }
      }
    }
  }

  private int part(long millis) {
    double share = (double) (millis - fromMillis) / (toMillis - fromMillis);
    return Math.clamp((long) (share * parts), 0, parts - 1);
  }

  private long start(int part) {
    return fromMillis + (long) ((double) (toMillis - fromMillis) * part / parts);
  }

  List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (Wanted each : wanted) {
      int[][] found = counts.get(each.device());
      List<Cell> cells = new ArrayList<>();
      for (int i = 0; found != null && i < parts; i++) {
        int[] cell = found[i];
        long looked = Math.max(0, start(i + 1) - start(i) - skipped[i]);
        cells.add(new Cell(looked, cell[0], cell[1], cell[2], lost[i]));
      }
      rows.add(new Row(each, cells));
    }
    return rows;
  }
}
