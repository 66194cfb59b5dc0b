package io.lingtan.agent.journal;

import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Point;
import java.util.Map;

/**
 * Which records a device's values are in.
 *
 * @param newest its newest record, whatever is in it
 * @param holding the newest record with a value of a point, by point; records of this process only
 */
public record RecordedSnapshot(DataRecord newest, Map<Point, DataRecord> holding) {
  public RecordedSnapshot {
    holding = Map.copyOf(holding);
  }
}
