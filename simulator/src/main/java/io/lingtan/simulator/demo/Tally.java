package io.lingtan.simulator.demo;

import io.lingtan.simulator.json.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes records from messages, each once: {@code (epoch, seq)} is the key within a gateway. A
 * reading, interval revision or event that comes under a second key is counted as twice. One
 * thread.
 */
final class Tally {

  /**
   * Epochs of one demo; more than this many are not told apart any more, and count as unreadable.
   */
  private static final int MOST_EPOCHS = 1_000;

  private static final int MOST_SEQ = 100_000_000;

  private final Map<String, BitSet> seen = new HashMap<>();
  private final Set<String> things = new HashSet<>();
  private final NavigableMap<Long, Json> intervals = new TreeMap<>();
  private final SortedMap<String, Integer> events = new TreeMap<>();
  private final List<Json> starts = new ArrayList<>();
  private long records;
  private long values;
  private long again;
  private long twice;
  private long unreadable;
  private final Map<String, Integer> absent = new HashMap<>();

  /** Told of each new data record. */
  interface OnReading {
    void read(Reading reading);
  }

  /** Takes in one message of the gateway's. */
  void take(String topic, byte[] payload, long arrivedMillis, OnReading onReading) {
    String[] levels = topic.split("/", -1);
    if (levels.length < 4) {
      return;
    }
    switch (levels[3]) {
      case "data", "interval", "event", "batch" -> {
        try {
          Json message = Json.read(payload);
          if (levels[3].equals("batch")) {
            message.objects("records").forEach(record -> record(record, arrivedMillis, onReading));
          } else {
            record(message, arrivedMillis, onReading);
          }
        } catch (IOException e) {
          unreadable++;
        }
      }
      default -> {}
    }
  }

  private void record(Json record, long arrivedMillis, OnReading onReading) {
    String epoch = record.text("epoch");
    long seq = record.number("seq", -1);
    long ts = record.number("ts", -1);
    if (epoch == null
        || seq < 1
        || seq > MOST_SEQ
        || ts < 0
        || (seen.size() >= MOST_EPOCHS && !seen.containsKey(epoch))) {
      unreadable++;
      return;
    }
    BitSet known = seen.computeIfAbsent(epoch, id -> new BitSet());
    if (known.get((int) seq)) {
      again++;
      return;
    }
    known.set((int) seq);
    records++;
    String device = record.text("device");
    String event = record.text("event");
    if (event != null) {
      event(record, event, ts);
    } else if (record.has("interval")) {
      interval(record);
    } else if (device != null) {
      reading(record, device, ts, arrivedMillis, onReading);
    } else {
      unreadable++;
    }
  }

  private void event(Json record, String event, long ts) {
    once("event " + event + ' ' + record.text("device") + ' ' + ts + ' ' + record.object("detail"));
    events.merge(event, 1, Integer::sum);
    if (event.equals("agent.start")) {
      starts.add(record);
    }
  }

  private void interval(Json record) {
    long start = record.number("start", -1);
    long rev = record.number("rev", -1);
    once("interval " + record.text("interval") + ' ' + start + ' ' + rev);
    if ("1m".equals(record.text("interval"))) {
      intervals.merge(
          start,
          record,
          (known, now) -> now.number("rev", 0) >= known.number("rev", 0) ? now : known);
    }
  }

  private void reading(Json record, String device, long ts, long arrived, OnReading onReading) {
    once("data " + device + ' ' + ts);
    Map<String, BigDecimal> numbers = new LinkedHashMap<>();
    record
        .object("values")
        .members()
        .forEach(
            (point, value) -> {
              values++;
              if (value instanceof BigDecimal number) {
                numbers.put(point, number);
              }
            });
    if (record.object("bad").has("*")) {
      absent.merge(device, 1, Integer::sum);
    }
    onReading.read(new Reading(device, ts, arrived, numbers));
  }

  private void once(String thing) {
    if (!things.add(thing)) {
      twice++;
    }
  }

  /** Latest revision of each one-minute interval, by its start. */
  NavigableMap<Long, Json> intervals() {
    return intervals;
  }

  /** How many events of each name came. */
  SortedMap<String, Integer> events() {
    return events;
  }

  /** The last {@code agent.start}, if one came. */
  @Nullable Json lastStart() {
    return starts.isEmpty() ? null : starts.getLast();
  }

  /** Different records. */
  long records() {
    return records;
  }

  /** Values in different data records, text states included. */
  long values() {
    return values;
  }

  /** Records received again under the same key: harmless. */
  long again() {
    return again;
  }

  /** Things received under two keys. */
  long twice() {
    return twice;
  }

  long unreadable() {
    return unreadable;
  }

  /** Polls of a device that wholly failed, and said so. */
  int absent(String device) {
    return absent.getOrDefault(device, 0);
  }
}
