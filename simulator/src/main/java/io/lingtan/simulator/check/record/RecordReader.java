package io.lingtan.simulator.check.record;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.check.record.Received.Event;
import io.lingtan.simulator.check.record.Received.Interval;
import io.lingtan.simulator.check.record.Received.Metric;
import io.lingtan.simulator.check.record.Received.Reading;
import io.lingtan.simulator.check.record.Received.Value;
import io.lingtan.simulator.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads messages that carry records. */
public final class RecordReader {

  private static final JsonFactory JSON = new JsonFactory();

  private RecordReader() {}

  /** Told of each record, with its own bytes within the message. */
  public interface Sink {
    void record(Received record, byte[] message, int from, int length) throws IOException;
  }

  /**
   * Reads one record, or the records of a batch.
   *
   * @throws IOException if a part of it is none; those before it have been told
   */
  public static void read(byte[] message, Sink sink) throws IOException {
    try (JsonParser parser = JSON.createParser(message)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("not a JSON object");
      }
      Members record = new Members();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("records") && value == JsonToken.START_ARRAY) {
          batch(parser, message, sink);
          return;
        }
        record.member(name, value, parser);
      }
      sink.record(record.received(), message, 0, message.length);
    }
  }

  private static void batch(JsonParser parser, byte[] message, Sink sink) throws IOException {
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      int from = (int) parser.currentTokenLocation().getByteOffset();
      Members record = new Members();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        record.member(name, parser.nextToken(), parser);
      }
      int until = (int) parser.currentLocation().getByteOffset();
      sink.record(record.received(), message, from, until - from);
    }
  }

  /** A record being read. */
  private static final class Members {
    private @Nullable String epoch;
    private long seq;
    private long after = -1;
    private long ts = Received.UNDATED;
    private String boot = "";
    private long mono;
    private @Nullable String device;
    private @Nullable List<Value> values;
    private final Set<String> words = new HashSet<>();
    private Map<String, String> bad = Map.of();
    private @Nullable String length;
    private long start = -1;
    private long end = -1;
    private long rev = -1;
    private Map<String, Metric> metrics = Map.of();
    private Map<String, String> factors = Map.of();
    private @Nullable String event;
    private Json detail = Json.EMPTY;

    void member(String name, JsonToken value, JsonParser parser) throws IOException {
      switch (name) {
        case "epoch" -> epoch = parser.getText();
        case "seq" -> seq = parser.getLongValue();
        case "after" -> after = parser.getLongValue();
        case "ts" -> ts = parser.getLongValue();
        case "boot" -> boot = parser.getText();
        case "mono" -> mono = parser.getLongValue();
        case "device" -> device = parser.getText();
        case "values" -> values = values(parser, words);
        case "bad" -> bad = texts(parser);
        case "interval" -> length = parser.getText();
        case "start" -> start = parser.getLongValue();
        case "end" -> end = parser.getLongValue();
        case "rev" -> rev = parser.getLongValue();
        case "metrics" -> metrics = metrics(parser);
        case "factors" -> factors = factors(parser);
        case "event" -> event = parser.getText();
        case "detail" -> {
          require(value == JsonToken.START_OBJECT, "detail is an object");
          detail = Json.object(parser);
        }
        default -> parser.skipChildren();
      }
    }

    Received received() throws IOException {
      String in = epoch;
      require(in != null && seq >= 1 && after >= 0, "a record has epoch, seq and after");
      require(ts != Received.UNDATED || !boot.isEmpty(), "a record has ts, or boot and mono");
      Received.Key key = new Received.Key(String.valueOf(in), seq, after, ts, boot, mono);
      String named = event;
      if (named != null) {
        return new Event(key, named, device, detail);
      }
      String span = length;
      if (span != null) {
        require(start >= 0 && end > start && rev >= 0, "an interval has start, end and rev");
        return new Interval(key, span, start, end, rev, metrics, factors);
      }
      String of = device;
      List<Value> read = values;
      if (of == null || read == null) {
        throw new IOException("a record is a reading, an interval or an event");
      }
      return new Reading(key, of, read, words, bad);
    }
  }

  private static void require(boolean holds, String rule) throws IOException {
    if (!holds) {
      throw new IOException(rule);
    }
  }

  private static List<Value> values(JsonParser parser, Set<String> words) throws IOException {
    List<Value> values = new ArrayList<>(24);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String point = parser.currentName();
      JsonToken value = parser.nextToken();
      boolean isOwn = Point.find(point) == null;
      if (value.isNumeric() && !isOwn) {
        values.add(new Value(point, micros(parser)));
      } else {
        require(value == JsonToken.VALUE_STRING || isOwn, "a value is a number or a word");
        // Of what a profile names itself the world knows nothing to compare.
        parser.skipChildren();
        words.add(point);
      }
    }
    return values;
  }

  private static long micros(JsonParser parser) throws IOException {
    try {
      return Decimals.micros(
          parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
    } catch (ArithmeticException e) {
      throw new IOException("a number is too large", e);
    }
  }

  private static Map<String, String> texts(JsonParser parser) throws IOException {
    Map<String, String> texts = new HashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      texts.put(name, parser.getText());
    }
    return texts;
  }

  private static Map<String, Metric> metrics(JsonParser parser) throws IOException {
    Map<String, Metric> metrics = new HashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      metrics.put(name, metric(parser));
    }
    return metrics;
  }

  private static Metric metric(JsonParser parser) throws IOException {
    Long micros = null;
    String quality = "";
    long coverage = 0;
    long estimated = 0;
    String of = "";
    String factor = "";
    String why = "";
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "v" -> micros = micros(parser);
        case "q" -> quality = parser.getText();
        case "cov" -> coverage = parser.getLongValue();
        case "est" -> estimated = parser.getLongValue();
        case "of" -> of = parser.getText();
        case "factor" -> factor = parser.getText();
        case "why" -> why = parser.getText();
        default -> parser.skipChildren();
      }
    }
    return new Metric(micros, quality, coverage, estimated, of, factor, why);
  }

  private static Map<String, String> factors(JsonParser parser) throws IOException {
    Map<String, String> factors = new HashMap<>();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      Json factor = Json.object(parser);
      String value = factor.text("value");
      factors.put(name, value == null ? "" : value);
    }
    return factors;
  }
}
