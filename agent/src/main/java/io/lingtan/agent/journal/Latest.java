package io.lingtan.agent.journal;

import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Values;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Of each device the newest records that its values are in, for whoever asks where a number is. At
 * most one record for each point; at most {@value #MOST_DEVICES} devices, beyond which the one that
 * was recorded least recently is forgotten. The ledger's thread adds, any thread looks.
 */
final class Latest {

  static final int MOST_DEVICES = 1024;

  private static final Point STATE = Point.of(Quantity.STATE);

  private static final class Device {
    private DataRecord newest;
    private final Map<Point, DataRecord> holding = new HashMap<>();

    Device(DataRecord first) {
      newest = first;
    }

    void add(DataRecord record) {
      newest = record;
      Values values = record.sample().values();
      for (int i = 0; i < values.size(); i++) {
        holding.put(values.point(i), record);
      }
      if (values.state() != null) {
        holding.put(STATE, record);
      }
    }
  }

  private final LinkedHashMap<String, Device> devices = new LinkedHashMap<>(16, 0.75f, true);

  /** Records that have their numbers now, ascending. */
  synchronized void add(List<? extends JournalRecord> records) {
    for (JournalRecord record : records) {
      if (record instanceof DataRecord data) {
        devices.computeIfAbsent(data.sample().device(), id -> new Device(data)).add(data);
        if (devices.size() > MOST_DEVICES) {
          devices.pollFirstEntry();
        }
      }
    }
  }

  /** As it is now, by device. */
  synchronized Map<String, RecordedSnapshot> snapshot() {
    Map<String, RecordedSnapshot> all = new HashMap<>();
    devices.forEach(
        (id, device) -> all.put(id, new RecordedSnapshot(device.newest, device.holding)));
    return all;
  }
}
