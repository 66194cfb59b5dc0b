package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.number.ChainSnapshot;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.run.PackedFile;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Settings;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.chart.Charts;
import io.lingtan.agent.status.event.Events;
import io.lingtan.agent.status.event.HelpPage;
import io.lingtan.agent.status.event.OpenEvents;
import io.lingtan.agent.status.handover.Acceptances;
import io.lingtan.agent.status.handover.Checks;
import io.lingtan.agent.status.handover.HandoverSheet;
import io.lingtan.agent.status.handover.HandoverSheet.Mark;
import io.lingtan.agent.status.handover.Order;
import io.lingtan.agent.status.report.Reports;
import io.lingtan.agent.status.trace.TraceForm;
import io.lingtan.agent.status.trace.Tracer;
import io.lingtan.agent.status.wiring.Verdicts;
import java.net.URLDecoder;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is read from the journal: where a figure comes from, the report of a month, and what an
 * auditor needs. Nothing of it is loaded before it is asked for; at most one answer is worked on at
 * a time, because each reads much.
 */
public final class HistoryPages {

  private static final String CSV = "text/csv";
  private static final String JSON = "application/json";
  private static final String REPORT = "/report/";
  private static final String ACCEPTANCE = "/acceptance/";

  private final Site site;
  private final Indicators listed;
  private final History history;
  private final Supplier<@Nullable ChainSnapshot> chain;
  private final Charts charts;
  private final Events events;
  private final Events active;
  private final @Nullable Acceptances acceptances;
  private final Time time;

  /**
   * @param listed every figure that there is
   * @param history a reader of these pages' own
   * @param charted another one, so that a chart and a report do not wait for each other
   * @param chain where the chain of signed records is, null if they are not signed
   * @param acceptances the records that were made at the page; null where none are
   */
  public HistoryPages(
      Site site,
      Indicators listed,
      History history,
      History charted,
      Supplier<@Nullable ChainSnapshot> chain,
      @Nullable Acceptances acceptances,
      Time time) {
    this.acceptances = acceptances;
    this.site = site;
    this.listed = listed;
    this.history = history;
    this.chain = chain;
    this.charts = new Charts(site, charted, time);
    this.events = new Events(site, history, time);
    this.active = new Events(site, charted, time);
    this.time = time;
  }

  /**
   * An answer.
   *
   * @param policy content security policy of its own, null for the usual one
   */
  record Reply(int code, String type, byte[] body, @Nullable String policy) {
    static Reply of(int code, String type, String text) {
      return new Reply(code, type, text.getBytes(UTF_8), null);
    }
  }

  /** The answer to a path, null if there is no such page here. */
  @Nullable Reply answer(String path, @Nullable String rawQuery) {
    Map<String, String> query = query(rawQuery);
    if (path.startsWith(REPORT)) {
      return report(path.substring(REPORT.length()), query.getOrDefault("lang", "zh"));
    }
    if (path.startsWith(ACCEPTANCE)) {
      return accepted(path.substring(ACCEPTANCE.length()));
    }
    return switch (path) {
      case "/activities" -> activities(query.getOrDefault("lang", "zh"));
      case "/api/key" -> key();
      case "/api/history" -> reply(charts.history(query));
      case "/api/events" -> {
        Events.Answer answer = events.answer(query);
        yield Reply.of(answer.status(), answer.type(), answer.text());
      }
      case "/help" ->
          Reply.of(200, "text/html", HelpPage.of(!query.getOrDefault("lang", "zh").equals("en")));
      case "/help.css" -> new Reply(200, "text/css", resource("help.css"), null);
      case "/api/checks" -> Reply.of(200, JSON, checks());
      case "/api/figures" -> reply(charts.figures(query, listed));
      case "/api/coverage" -> reply(charts.coverage());
      case "/api/explain" -> explain(query);
      case "/report.css" -> new Reply(200, "text/css", resource("report.css"), null);
      case "/verify.html" -> verifier();
      default -> null;
    };
  }

  Site site() {
    return site;
  }

  /** Warnings and alarms that go on; waits for a chart that is being made, never for a report. */
  OpenEvents openEvents() {
    return active.open();
  }

  private static Reply reply(Charts.Answer answer) {
    return switch (answer) {
      case Charts.Answer.Made(String type, String text) -> Reply.of(200, type, text);
      case Charts.Answer.Refused(int status, String why) ->
          Reply.of(status, "text/plain", why + "\n");
    };
  }

  /** Makes an acceptance record of what is shown, see {@link Actions.Action#RECORD}. */
  Actions.Result record(Map<String, String> wanted, String who, SiteView view, Verdicts wiring) {
    Acceptances kept = acceptances;
    if (kept == null) {
      return new Actions.Refused(Why.NOT_HERE, "this agent keeps no records");
    }
    if (kept.isTooSoon()) {
      return new Actions.Refused(Why.RECORD_SOON, "one was made just now: look at that first");
    }
    Order order;
    try {
      order = Order.of(wanted, who);
    } catch (Order.Misspelt e) {
      Why why =
          switch (e.field()) {
            case TECHNICIAN -> Why.TECHNICIAN;
            case NOTE -> Why.NOTE;
          };
      return new Actions.Refused(why, String.valueOf(e.getMessage()), Map.of());
    }
    Checks checks = Checks.in(history, settings());
    HandoverSheet sheet = AcceptanceSheet.of(view, wiring, checks, chain.get(), order);
    return switch (kept.keep(site.gateway(), order, sheet)) {
      case Acceptances.Answer.Made(var json) -> new Actions.Done(201, json);
      case Acceptances.Answer.NoKey none ->
          new Actions.Refused(
              Why.NO_KEY,
              "the signing key cannot be kept, so nobody could check the record: let the agent"
                  + " write journal.key_file, and start it again");
      case Acceptances.Answer.Unwritable(var folder, var why) ->
          new Actions.Refused(
              Why.RECORD_UNWRITABLE,
              folder + " cannot be written (" + why + "): let the agent's user do so",
              Map.of("why", why));
    };
  }

  /**
   * Which meters were compared with their displays, {@code good bad open} by device, and which
   * records of acceptance were made.
   */
  private String checks() {
    Checks checks = Checks.in(history, settings());
    Acceptances kept = acceptances;
    return Json.object(
        json -> {
          json.writeBooleanField("complete", checks.complete());
          json.writeObjectFieldStart("devices");
          for (Device device : site.devices()) {
            boolean electric = device.profile().pointsGiven().stream().anyMatch(Point::isOfRatios);
            Mark mark = checks.mark(device.id(), electric);
            json.writeStringField(device.id(), mark.name().toLowerCase(Locale.ROOT));
          }
          json.writeEndObject();
          json.writeFieldName("records");
          json.writeRawValue(kept == null ? "[]" : kept.list());
        });
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    for (Line line : site.lines()) {
      line.devices().forEach(device -> settings.put(device.id(), Settings.hash(line, device)));
    }
    return settings;
  }

  /** A record as it was made, byte for byte; or the names of all. */
  private @Nullable Reply accepted(String name) {
    Acceptances kept = acceptances;
    if (kept == null) {
      return null;
    }
    if (name.isEmpty()) {
      return Reply.of(200, JSON, kept.list());
    }
    byte[] file = kept.file(name);
    if (file == null) {
      return null;
    }
    return name.endsWith(".csv")
        ? new Reply(200, CSV, file, null)
        : new Reply(200, "text/html", file, InlinePolicy.withoutScript(new String(file, UTF_8)));
  }

  private Reply key() {
    ChainSnapshot now = chain.get();
    return now == null
        ? Reply.of(404, "text/plain", "records are not signed\n")
        : Reply.of(
            200,
            JSON,
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\",\"head\":\"%s\",\"epoch\":%s,\"seq\":%d}"
                .formatted(
                    now.key(),
                    now.head(),
                    now.epoch() == null ? "null" : "\"" + now.epoch() + "\"",
                    now.seq()));
  }

  private synchronized Reply explain(Map<String, String> query) {
    String seq = query.getOrDefault("seq", "");
    String metric = query.getOrDefault("metric", "");
    if (!seq.matches("\\d{1,13}") || metric.isEmpty()) {
      return Reply.of(400, "text/plain", "/api/explain?seq=SEQ&metric=NAME[&epoch=ID]\n");
    }
    String epoch = query.getOrDefault("epoch", "");
    return switch (new Tracer(site, listed, history).explain(epoch, Long.parseLong(seq), metric)) {
      case Tracer.Answer.Unknown(String why) -> Reply.of(404, "text/plain", why + "\n");
      case Tracer.Answer.Explained(String in, long number, var trace) ->
          query.getOrDefault("form", "json").equals("text")
              ? Reply.of(200, "text/plain", TraceForm.text(trace))
              : Reply.of(200, JSON, TraceForm.json(trace));
    };
  }

  private synchronized @Nullable Reply report(String name, String language) {
    Reports.Made made =
        new Reports(site, listed, history, chain)
            .of(name, language, time.wall().millisAt(time.now()));
    return made == null ? null : new Reply(made.code(), made.type(), made.body(), null);
  }

  private synchronized Reply activities(String language) {
    String page =
        new Reports(site, listed, history, chain)
            .activities(language, time.wall().millisAt(time.now()));
    return Reply.of(200, "text/html", page);
  }

  /** One file that works by itself: its script and style are allowed by their hashes. */
  private static Reply verifier() {
    byte[] page = resource("verify.html");
    return new Reply(200, "text/html", page, InlinePolicy.of(new String(page, UTF_8)));
  }

  private static Map<String, String> query(@Nullable String raw) {
    Map<String, String> query = new HashMap<>();
    if (raw != null) {
      for (String pair : raw.split("&")) {
        int equals = pair.indexOf('=');
        if (equals > 0) {
          query.put(pair.substring(0, equals), decoded(pair.substring(equals + 1)));
        }
      }
    }
    return query;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  static byte[] resource(String name) {
    return PackedFile.bytes(HistoryPages.class, name);
  }
}
