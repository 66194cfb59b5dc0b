package io.lingtan.agent.ledger;

import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Times;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Which intervals of each length were told, and the highest revision of any of them: after a wall
 * clock was set back the same interval comes again, and must not have a number that it had before.
 */
final class Revisions {

  private final SequencedMap<String, Extent> byLength = new LinkedHashMap<>();

  private record Extent(Times times, int highest) {
    private static final Extent NOTHING = new Extent(Times.NONE, -1);
  }

  /** The first number of an interval that begins now: 0 unless it was told before. */
  int first(String length, long start, long end) {
    Extent told = byLength.getOrDefault(length, Extent.NOTHING);
    return told.times.within(Times.of(start, end)).isNone() ? 0 : told.highest + 1;
  }

  void add(Interval interval) {
    Extent told = byLength.getOrDefault(interval.length(), Extent.NOTHING);
    byLength.put(
        interval.length(),
        new Extent(
            told.times.and(Times.of(interval.startMillis(), interval.endMillis())),
            Math.max(told.highest, interval.rev())));
  }

  /** When intervals of this length that were told lie. */
  Times times(String length) {
    return byLength.getOrDefault(length, Extent.NOTHING).times;
  }

  void write(CheckpointWriter to) {
    to.number(byLength.size());
    byLength.forEach((length, told) -> to.text(length).times(told.times).number(told.highest));
  }

  void read(CheckpointReader from) {
    for (int left = from.count(); left > 0; left--) {
      byLength.put(from.text(), new Extent(from.times(), (int) from.number()));
    }
  }
}
