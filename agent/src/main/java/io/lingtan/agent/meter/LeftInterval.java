package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Quality;
import java.util.HashMap;
import java.util.Map;

/**
 * An interval whose time the wall clock left before it was over.
 *
 * @param start of it, UTC ms
 * @param end of it, exclusive
 * @param left until when it was counted
 * @param counts of each line, by its name
 */
public record LeftInterval(long start, long end, long left, Map<String, Counted> counts) {

  /**
   * What a line had counted of it.
   *
   * @param since from when on that is known, UTC ms: the interval's start, if all of it is
   * @param counted millionths
   * @param coveredMillis how much of the time lies between points close enough to each other
   * @param brokenMillis of how much nobody knows what was counted
   * @param quality of the line where the interval begins, {@code MISSING} if it is not known there
   */
  record Counted(long since, long counted, long coveredMillis, long brokenMillis, Quality quality) {

    /** Of a line that nobody read before {@code since}. */
    static Counted nothing(long since) {
      return new Counted(since, 0, 0, 0, Quality.MISSING);
    }
  }

  public LeftInterval {
    counts = Map.copyOf(counts);
  }

  Counted of(String line, long otherwise) {
    return counts.getOrDefault(line, Counted.nothing(otherwise));
  }

  /** Writes it down, for {@link #read}. */
  public void write(CheckpointWriter to) {
    to.number(start).number(end).number(left).number(counts.size());
    counts.forEach(
        (line, count) -> {
          to.text(line).number(count.since).number(count.counted);
          to.number(count.coveredMillis).number(count.brokenMillis).text(count.quality.name());
        });
  }

  /**
   * What {@link #write} wrote.
   *
   * @throws IllegalArgumentException if the bytes are torn
   */
  public static LeftInterval read(CheckpointReader from) {
    long start = from.number();
    long end = from.number();
    long left = from.number();
    Map<String, Counted> counts = new HashMap<>();
    for (int rest = from.count(); rest > 0; rest--) {
      counts.put(
          from.text(),
          new Counted(
              from.number(),
              from.number(),
              from.number(),
              from.number(),
              Quality.valueOf(from.text())));
    }
    return new LeftInterval(start, end, left, counts);
  }
}
