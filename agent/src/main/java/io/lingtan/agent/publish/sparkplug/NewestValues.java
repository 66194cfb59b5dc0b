package io.lingtan.agent.publish.sparkplug;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.publish.sparkplug.Metric.Good;
import io.lingtan.agent.publish.sparkplug.Metric.Value;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The newest value of everything, connected or not: what a birth says. */
final class NewestValues {

  private static final JsonFactory JSON = new JsonFactory();

  /** Up to here a double divided by a million is the nearest one to the decimal number. */
  private static final long EXACT = 1L << 53;

  /**
   * What is known of one value.
   *
   * @param value null: there is none
   * @param tsMillis UTC ms since when it is so
   */
  record Known(@Nullable Value value, Good quality, long tsMillis) {}

  private static final class Device {
    private final SortedMap<Point, Known> points = new TreeMap<>();
    private long tsMillis = Long.MIN_VALUE;
    private boolean away;
  }

  private final Map<String, Device> devices = new HashMap<>();
  private final Map<String, Known> figures = new HashMap<>();

  /**
   * Takes a dated record, if it is not older than what is known of its device.
   *
   * @return false if it is older
   */
  boolean take(DataRecord record) {
    Sample sample = record.sample();
    Device device = devices.computeIfAbsent(sample.device(), id -> new Device());
    if (record.tsMillis() < device.tsMillis) {
      return false;
    }
    device.tsMillis = record.tsMillis();
    Reason failed = sample.failed();
    device.away = failed != null && failed.equals(Reason.OFFLINE);
    device.points.putAll(said(record, device.points.keySet()));
    return true;
  }

  /**
   * What a record says of each point.
   *
   * @param all of the device: a poll that failed wholly says of them that there is nothing
   */
  static SortedMap<Point, Known> said(DataRecord record, Iterable<Point> all) {
    SortedMap<Point, Known> said = new TreeMap<>();
    Sample sample = record.sample();
    long ts = record.tsMillis();
    Reason failed = sample.failed();
    if (failed != null) {
      all.forEach(point -> said.put(point, new Known(null, quality(failed), ts)));
    }
    sample.bad().forEach((point, why) -> said.put(point, new Known(null, quality(why), ts)));
    Values values = sample.values();
    for (int i = 0; i < values.size(); i++) {
      Point point = values.point(i);
      said.put(point, new Known(value(point, values.micros(i)), Good.GOOD, ts));
    }
    String state = values.state();
    if (state != null) {
      said.put(Point.of(Quantity.STATE), new Known(new Value.Text(state), Good.GOOD, ts));
    }
    return said;
  }

  private static Value value(Point point, long held) {
    return switch (point.form()) {
      case null -> new Value.Decimal(number(held));
      case Form.Decimals _, Form.Binary _ -> new Value.Decimal(point.number(held));
      case Form.Texts _ -> new Value.Text(point.text(held));
      case Form.Bits _ -> new Value.Whole(held);
    };
  }

  /** The double next to the decimal number, as a reader of the record's JSON gets it. */
  static double number(long micros) {
    return Math.abs(micros) <= EXACT ? micros / 1e6 : BigDecimal.valueOf(micros, 6).doubleValue();
  }

  /** Nothing came: what was known is old. Something came that is no value: bad. */
  private static Good quality(Reason reason) {
    return reason.equals(Reason.TIMEOUT)
            || reason.equals(Reason.OFFLINE)
            || reason.equals(Reason.STALE)
        ? Good.STALE
        : Good.BAD;
  }

  /** Whether the device is there, as far as is known. */
  boolean isThere(String device) {
    Device known = devices.get(device);
    return known != null && !known.away;
  }

  /** What is known of a device's points. */
  SortedMap<Point, Known> of(String device) {
    Device known = devices.get(device);
    return known == null ? new TreeMap<>() : Collections.unmodifiableSortedMap(known.points);
  }

  /** What is known of a figure, null if nothing is. */
  @Nullable Known figure(String name) {
    return figures.get(name);
  }

  /** Takes a figure; false if a later interval's is known. */
  boolean take(String name, Known figure) {
    Known before = figures.get(name);
    if (before != null && before.tsMillis() > figure.tsMillis()) {
      return false;
    }
    figures.put(name, figure);
    return true;
  }

  /**
   * The figures of an interval record by their names there, as of the end of the interval. What is
   * estimated or derived is good; what is partial or suspect is not, and keeps its value.
   */
  static SequencedMap<String, Known> figures(IntervalRecord record) {
    SequencedMap<String, Known> figures = new LinkedHashMap<>();
    Map<String, String[]> said = new LinkedHashMap<>();
    long end = record.tsMillis();
    try (JsonParser json = JSON.createParser(record.json())) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        json.nextToken();
        if (name.equals("end")) {
          end = json.getLongValue();
        } else if (name.equals("metrics")) {
          metrics(json, said);
        } else {
          json.skipChildren();
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("record " + record.seq() + " is no JSON", e);
    }
    long at = end;
    said.forEach(
        (name, figure) ->
            figures.put(
                name,
                new Known(
                    figure[0] == null ? null : new Value.Decimal(Double.parseDouble(figure[0])),
                    quality(figure[1]),
                    at)));
    return figures;
  }

  private static void metrics(JsonParser json, Map<String, String[]> to) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      String[] figure = new String[2];
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String member = json.currentName();
        json.nextToken();
        if (member.equals("v")) {
          figure[0] = json.getText();
        } else if (member.equals("q")) {
          figure[1] = json.getText();
        } else {
          json.skipChildren();
        }
      }
      to.put(name, figure);
    }
  }

  private static Good quality(@Nullable String word) {
    return Quality.PARTIAL.word().equals(word)
            || Quality.SUSPECT.word().equals(word)
            || Quality.MISSING.word().equals(word)
        ? Good.BAD
        : Good.GOOD;
  }
}
