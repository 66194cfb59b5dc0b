package io.lingtan.simulator.bench;

import io.lingtan.simulator.beside.Subscriber.Arrival;
import io.lingtan.simulator.json.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what arrives of any candidate, and counts it. One thread. */
final class Sink {

  /**
   * What came.
   *
   * @param messages all of them, also those without a value
   * @param bytes of their topics and payloads
   * @param values of meters
   * @param compared of these, how many came with the moment of their reading
   * @param wrong of those compared, how many are not what the meter had at that moment
   */
  record Count(long messages, long bytes, long values, long compared, long wrong) {

    static final Count NONE = new Count(0, 0, 0, 0, 0);

    Count since(Count before) {
      return new Count(
          messages - before.messages,
          bytes - before.bytes,
          values - before.values,
          compared - before.compared,
          wrong - before.wrong);
    }
  }

  /** The plugin's topics: PREFIX/HOST/PLUGIN-INSTANCE/TYPE-INSTANCE, and TIME:VALUE. */
  private static final Pattern COLLECTD =
      Pattern.compile("collectd/bench/modbus-m(\\d+)/gauge-(\\w+)");

  private static final Pattern TIMED = Pattern.compile("[0-9.]+:([-+0-9.eE]+)");

  /** Clocks of one machine that are looked at one after the other. */
  private static final long AHEAD_MILLIS = 1_000;

  private final Readings readings;
  private Count count = Count.NONE;
  private long firstMillis = -1;

  Sink(Readings readings) {
    this.readings = readings;
  }

  Count count() {
    return count;
  }

  /** When the first value came, UTC; -1 if none has. */
  long firstMillis() {
    return firstMillis;
  }

  void take(Arrival arrival) {
    add(1, arrival.topic().length() + arrival.payload().length, 0, 0, 0);
    long before = count.values;
    try {
      String topic = arrival.topic();
      if (topic.startsWith("bench/") || topic.contains("/data/")) {
        record(Json.read(arrival.payload()), arrival.atMillis());
      } else if (topic.endsWith("/batch")) {
        for (Json record : Json.read(arrival.payload()).objects("records")) {
          record(record, arrival.atMillis());
        }
      } else {
        plain(topic, arrival);
      }
    } catch (IOException | NumberFormatException e) {
      add(0, 0, 0, 1, 1);
    }
    if (before == 0 && count.values > 0) {
      firstMillis = arrival.atMillis();
    }
  }

  private void add(long messages, long bytes, long values, long compared, long wrong) {
    count =
        new Count(
            count.messages + messages,
            count.bytes + bytes,
            count.values + values,
            count.compared + compared,
            count.wrong + wrong);
  }

  private void record(Json record, long atMillis) {
    Json values = record.object("values");
    BigDecimal moment = values.decimal(WideMeters.name(WideMeters.MOMENT));
    String device = record.text("device");
    if (moment == null || device == null) {
      return;
    }
    int unit = Integer.parseInt(device.substring(1));
    long millis = millis(moment, atMillis);
    String key = record.has("seq") ? record.text("epoch") + ":" + record.number("seq", -1) : null;
    if (!readings.arrived(unit, millis, key, atMillis)) {
      return;
    }
    int right = 0;
    for (int i = 0; i < WideMeters.WIDTH; i++) {
      BigDecimal there = values.decimal(WideMeters.name(i));
      long value = WideMeters.value(unit, i, millis);
      BigDecimal truth = BigDecimal.valueOf(value, WideMeters.decimals(i));
      right += there != null && there.compareTo(truth) == 0 ? 1 : 0;
    }
    int all = values.members().size();
    add(0, 0, all, all, all - right);
  }

  private static long millis(BigDecimal moment, long atMillis) {
    long latest = atMillis + AHEAD_MILLIS;
    return latest - Math.floorMod(latest - moment.longValue(), WideMeters.CYCLE_MILLIS);
  }

  private void plain(String topic, Arrival arrival) {
    Matcher place = COLLECTD.matcher(topic);
    Matcher timed = TIMED.matcher(new String(arrival.payload(), StandardCharsets.US_ASCII));
    if (!place.matches() || !timed.lookingAt()) {
      return;
    }
    add(0, 0, 1, 0, 0);
    if (place.group(2).equals(WideMeters.name(WideMeters.MOMENT))) {
      @Nullable String none = null;
      int unit = Integer.parseInt(place.group(1));
      long millis = millis(new BigDecimal(timed.group(1)), arrival.atMillis());
      readings.arrived(unit, millis, none, arrival.atMillis());
    }
  }
}
