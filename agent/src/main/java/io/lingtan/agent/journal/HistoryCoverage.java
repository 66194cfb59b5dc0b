package io.lingtan.agent.journal;

import java.util.List;

/**
 * What became of the readings of a time, by device and equal parts of it.
 *
 * @param fromMillis UTC ms, inclusive
 * @param toMillis UTC ms, exclusive
 * @param devices in the order asked for
 * @param complete false if only some of each part was looked at
 */
public record HistoryCoverage(long fromMillis, long toMillis, List<Row> devices, boolean complete) {

  public HistoryCoverage {
    devices = List.copyOf(devices);
  }

  /**
   * A device.
   *
   * @param periodMillis how far apart its records are
   */
  public record Wanted(String device, long periodMillis) {}

  /** A device's parts, ascending. */
  public record Row(Wanted wanted, List<Cell> cells) {
    public Row {
      cells = List.copyOf(cells);
    }
  }

  /**
   * A device in a part.
   *
   * @param lookedMillis how much of the part was looked at
   * @param read records with values
   * @param failed records that say that there was no answer
   * @param waiting of both, those that are not acknowledged yet
   * @param lost whether records were dropped here that nobody had acknowledged; whose they were is
   *     not known
   */
  public record Cell(long lookedMillis, int read, int failed, int waiting, boolean lost) {}
}
