package io.lingtan.agent.publish.lane;

import io.lingtan.agent.publish.lane.Window.Load;
import io.lingtan.agent.publish.lane.Window.Way;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Topics;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.MonotonicInstant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * {@code state/{device}}: the last values, QoS 0 and retained, for dashboards that keep nothing. At
 * most one message a second per device; a value inside its deadband stays as it was last recorded.
 * A point that became bad has no value but its reason, until it has a value again.
 */
public final class StateTopics {

  private static final long SPACING_NANOS = 1_000_000_000L;

  private static final class Device {
    Values values = Values.NONE;
    final SortedMap<Point, Reason> bad = new TreeMap<>();
    DataRecord newest;
    boolean changed = true;
    MonotonicInstant next = new MonotonicInstant(0);

    Device(DataRecord newest) {
      this.newest = newest;
    }
  }

  private final Topics topics;
  private final Map<String, Device> devices = new LinkedHashMap<>();

  public StateTopics(Topics topics) {
    this.topics = topics;
  }

  void seen(DataRecord record) {
    Sample sample = record.sample();
    Device device = devices.computeIfAbsent(sample.device(), id -> new Device(record));
    device.newest = record;
    if (sample.failed() != null) {
      device.values = Values.NONE;
      device.bad.clear();
    } else {
      Values kept = device.values.without(sample.bad().keySet());
      device.values = new Values.Builder().putAll(kept).putAll(sample.values()).build();
      device.bad.keySet().removeIf(sample.values()::has);
    }
    device.bad.putAll(sample.bad());
    device.changed = true;
  }

  int send(Sending sending, MonotonicInstant now) {
    int sent = 0;
    for (var entry : devices.entrySet()) {
      Device device = entry.getValue();
      if (device.changed && !now.isBefore(device.next)) {
        byte[] payload = json(device).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Message message = new Message(topics.state(entry.getKey()), payload, 0, true, null);
        if (sending.fits(message) && !sending.send(message, Way.CONTROL, Load.NONE, now)) {
          return sent;
        }
        device.changed = false;
        device.next = now.plusNanos(SPACING_NANOS);
        sent++;
      }
    }
    return sent;
  }

  MonotonicInstant due() {
    MonotonicInstant due = MonotonicInstant.NEVER;
    for (Device device : devices.values()) {
      if (device.changed) {
        due = due.min(device.next);
      }
    }
    return due;
  }

  /** A new connection may lead to a broker that kept nothing. */
  public void connected() {
    devices.values().forEach(device -> device.changed = true);
  }

  private static String json(Device device) {
    return Json.object(
        json -> {
          DataRecord newest = device.newest;
          if (newest.tsMillis() != DataRecord.UNDATED) {
            json.writeNumberField("ts", newest.tsMillis());
          }
          json.writeObjectFieldStart("values");
          Values values = device.values;
          for (int i = 0; i < values.size(); i++) {
            json.writeFieldName(values.point(i).name());
            RecordJson.value(json, values.point(i), values.micros(i), 0);
          }
          String state = values.state();
          if (state != null) {
            json.writeStringField(Quantity.STATE.key(), state);
          }
          json.writeEndObject();
          Reason failed = newest.sample().failed();
          if (failed != null || !device.bad.isEmpty()) {
            json.writeObjectFieldStart("bad");
            if (failed != null) {
              json.writeStringField("*", failed.code());
            }
            for (Map.Entry<Point, Reason> entry : device.bad.entrySet()) {
              json.writeStringField(entry.getKey().name(), entry.getValue().code());
            }
            json.writeEndObject();
          }
        });
  }
}
