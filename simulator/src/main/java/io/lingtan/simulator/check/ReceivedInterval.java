package io.lingtan.simulator.check;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.reading.Micros;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a subscriber received about one interval. Read with this module's own code: whether a record
 * says the truth must not depend on the code that wrote it.
 */
record ReceivedInterval(
    String epoch,
    long seq,
    String length,
    long start,
    long end,
    long rev,
    Map<String, Metric> metrics) {

  private static final JsonFactory JSON = new JsonFactory();

  ReceivedInterval {
    metrics = Map.copyOf(metrics);
  }

  /**
   * One figure as delivered.
   *
   * @param micros millionths of its unit; null if the record says that it is missing
   * @param quality the record's word for it
   * @param estimated percent
   */
  record Metric(@Nullable Long micros, String quality, long estimated) {

    /** Whether the agent vouches for it: then it must be right. */
    boolean isGood() {
      return micros != null
          && estimated == 0
          && (quality.equals("measured") || quality.equals("derived"));
    }
  }

  /**
   * Reads a record.
   *
   * @return null if it is a record of another kind
   * @throws IOException if it is not JSON or lacks what an interval record has
   */
  static @Nullable ReceivedInterval read(String json) throws IOException {
    Map<String, String> plain = new HashMap<>();
    Map<String, Metric> metrics = new HashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("a record is a JSON object");
      }
      for (String name; (name = parser.nextFieldName()) != null; ) {
        JsonToken value = parser.nextToken();
        if (name.equals("metrics") && value == JsonToken.START_OBJECT) {
          metrics(parser, metrics);
        } else if (value.isScalarValue()) {
          plain.put(name, parser.getText());
        } else {
          parser.skipChildren();
        }
      }
    }
    if (!plain.containsKey("interval")) {
      return null;
    }
    try {
      return new ReceivedInterval(
          member(plain, "epoch"),
          Long.parseLong(member(plain, "seq")),
          member(plain, "interval"),
          Long.parseLong(member(plain, "start")),
          Long.parseLong(member(plain, "end")),
          Long.parseLong(member(plain, "rev")),
          metrics);
    } catch (NumberFormatException e) {
      throw new IOException("an interval record's seq, start, end and rev are whole numbers", e);
    }
  }

  private static String member(Map<String, String> plain, String name) throws IOException {
    String value = plain.get(name);
    if (value == null) {
      throw new IOException("an interval record has " + name);
    }
    return value;
  }

  private static void metrics(JsonParser parser, Map<String, Metric> into) throws IOException {
    for (String metric; (metric = parser.nextFieldName()) != null; ) {
      parser.nextToken();
      Long micros = null;
      String quality = "";
      long estimated = 0;
      for (String name; (name = parser.nextFieldName()) != null; ) {
        parser.nextToken();
        switch (name) {
          case "v" -> micros = Micros.of(parser.getDecimalValue());
          case "q" -> quality = parser.getText();
          case "est" -> estimated = parser.getLongValue();
          default -> parser.skipChildren();
        }
      }
      into.put(metric, new Metric(micros, quality, estimated));
    }
  }
}
