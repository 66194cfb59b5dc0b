package io.lingtan.agent.journal;

import io.lingtan.agent.reading.Point;
import java.util.List;

/**
 * What points did in a time, reduced to equal parts of it.
 *
 * @param fromMillis UTC ms, inclusive
 * @param toMillis UTC ms, exclusive
 * @param parts how many parts the time is cut into
 * @param lines one for each point that was asked for, in that order
 * @param complete false if there was more than could be looked at: then peaks and short gaps may be
 *     missing
 * @param segments how many segments were read for it
 */
public record HistoryChart(
    long fromMillis, long toMillis, int parts, List<Line> lines, boolean complete, int segments) {

  public HistoryChart {
    lines = List.copyOf(lines);
  }

  /**
   * A point of a device.
   *
   * @param periodMillis how far apart its readings are at most while all is well, > 0
   */
  public record Wanted(String device, Point point, long periodMillis) {
    public Wanted {
      if (periodMillis <= 0) {
        throw new IllegalArgumentException("a period is above 0, was " + periodMillis + " ms");
      }
    }
  }

  /**
   * What a point did in a part.
   *
   * @param part 0-based
   * @param min lowest value in it, millionths of the point's unit; of all polls where they are told
   * @param max highest value in it
   * @param last value of its last reading
   */
  public record Span(int part, long min, long max, long last) {}

  /**
   * A stretch without a reading for longer than {@value Charting#GAP_PERIODS} periods, from the
   * reading before it until the one after it.
   *
   * @param fromMillis UTC ms
   * @param toMillis UTC ms, later
   */
  public record Gap(long fromMillis, long toMillis) {}

  /**
   * One point.
   *
   * @param spans ascending; parts without a value are left out
   * @param gaps ascending, the first {@value Charting#MOST_GAPS}
   * @param gapMillis how long all gaps are together
   */
  public record Line(Wanted wanted, List<Span> spans, List<Gap> gaps, long gapMillis) {
    public Line {
      spans = List.copyOf(spans);
      gaps = List.copyOf(gaps);
    }
  }
}
