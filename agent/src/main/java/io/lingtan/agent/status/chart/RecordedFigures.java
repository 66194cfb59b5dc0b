package io.lingtan.agent.status.chart;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Quality;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Figures of closed intervals over days, months and years, as they were recorded: of each interval
 * its newest revision. In columns, so that a phone gets a year in few bytes; base intervals, of
 * which there are most, to {@value #DIGITS_OF_MANY} digits. A figure that a record lacks or calls
 * missing is null and never 0; an interval without a record is not in the answer.
 *
 * @param length {@code 1h 1d 1M}, or {@code base} for the shortest that the site keeps
 * @param names figures, or {@code elec.load.*} for all that begin so
 */
record RecordedFigures(String length, long fromMillis, long toMillis, List<String> names) {

  private static final int MOST_NAMES = 24;
  private static final int MOST_ROWS = 4_000;
  private static final int DIGITS_OF_MANY = 4;

  /** How long a time may be asked for at once. */
  private static final Map<String, Duration> LONGEST =
      Map.of(
          "base", Duration.ofDays(32),
          "1h", Duration.ofDays(32),
          "1d", Duration.ofDays(400),
          "1M", Duration.ofDays(5 * 366));

  /** How long after its end a record may have been made anew: days and months of a year ago. */
  private static final Map<String, Duration> LATEST =
      Map.of(
          "base", Duration.ofDays(40),
          "1h", Duration.ofDays(40),
          "1d", Duration.ofDays(400),
          "1M", Duration.ofDays(400));

  private static final Set<String> BASES = Set.of("1m", "5m", "10m", "15m", "30m");

  RecordedFigures {
    names = List.copyOf(names);
  }

  /**
   * Understands a query.
   *
   * @throws IllegalArgumentException if it makes no sense; the message says what to ask
   */
  static RecordedFigures of(Map<String, String> query) {
    String length = query.getOrDefault("length", "1d");
    Duration longest = LONGEST.get(length);
    if (longest == null) {
      throw new IllegalArgumentException("length is base, 1h, 1d or 1M");
    }
    long from = number(query, "from");
    long to = number(query, "to");
    if (from >= to || to - from > longest.toMillis()) {
      throw new IllegalArgumentException(
          "from is before to, and at most " + longest.toDays() + " days for a length of " + length);
    }
    List<String> names = List.of(query.getOrDefault("names", "").split(",", MOST_NAMES + 1));
    if (names.size() > MOST_NAMES || !names.stream().allMatch(RecordedFigures::isName)) {
      throw new IllegalArgumentException(
          "names are 1 to " + MOST_NAMES + " figures, such as elec.grid.import,elec.load.*");
    }
    return new RecordedFigures(length, from, to, names);
  }

  private static boolean isName(String name) {
    return name.matches("[a-z0-9_.-]{1,60}[a-z0-9_*-]");
  }

  private static long number(Map<String, String> query, String key) {
    String text = query.getOrDefault(key, "");
    if (!text.matches("\\d{1,14}")) {
      throw new IllegalArgumentException(key + " is a time, in ms UTC");
    }
    return Long.parseLong(text);
  }

  /** The answer as JSON. */
  String json(History history, Indicators listed, long nowMillis, ZoneId zone) {
    SortedMap<Long, Interval> rows = new TreeMap<>();
    long latest = LATEST.getOrDefault(length, Duration.ZERO).toMillis();
    boolean complete =
        history.eachInterval(
            length.equals("base") ? BASES : Set.of(length),
            fromMillis,
            toMillis + latest,
            record -> isTaken(record, rows));
    Set<String> found = new LinkedHashSet<>();
    for (String name : names) {
      for (Interval row : rows.values()) {
        row.metrics().keySet().stream().filter(each -> fits(name, each)).forEach(found::add);
      }
    }
    return Json.object(
        json -> {
          json.writeNumberField("now", nowMillis);
          json.writeStringField("zone", zone.getId());
          json.writeBooleanField("complete", complete);
          column(json, "start", rows.values().stream().map(Interval::startMillis).toList());
          column(json, "end", rows.values().stream().map(Interval::endMillis).toList());
          json.writeObjectFieldStart("figures");
          for (String name : found) {
            figure(json, name, rows.values(), listed);
          }
          json.writeEndObject();
        });
  }

  private static boolean fits(String wanted, String name) {
    return wanted.endsWith("*")
        ? name.startsWith(wanted.substring(0, wanted.length() - 1))
        : name.equals(wanted);
  }

  private boolean isTaken(IntervalRecord record, SortedMap<Long, Interval> rows) {
    Interval interval = IntervalText.of(record);
    if (interval.startMillis() < fromMillis || interval.endMillis() > toMillis) {
      return true;
    }
    if (rows.size() >= MOST_ROWS && !rows.containsKey(interval.startMillis())) {
      return false;
    }
    rows.merge(interval.startMillis(), without(interval), Interval::orNewer);
    return true;
  }

  /** What is asked for of it alone: a year of whole records is more than a gateway has room for. */
  private Interval without(Interval interval) {
    var metrics = interval.metrics();
    metrics.keySet().removeIf(each -> names.stream().noneMatch(name -> fits(name, each)));
    return new Interval(
        interval.length(),
        interval.startMillis(),
        interval.endMillis(),
        interval.rev(),
        metrics,
        new LinkedHashMap<>(),
        new LinkedHashMap<>());
  }

  private static void column(JsonGenerator json, String name, List<Long> values)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (long value : values) {
      json.writeNumber(value);
    }
    json.writeEndArray();
  }

  private void figure(JsonGenerator json, String name, Collection<Interval> rows, Indicators listed)
      throws IOException {
    MathContext digits =
        length.equals("base") ? new MathContext(DIGITS_OF_MANY) : MathContext.UNLIMITED;
    json.writeObjectFieldStart(name);
    Indicator known = listed.find(name);
    if (known != null) {
      json.writeStringField("symbol", known.symbol());
      json.writeStringField("en", known.english());
      json.writeStringField("zh", known.chinese());
      json.writeStringField("part", listed.part(name));
    }
    json.writeArrayFieldStart("v");
    StringBuilder qualities = new StringBuilder();
    for (Interval row : rows) {
      Metric metric = row.metrics().get(name);
      Long micros = metric == null ? null : metric.micros();
      if (micros == null) {
        json.writeNull();
      } else {
        BigDecimal value = new BigDecimal(Micros.text(micros)).round(digits).stripTrailingZeros();
        json.writeNumber(value.toPlainString());
      }
      qualities.append(letter(metric));
    }
    json.writeEndArray();
    json.writeStringField("q", qualities.toString());
    json.writeEndObject();
  }

  /**
   * The first of {@code measured derived est substituted partial}, {@code x} for suspect, {@code -}
   * for missing; {@code .} where the record has no such figure.
   */
  private static char letter(@Nullable Metric metric) {
    return metric == null ? '.' : letter(metric.quality());
  }

  private static char letter(Quality quality) {
    return switch (quality) {
      case MEASURED -> 'm';
      case DERIVED -> 'd';
      case EST_LINEAR, EST_PROFILE -> 'e';
      case SUBSTITUTED -> 's';
      case PARTIAL -> 'p';
      case SUSPECT -> 'x';
      case MISSING -> '-';
    };
  }
}
