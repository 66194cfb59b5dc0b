package io.lingtan.agent.journal;

import io.lingtan.agent.journal.HistoryChart.Gap;
import io.lingtan.agent.journal.HistoryChart.Span;
import io.lingtan.agent.journal.HistoryChart.Wanted;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Sample.Stat;
import io.lingtan.agent.reading.Values;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reduces samples to the lines of a chart, all in one pass. */
final class Charting implements Walk.Visitor {

  /** Readings may fail twice in a row before a line is broken. */
  static final int GAP_PERIODS = 3;

  static final int MOST_GAPS = 512;

  private final long fromMillis;
  private final long toMillis;
  private final int parts;
  private final List<Line> lines;

  /** How much has been left out so far. */
  private long skippedMillis;

  Charting(List<Wanted> wanted, long fromMillis, long toMillis, int parts) {
    this.fromMillis = fromMillis;
    this.toMillis = toMillis;
    this.parts = parts;
    this.lines = wanted.stream().map(each -> new Line(each)).toList();
  }

  /** How long before the beginning a reading may be that the first one follows. */
  static long lead(List<Wanted> wanted) {
    return wanted.stream().mapToLong(Wanted::periodMillis).max().orElse(0) * GAP_PERIODS;
  }

  @Override
  public void sample(Epoch epoch, DataRecord sample) {
    for (Line line : lines) {
      if (line.wanted.device().equals(sample.sample().device())) {
        line.add(sample);
      }
    }
  }

  @Override
  public void skipped(long from, long to) {
    skippedMillis += Math.max(0, to - from);
  }

  /**
   * The lines.
   *
   * @param nowMillis UTC ms: what comes after it is no gap
   */
  List<HistoryChart.Line> lines(long nowMillis) {
    long end = Math.min(toMillis, nowMillis);
    return lines.stream().map(line -> line.made(end)).toList();
  }

  private final class Line {
    private final Wanted wanted;
    private final @Nullable Span[] spans = new @Nullable Span[parts];
    private final List<Gap> gaps = new ArrayList<>();
    private long gapMillis;
    private long lastMillis;
    private long skippedBefore;

    Line(Wanted wanted) {
      this.wanted = wanted;
      this.lastMillis = fromMillis - lead(List.of(wanted));
    }

    void add(DataRecord record) {
      Values values = record.sample().values();
      if (values.indexOf(wanted.point()) < 0) {
        return;
      }
      long millis = record.tsMillis();
      endGap(millis);
      lastMillis = Math.max(lastMillis, millis);
      skippedBefore = skippedMillis;
      if (millis < fromMillis) {
        return;
      }
      long value = values.micros(wanted.point());
      Stat stat = record.sample().stats().get(wanted.point());
      long min = stat == null ? value : Math.min(value, stat.min());
      long max = stat == null ? value : Math.max(value, stat.max());
      double share = (double) (millis - fromMillis) / (toMillis - fromMillis);
      int i = Math.min(parts - 1, (int) (share * parts));
      Span before = spans[i];
      spans[i] =
          before == null
              ? new Span(i, min, max, value)
              : new Span(i, Math.min(before.min(), min), Math.max(before.max(), max), value);
    }

    private void endGap(long millis) {
      long seen = millis - lastMillis - (skippedMillis - skippedBefore);
      if (seen <= GAP_PERIODS * wanted.periodMillis()) {
        return;
      }
      long from = Math.max(fromMillis, lastMillis);
      if (millis > from) {
        gapMillis += millis - from;
        if (gaps.size() < MOST_GAPS) {
          gaps.add(new Gap(from, millis));
        }
      }
    }

    HistoryChart.Line made(long end) {
      endGap(end);
      List<Span> found = new ArrayList<>();
      for (Span span : spans) {
        if (span != null) {
          found.add(span);
        }
      }
      return new HistoryChart.Line(wanted, found, gaps, gapMillis);
    }
  }
}
