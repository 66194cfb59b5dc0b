package io.lingtan.agent.desk;

import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Sha256;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.activity.Activity;
import io.lingtan.agent.site.activity.ActivityReader;
import io.lingtan.agent.site.activity.Emitted;
import io.lingtan.agent.status.Actions.Done;
import io.lingtan.agent.status.Actions.Refused;
import io.lingtan.agent.status.Actions.Result;
import io.lingtan.agent.status.Why;
import io.lingtan.agent.status.report.FigureReasons;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes what somebody fills into the form for things that no meter sees: one row of a feed, which
 * goes the way of {@code cmd/feed}. It is shown first with what it emits, and the ledger is asked
 * whether it would take it; only the row that was shown is put into the records.
 *
 * <p>Runs on request threads. What was taken is on the card when {@link #apply} says so.
 */
public final class FeedDesk {

  private static final Map<String, String> HEADERS =
      Map.of(
          "fuel", ActivityReader.FUEL,
          "refrigerant", ActivityReader.REFRIGERANT,
          "heat", ActivityReader.HEAT,
          "bus", "date,bus,km");

  private static final String BY = "by";
  private static final String DOCUMENT = "document";
  private static final String DATE = "date";
  private static final int MOST_BY = 64;
  private static final int PATIENCE_SECONDS = 10;

  private static final String BY_RULE = "by is who says so, 1 to 64 characters without ; ( and )";
  private static final String DOCUMENT_RULE =
      "document is the number of the delivery note or invoice, 1 to 64 characters without ; ( and"
          + " )";

  private final Supplier<Site> site;
  private final Time time;
  private final Inbox<Arrival> arrivals;
  private final Function<Activity, Emitted> emissions;

  /**
   * @param arrivals the ledger's inbox
   * @param emissions what an activity emits by the factors of its day
   */
  public FeedDesk(
      Supplier<Site> site,
      Time time,
      Inbox<Arrival> arrivals,
      Function<Activity, Emitted> emissions) {
    this.site = site;
    this.time = time;
    this.arrivals = arrivals;
    this.emissions = emissions;
  }

  /**
   * A row as it was filled in.
   *
   * @param by who says so, with the document where the row has no place for it
   * @param id by which it is known again
   */
  private record Row(String by, String csv, Feeds told, String id) {}

  /** A field that cannot be right; the message says why. */
  private static final class Wrong extends Exception {
    private static final long serialVersionUID = 1L;

    private final String field;

    Wrong(String field, String message) {
      super(message);
      this.field = field;
    }

    Refused refused() {
      return FeedDesk.refused(Why.NOT_UNDERSTOOD, field, String.valueOf(getMessage()));
    }
  }

  /** Shows what a row comes to. */
  Result propose(Map<String, String> wanted) throws InterruptedException {
    try {
      Row row = row(wanted);
      CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
      Refused refused = ask(new Arrival.FeedTried(row.csv, answer), answer);
      return refused == null ? new Done(200, shown(row)) : refused;
    } catch (Wrong e) {
      return e.refused();
    }
  }

  /** Puts into the records what was shown. */
  Result apply(Map<String, String> wanted) throws InterruptedException {
    try {
      Row row = row(wanted);
      if (!row.id.equals(wanted.get("id"))) {
        return new Refused(Why.OTHER_PROPOSAL, "this is not what was shown: look at it once more");
      }
      CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
      Refused refused =
          ask(new Arrival.Fed(row.by, row.csv, time.boot(), time.now().nanos(), answer), answer);
      return refused == null ? new Done(201, "{\"taken\":true}") : refused;
    } catch (Wrong e) {
      return e.refused();
    }
  }

  /** Null if the ledger takes it. */
  private @Nullable Refused ask(Arrival arrival, CompletableFuture<Optional<String>> answer)
      throws InterruptedException {
    if (!arrivals.offer(arrival)) {
      return new Refused(Why.QUEUE_FULL, "the queue to the journal is full: try again in a minute");
    }
    try {
      return answer
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
          .map(why -> refused(Why.FEED_REFUSED, "", why))
          .orElse(null);
    } catch (TimeoutException e) {
      return refused(
          Why.FEED_REFUSED,
          "",
          "the journal cannot be written just now: look at the list before it is told again");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private static Refused refused(Why why, String field, String english) {
    String chinese = FigureReasons.chinese(english);
    Map<String, String> values = new HashMap<>();
    values.put("why", english);
    values.put("why_zh", chinese == null ? english : chinese);
    values.put("field", field);
    return new Refused(why, (field.isEmpty() ? "" : field + ": ") + english, values);
  }

  private Row row(Map<String, String> wanted) throws Wrong {
    String about = wanted.getOrDefault("about", "");
    String header = HEADERS.get(about);
    if (header == null) {
      throw new Wrong("about", "'" + about + "' is not one of bus, fuel, heat and refrigerant");
    }
    if (!time.wall().trusted()) {
      throw new Wrong(DATE, "the clock is not trusted yet, and a feed is kept with its time: wait");
    }
    Site now = site.get();
    LocalDate today =
        LocalDate.ofInstant(
            Instant.ofEpochMilli(time.wall().millisAt(time.now())), now.place().zone());
    Map<String, String> cells = new LinkedHashMap<>();
    List<String> columns = List.of(header.split(","));
    for (String column : columns) {
      String cell = wanted.getOrDefault(column, "").strip();
      if (cell.matches("(?s).*[,\"\\p{Cntrl}].*")) {
        throw new Wrong(column, "no comma, quote or line break: write it without");
      }
      cells.put(column, column.equals(DATE) ? day(cell, today) : cell);
    }
    String by = by(wanted, columns);
    String csv = header + "\n" + String.join(",", cells.values()) + "\n";
    FeedReader.Known known =
        FeedReader.Known.of(now.carbon().tables(), now.place().region(), now.carbon().accepted())
            .and(now.carbon().fed())
            .on(today);
    Map<String, String> problems = new LinkedHashMap<>();
    Feeds told =
        FeedReader.read(
            csv,
            known,
            (line, column, message) ->
                problems.putIfAbsent(field(columns, List.copyOf(cells.values()), column), message));
    if (told == null) {
      Map.Entry<String, String> first = problems.entrySet().iterator().next();
      throw new Wrong(
          first.getKey(),
          cells.getOrDefault(first.getKey(), "").isEmpty() && first.getValue().contains("''")
              ? "is missing: fill it in"
              : first.getValue());
    }
    if (told.buses().stream().anyMatch(bus -> bus.day().isAfter(today))) {
      throw new Wrong(
          DATE, cells.get(DATE) + " is still to come: by " + today + " nobody can tell of it");
    }
    String id = Sha256.hex((by + "\n" + csv).getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    return new Row(by, csv, told, id);
  }

  /** Of a month the last day, or today where it is not over. */
  private static String day(String cell, LocalDate today) {
    try {
      LocalDate end = YearMonth.parse(cell).atEndOfMonth();
      return (YearMonth.from(today).equals(YearMonth.from(end)) ? today : end).toString();
    } catch (DateTimeException e) {
      return cell;
    }
  }

  private static String by(Map<String, String> wanted, List<String> columns) throws Wrong {
    String by = wanted.getOrDefault(BY, "").strip();
    if (columns.contains(BY)) {
      return by;
    }
    String document = wanted.getOrDefault(DOCUMENT, "").strip();
    String name = "[^;()\\p{Cc}\\p{Cf}]+";
    if (!by.matches(name)) {
      throw new Wrong(BY, BY_RULE);
    }
    String both = "%s (%s)".formatted(by, document);
    if (!document.matches(name) || both.length() > MOST_BY) {
      throw new Wrong(DOCUMENT, DOCUMENT_RULE);
    }
    return both;
  }

  /** Which cell is in a column of the second line. */
  private static String field(List<String> columns, List<String> cells, int column) {
    int end = 0;
    for (int i = 0; i < columns.size(); i++) {
      end += cells.get(i).length() + 1;
      if (column <= end) {
        return columns.get(i);
      }
    }
    return columns.getLast();
  }

  private String shown(Row row) {
    return Json.object(
        json -> {
          json.writeStringField("id", row.id);
          for (Activity each : row.told.activities()) {
            json.writeStringField("day", each.day().toString());
            json.writeStringField("told", each.told());
            json.writeStringField("amount", Micros.text(each.micros()));
            json.writeStringField("unit", each.kind().ucum());
            Emitted emitted = emissions.apply(each);
            Long kilograms = emitted.kilogramsMicros();
            FactorUsed used = emitted.used();
            if (kilograms != null && used != null) {
              json.writeStringField("kg", Micros.text(kilograms));
              json.writeStringField("factor", emitted.factor());
              json.writeStringField("factor_value", used.value() + " " + used.ucum());
              json.writeStringField("factor_version", used.version());
            } else {
              json.writeStringField("why", emitted.why());
            }
          }
          for (Feeds.BusDay each : row.told.buses()) {
            json.writeStringField("day", each.day().toString());
            json.writeStringField("told", each.bus());
            json.writeStringField("amount", Micros.text(each.kilometresMicros()));
            json.writeStringField("unit", "km");
          }
        });
  }
}
