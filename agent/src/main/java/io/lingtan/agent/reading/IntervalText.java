package io.lingtan.agent.reading;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Interval.Span;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * An interval record's JSON taken apart again. What {@link RecordJson} writes comes back as it was;
 * members that it does not write are passed over.
 */
public final class IntervalText {

  private static final JsonFactory JSON = new JsonFactory();

  private final SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
  private final SequencedMap<String, Span> registers = new LinkedHashMap<>();
  private final SequencedMap<String, FactorUsed> factors = new LinkedHashMap<>();
  private final SequencedMap<String, Correction> corrections = new LinkedHashMap<>();
  private String length = "";
  private long start;
  private long end;
  private int rev;

  private IntervalText() {}

  /** The interval of a record. */
  public static Interval of(IntervalRecord record) {
    return of(record.json());
  }

  /** The interval of a record's JSON. */
  public static Interval of(String json) {
    IntervalText text = new IntervalText();
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      text.record(parser);
    } catch (IOException e) {
      throw new UncheckedIOException("RecordJson writes JSON", e);
    }
    return new Interval(
        text.length,
        text.start,
        text.end,
        text.rev,
        text.metrics,
        text.registers,
        text.factors,
        text.corrections);
  }

  private void record(JsonParser parser) throws IOException {
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "interval" -> length = parser.getText();
        case "start" -> start = parser.getLongValue();
        case "end" -> end = parser.getLongValue();
        case "rev" -> rev = parser.getIntValue();
        case "metrics" -> {
          while (parser.nextToken() != JsonToken.END_OBJECT) {
            String metric = parser.currentName();
            parser.nextToken();
            metrics.put(metric, metric(parser));
          }
        }
        case "registers" -> {
          while (parser.nextToken() != JsonToken.END_OBJECT) {
            String register = parser.currentName();
            parser.nextToken();
            parser.nextToken();
            long from = Micros.parse(parser.getText());
            parser.nextToken();
            registers.put(register, new Span(from, Micros.parse(parser.getText())));
            parser.nextToken();
          }
        }
        case "factors" -> {
          while (parser.nextToken() != JsonToken.END_OBJECT) {
            String factor = parser.currentName();
            parser.nextToken();
            factors.put(factor, factor(parser));
          }
        }
        case "corrections" -> {
          while (parser.nextToken() != JsonToken.END_OBJECT) {
            String id = parser.currentName();
            parser.nextToken();
            corrections.put(id, correction(id, parser));
          }
        }
        default -> parser.skipChildren();
      }
    }
  }

  private static Correction correction(String id, JsonParser parser) throws IOException {
    Map<String, String> texts = new HashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      texts.put(name, parser.getText());
      parser.skipChildren();
    }
    return new Correction(
        id,
        texts.getOrDefault("reason", ""),
        texts.getOrDefault("document", ""),
        texts.getOrDefault("proposed", ""),
        texts.getOrDefault("approved", ""));
  }

  private static Metric metric(JsonParser parser) throws IOException {
    Long micros = null;
    String unit = "";
    Quality quality = Quality.MISSING;
    int coverage = 0;
    int estimated = 0;
    String of = null;
    String factor = null;
    List<String> factors = new ArrayList<>();
    String why = null;
    String text = null;
    Standing standing = Standing.OFFICIAL;
    Long pm = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "v" -> micros = Micros.parse(parser.getText());
        case "u" -> unit = parser.getText();
        case "q" -> quality = Quality.valueOf(parser.getText().toUpperCase(Locale.ROOT));
        case "cov" -> coverage = parser.getIntValue();
        case "pm" -> pm = Micros.parse(parser.getText());
        case "est" -> estimated = parser.getIntValue();
        case "of" -> of = parser.getText();
        case "factor" -> factor = parser.getText();
        case "factors" -> {
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            factors.add(parser.getText());
          }
        }
        case "why" -> why = parser.getText();
        case "text" -> text = parser.getText();
        case "status" -> standing = Standing.of(parser.getText());
        default -> parser.skipChildren();
      }
    }
    return new Metric(
        micros,
        unit,
        quality,
        coverage,
        estimated,
        of,
        factor,
        why,
        text,
        factors,
        standing,
        Times.NONE,
        pm);
  }

  private static FactorUsed factor(JsonParser parser) throws IOException {
    @Nullable String value = null;
    @Nullable String unit = null;
    @Nullable String version = null;
    boolean provisional = false;
    Standing standing = Standing.OFFICIAL;
    @Nullable String u95Percent = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "value" -> value = parser.getText();
        case "u" -> unit = parser.getText();
        case "version" -> version = parser.getText();
        case "provisional" -> provisional = parser.getBooleanValue();
        case "u95_pct" -> u95Percent = parser.getText();
        case "status" -> standing = Standing.of(parser.getText());
        default -> parser.skipChildren();
      }
    }
    return new FactorUsed(
        value == null ? "" : value,
        unit == null ? "" : unit,
        version == null ? "" : version,
        provisional,
        standing,
        u95Percent);
  }
}
