package io.lingtan.agent.status.event;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.event.Lifecycle.Standing;
import io.lingtan.agent.status.event.Lifecycle.State;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The events of a site, with what became of them. Any thread. */
public final class Events {

  /** Events looked at, newest first. */
  static final int MOST_LOOKED_AT = 1000;

  /** Events that have a say in what goes on, kept in memory while they are searched for it. */
  static final int MOST_SEARCHED = 20_000;

  /** When what was not found is searched for again. */
  private static final long AGAIN_NANOS = 60_000_000_000L;

  private static final int USUAL = 100;
  private static final int MOST = 500;

  private final Site site;
  private final History history;
  private final Time time;
  private @Nullable Look look;

  public Events(Site site, History history, Time time) {
    this.site = site;
    this.history = history;
    this.time = time;
  }

  /**
   * What is shown of them.
   *
   * @param found how many fit what was asked, before the limit
   * @param open how many of all looked at somebody should still look at
   * @param complete false if older ones are kept that were not looked at
   * @param sinceMillis UTC ms of the oldest that was looked at, UNDATED if none has a date
   */
  record Shown(List<Standing> events, int found, int open, boolean complete, long sinceMillis) {}

  /**
   * A look at what goes on.
   *
   * @param newest the newest event then, empty if there was none
   * @param bearing those that went on, and who had seen them
   * @param again when the whole journal is searched again, if that did not come to its end
   */
  private record Look(
      List<EventRecord> newest,
      List<EventRecord> bearing,
      OpenEvents open,
      MonotonicInstant again) {}

  /** An answer of HTTP. */
  public record Answer(int status, String type, String text) {}

  /**
   * The events that were asked for, worst first.
   *
   * @param query {@code severity} (that and above), {@code area}, {@code device}, {@code active},
   *     {@code open}, {@code limit}, {@code form} and, for the table, {@code lang}
   */
  public Answer answer(Map<String, String> query) {
    String form = query.getOrDefault("form", "json");
    Shown shown;
    try {
      require(form.equals("json") || form.equals("csv"), "form is json or csv");
      shown = shown(query);
    } catch (IllegalArgumentException e) {
      return new Answer(400, "text/plain", e.getMessage() + "\n");
    }
    long now = time.wall().millisAt(time.now());
    return form.equals("csv")
        ? new Answer(
            200,
            "text/csv",
            EventCsv.of(shown, site.place().zone(), !query.getOrDefault("lang", "zh").equals("en")))
        : new Answer(200, "application/json", EventJson.of(shown, now, site.place().zone()));
  }

  private Shown shown(Map<String, String> query) {
    Severity least = severity(query.getOrDefault("severity", "info"));
    String area = query.get("area");
    String device = query.get("device");
    require(
        area == null || area.matches("[a-z]{1,20}(,[a-z]{1,20}){0,9}"),
        "area is a word such as line or meter, or some with commas between");
    List<String> areas = area == null ? List.of() : List.of(area.split(","));
    boolean active = flag(query, "active");
    boolean open = flag(query, "open");
    String limit = query.getOrDefault("limit", Integer.toString(USUAL));
    require(
        limit.matches("\\d{1,4}") && Integer.parseInt(limit) <= MOST,
        "limit is at most " + MOST + ": ask by area or device");
    History.Found<EventRecord> newest = history.newestEvents(MOST_LOOKED_AT);
    List<Standing> all = Lifecycle.of(withWhatGoesOn(newest), lines());
    List<Standing> wanted =
        Lifecycle.worstFirst(all).stream()
            .filter(each -> each.event().event().severity().compareTo(least) >= 0)
            .filter(each -> areas.isEmpty() || areas.contains(areaOf(each)))
            .filter(each -> device == null || device.equals(each.event().event().device()))
            .filter(each -> !active || each.state() == State.ACTIVE)
            .filter(each -> !open || each.isOpen())
            .toList();
    return new Shown(
        wanted.stream().limit(Integer.parseInt(limit)).toList(),
        wanted.size(),
        (int) all.stream().filter(Standing::isOpen).count(),
        newest.complete(),
        newest.records().stream()
            .mapToLong(EventRecord::tsMillis)
            .filter(ts -> ts != JournalRecord.UNDATED)
            .min()
            .orElse(JournalRecord.UNDATED));
  }

  /** With those that go on and are older, so that they can be seen and acknowledged, too. */
  private synchronized List<EventRecord> withWhatGoesOn(History.Found<EventRecord> newest) {
    if (newest.complete()) {
      return newest.records();
    }
    open();
    List<EventRecord> all = new ArrayList<>(newest.records());
    if (look != null) {
      look.bearing().stream()
          .filter(each -> newest.records().stream().noneMatch(other -> isSame(other, each)))
          .map(this::dated)
          .forEach(all::add);
    }
    return all;
  }

  /** Warnings and alarms that go on, however many events are newer. */
  public synchronized OpenEvents open() {
    History.Found<EventRecord> newest = history.newestEvents(1);
    Look known = look;
    if (newest.records().isEmpty() && !newest.complete()) {
      return known == null
          ? OpenEvents.UNKNOWN
          : new OpenEvents(known.open().count(), known.open().worst(), false);
    }
    boolean again =
        known == null || (!known.open().complete() && !time.now().isBefore(known.again()));
    if (known != null && !again && newest.records().equals(known.newest())) {
      return known.open();
    }
    History.Found<EventRecord> bearing = known == null || again ? null : since(known);
    if (bearing == null) {
      bearing = history.newestEvents(Lifecycle::isBearing, MOST_SEARCHED);
    }
    List<Standing> active =
        Lifecycle.worstFirst(Lifecycle.of(bearing.records(), lines())).stream()
            .filter(each -> each.state() == State.ACTIVE)
            .filter(each -> each.event().event().severity() != Severity.INFO)
            .toList();
    OpenEvents found =
        new OpenEvents(
            active.size(), active.stream().limit(OpenEvents.MOST).toList(), bearing.complete());
    look =
        new Look(
            newest.records(),
            bearing.records().stream().filter(each -> bears(each, active)).toList(),
            found,
            time.now().plusNanos(AGAIN_NANOS));
    return found;
  }

  /** What came since a look, and what went on then; null if that look is out of reach. */
  private History.@Nullable Found<EventRecord> since(Look known) {
    History.Found<EventRecord> newest = history.newestEvents(MOST_LOOKED_AT);
    if (newest.complete()) {
      return newest;
    }
    List<EventRecord> records = new ArrayList<>();
    for (EventRecord each : newest.records()) {
      if (known.newest().stream().anyMatch(last -> isSame(last, each))) {
        known.bearing().forEach(earlier -> records.add(dated(earlier)));
        return new History.Found<>(records, known.open().complete());
      }
      records.add(each);
    }
    return null;
  }

  /** Whether an event goes on, or tells that somebody has seen one that does. */
  private static boolean bears(EventRecord record, List<Standing> active) {
    Map<String, Object> detail = record.event().detail();
    return active.stream()
        .map(Standing::event)
        .anyMatch(
            each ->
                isSame(each, record)
                    || (record.event().name().equals(Lifecycle.ACKNOWLEDGED)
                        && each.epoch().equals(detail.get("epoch"))
                        && String.valueOf(each.seq()).equals(String.valueOf(detail.get("seq")))));
  }

  private static boolean isSame(EventRecord one, EventRecord other) {
    return one.seq() == other.seq() && one.epoch().equals(other.epoch());
  }

  /** With its time, if its boot has got one since. */
  private EventRecord dated(EventRecord record) {
    return record.tsMillis() == JournalRecord.UNDATED
            && history.record(record.epoch(), record.seq()) instanceof EventRecord now
        ? now
        : record;
  }

  /** Writes them as members of an object. */
  public static void write(JsonGenerator json, OpenEvents open) throws IOException {
    EventJson.members(json, open);
  }

  private static String areaOf(Standing standing) {
    String name = standing.event().event().name();
    return name.substring(0, name.indexOf('.'));
  }

  /** An event by its number; null if it neither goes on nor is among those looked at. */
  public @Nullable Standing find(String epoch, long seq) {
    return Lifecycle.of(withWhatGoesOn(history.newestEvents(MOST_LOOKED_AT)), lines()).stream()
        .filter(each -> each.event().seq() == seq && each.event().epoch().equals(epoch))
        .findAny()
        .orElse(null);
  }

  /** On which line each device is. */
  private Map<String, String> lines() {
    Map<String, String> lines = new HashMap<>();
    site.lines()
        .forEach(line -> line.devices().forEach(device -> lines.put(device.id(), line.id())));
    return lines;
  }

  private static Severity severity(String word) {
    for (Severity each : Severity.values()) {
      if (each.word().equals(word)) {
        return each;
      }
    }
    throw new IllegalArgumentException("severity is info, warning or alarm");
  }

  private static boolean flag(Map<String, String> query, String key) {
    String text = query.getOrDefault(key, "0").toLowerCase(Locale.ROOT);
    require(text.equals("0") || text.equals("1"), key + " is 0 or 1");
    return text.equals("1");
  }

  private static void require(boolean good, String otherwise) {
    if (!good) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
