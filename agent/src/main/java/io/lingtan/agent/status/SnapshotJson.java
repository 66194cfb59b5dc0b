package io.lingtan.agent.status;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.share.ShareSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.ledger.LedgerSnapshot;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.ViewSnapshot;
import io.lingtan.agent.publish.lane.DeliverySnapshot.Mark;
import io.lingtan.agent.publish.lane.RefusedTopicsSnapshot;
import io.lingtan.agent.reading.Caption;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.status.event.Events;
import io.lingtan.agent.status.event.OpenEvents;
import io.lingtan.agent.status.report.FigureReasons;
import io.lingtan.agent.status.wiring.Verdicts;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code /api/snapshot}. Ages in milliseconds as seen by the agent; -1 means never. A device's
 * {@code values} are the present ones; what its latest poll did not give, or is stale, stands in
 * {@code old}, each with {@code why} and its age.
 */
final class SnapshotJson {

  private SnapshotJson() {}

  static String of(SiteView view) {
    return of(view, null, null, null, null);
  }

  /**
   * The same with what goes on, and what was begun at the page.
   *
   * @param events warnings and alarms that go on, null if they are not known
   * @param wiring what the last looks at the wiring say, null if there were none
   * @param busy what keeps a line busy, null if nothing does
   * @param change what became of the last change of the site file, null if there was none
   */
  static String of(
      SiteView view,
      @Nullable OpenEvents events,
      @Nullable Verdicts wiring,
      ActionServer.@Nullable Busy busy,
      Actions.@Nullable Change change) {
    return Json.object(
        json -> {
          json.writeStringField("gateway", view.site().gateway());
          json.writeStringField("site", view.site().place().name());
          json.writeStringField("zone", view.site().place().zone().getId());
          json.writeStringField("software", view.software());
          if (view.site().place().simulated()) {
            json.writeBooleanField("simulated", true);
          }
          json.writeNumberField("now", view.wall().millisAt(view.now()));
          json.writeObjectFieldStart("config");
          json.writeStringField("sha256", view.site().sha256());
          said(json, "refused", view.refused());
          changed(json, change);
          json.writeEndObject();
          json.writeObjectFieldStart("clock");
          json.writeBooleanField("trusted", view.wall().trusted());
          json.writeStringField("source", view.wall().source());
          if (view.ledger().isAhead()) {
            json.writeStringField(
                "ahead_until",
                LocalSpan.minute(view.ledger().aheadUntil(), view.site().place().zone()));
          }
          json.writeEndObject();
          lines(json, view);
          devices(json, view);
          Json.labels(json, view.site().place().labels());
          flow(json, view);
          interval(json, view, "interval", view.ledger().lastInterval());
          today(json, view);
          demand(json, view);
          Outlook outlook = Outlook.of(view);
          store(json, view, outlook);
          uplink(json, view, outlook);
          views(json, view);
          health(json, view);
          if (events != null) {
            json.writeObjectFieldStart("events");
            Events.write(json, events);
            json.writeEndObject();
          }
          if (wiring != null && !wiring.findings().isEmpty()) {
            wiring.findings(json, "wiring");
          }
          busy(json, busy);
        });
  }

  /** Not once their end has passed: then nothing is known of those that run now. */
  private static void demand(JsonGenerator json, SiteView view) throws IOException {
    LedgerSnapshot.Demand demand = view.ledger().demand();
    if (demand != null && view.wall().millisAt(view.now()) < demand.untilMillis()) {
      json.writeObjectFieldStart("demand");
      json.writeNumberField("until", demand.untilMillis());
      json.writeBooleanField("sliding", demand.sliding());
      json.writeBooleanField("warning", demand.isWarning());
      json.writeNumberField("limit_kw", tenths(demand.limitKw()));
      json.writeNumberField("forecast_kw", tenths(demand.forecastKw()));
      json.writeNumberField("may_draw_kw", tenths(demand.mayDrawKw()));
      json.writeEndObject();
    }
  }

  private static BigDecimal tenths(BigDecimal kw) {
    return kw.setScale(1, RoundingMode.HALF_UP);
  }

  private static void lines(JsonGenerator json, SiteView view) throws IOException {
    json.writeArrayFieldStart("lines");
    for (LineSnapshot line : view.lines()) {
      json.writeStartObject();
      json.writeStringField("id", line.id());
      json.writeStringField("kind", line.kind());
      json.writeStringField("where", line.where());
      said(json, "problem", line.problem());
      json.writeNumberField("busy", line.busyPercent());
      LineSnapshot.PulseSnapshot pulses = line.pulses();
      if (pulses == null) {
        json.writeNumberField("skipped", line.skipped());
      } else {
        json.writeNumberField("lost_pulses", pulses.lost());
        json.writeNumberField("bounced", pulses.bounced());
      }
      json.writeNumberField("refused", line.refusedSamples());
      json.writeNumberField("events_dropped", line.droppedEvents());
      if (line.openings() >= 0) {
        json.writeNumberField("openings", line.openings());
        json.writeNumberField("breaks", line.breaks());
      }
      json.writeNumberField("foreign", line.foreign());
      json.writeNumberField("strangers", line.strangers());
      LineSnapshot.ScheduleSnapshot schedule = line.schedule();
      if (schedule != null) {
        json.writeObjectFieldStart("schedule");
        json.writeNumberField("blocks", schedule.blocks());
        json.writeNumberField("cycle_us", schedule.cycleMicros());
        json.writeNumberField("utilisation", schedule.utilisationPercent());
        json.writeEndObject();
      }
      share(json, line.share());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void share(JsonGenerator json, @Nullable ShareSnapshot share) throws IOException {
    if (share == null) {
      return;
    }
    json.writeObjectFieldStart("share");
    json.writeStringField("where", share.where());
    said(json, "problem", share.problem());
    json.writeNumberField("callers", share.callers());
    json.writeNumberField("line_ms", share.lineMillis());
    for (Map.Entry<String, SortedMap<String, Long>> each :
        Map.of("connections", share.connections(), "answers", share.answers()).entrySet()) {
      json.writeObjectFieldStart(each.getKey());
      for (Map.Entry<String, Long> counted : each.getValue().entrySet()) {
        json.writeNumberField(counted.getKey(), counted.getValue());
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void devices(JsonGenerator json, SiteView view) throws IOException {
    json.writeArrayFieldStart("devices");
    for (LineSnapshot line : view.lines()) {
      for (DeviceSnapshot device : line.devices()) {
        json.writeStartObject();
        json.writeStringField("id", device.device());
        json.writeStringField("line", line.id());
        json.writeStringField("profile", device.profile());
        json.writeStringField("address", device.address());
        json.writeNumberField("every_ms", device.everyMillis());
        json.writeStringField("state", DeviceState.of(device, view.now().nanos()).word());
        json.writeNumberField("age_ms", DeviceState.ageMillis(device, view.now().nanos()));
        Reason failure = device.failure();
        optional(json, "failure", failure == null ? null : failure.code());
        optional(json, "detail", device.failureDetail());
        if (failure != null && device.nextNanos() >= 0) {
          long wait = Math.max(0, device.nextNanos() - view.now().nanos()) / 1_000_000L;
          json.writeNumberField("next_ms", wait);
        }
        json.writeNumberField("polls", device.polls());
        json.writeNumberField("timeouts", device.timeouts());
        json.writeNumberField("crc", device.crcErrors());
        json.writeNumberField("exceptions", device.exceptions());
        if (device.replyMicros() > 0) {
          json.writeNumberField("reply_us", device.replyMicros());
        }
        if (device.delayMicros() > 0) {
          json.writeNumberField("delay_us", device.delayMicros());
        }
        if (device.blocks() > 0) {
          json.writeNumberField("blocks", device.blocks());
        }
        identity(json, device);
        set(json, view, device.device());
        List<Shown> read = Shown.of(device, view.now().nanos());
        Passage passage = new Passage(view, device.device());
        values(json, "values", read, passage, false);
        values(json, "old", read, passage, true);
        records(json, view, read, passage);
        json.writeObjectFieldStart("bad");
        for (Map.Entry<Point, Reason> entry : device.bad().entrySet()) {
          json.writeStringField(entry.getKey().name(), entry.getValue().code());
        }
        json.writeEndObject();
        json.writeObjectFieldStart("bad_zh");
        for (Point point : device.bad().keySet()) {
          json.writeStringField(point.name(), point.chineseInFull());
        }
        json.writeEndObject();
        json.writeEndObject();
      }
    }
    json.writeEndArray();
  }

  /** What the site file says of it, as far as the page can change it. */
  private static void set(JsonGenerator json, SiteView view, String id) throws IOException {
    for (Device device : view.site().devices()) {
      if (device.id().equals(id)) {
        json.writeStringField("ct", device.ct().toPlainString());
        json.writeStringField("pt", device.pt().toPlainString());
      }
    }
  }

  private static void identity(JsonGenerator json, DeviceSnapshot device) throws IOException {
    if (!device.identity().isEmpty()) {
      json.writeObjectFieldStart("identity");
      for (Map.Entry<String, String> entry : device.identity().entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
    }
  }

  /** Present values, or such as were not read again: whoever looks at the former never sees one. */
  private static void values(
      JsonGenerator json, String name, List<Shown> read, Passage passage, boolean old)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (Shown shown : read) {
      Reason why = shown.why();
      if (old == (why != null)) {
        value(json, shown, passage.place(shown));
      }
    }
    json.writeEndArray();
  }

  private static void value(JsonGenerator json, Shown shown, Passage.Place place)
      throws IOException {
    Point point = shown.point();
    Reason why = shown.why();
    json.writeStartObject();
    json.writeStringField("p", point.name());
    json.writeStringField("zh", point.chineseInFull());
    if (point.isOwn()) {
      json.writeStringField("en", point.english());
    }
    if (point.form() instanceof Form.Bits) {
      json.writeArrayFieldStart("raised");
      for (int bit : Form.bits(shown.held()).toArray()) {
        Caption caption =
            point.bits().getOrDefault(bit, new Caption("bit " + bit, "第 " + bit + " 位"));
        json.writeStartObject();
        json.writeStringField("zh", caption.chinese());
        json.writeStringField("en", caption.english());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    json.writeFieldName("v");
    if (shown.isNumber()) {
      json.writeNumber(shown.text());
    } else {
      json.writeString(shown.text());
    }
    json.writeStringField("u", point.symbol());
    json.writeNumberField("age_ms", shown.ageMillis());
    optional(json, "why", why == null ? null : why.code());
    if (place.record() != null) {
      json.writeNumberField("seq", place.record().seq());
    }
    if (place.how() != Passage.How.IN) {
      json.writeStringField("how", place.how().name().toLowerCase(Locale.ROOT));
    }
    json.writeEndObject();
  }

  /** What became of the records that these values name. */
  private static void records(JsonGenerator json, SiteView view, List<Shown> read, Passage passage)
      throws IOException {
    json.writeArrayFieldStart("records");
    for (DataRecord record : passage.records(read)) {
      Passage.Fate fate = passage.fate(record);
      json.writeStartObject();
      json.writeNumberField("seq", record.seq());
      json.writeStringField("epoch", record.epoch());
      json.writeNumberField("age_ms", view.ageMillis(record.sample().atNanos()));
      json.writeStringField("state", fate.state().word());
      optional(json, "topic", fate.topic());
      Mark mark = fate.mark();
      if (mark != null) {
        json.writeNumberField("sent_age_ms", view.ageMillis(mark.sentNanos()));
        if (!mark.isUnderWay()) {
          json.writeNumberField("took_ms", (mark.answeredNanos() - mark.sentNanos()) / 1_000_000L);
          json.writeNumberField("reason", mark.reason());
          if (view.wall().trusted()) {
            long at = view.wall().millisAt(new MonotonicInstant(mark.answeredNanos()));
            json.writeNumberField("at", at);
          }
        }
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Of the day so far, what somebody on site may still turn for the better. */
  private static void today(JsonGenerator json, SiteView view) throws IOException {
    Interval today = view.ledger().today();
    interval(json, view, "today", today == null ? null : SiteView.ofToday(today));
  }

  private static void interval(
      JsonGenerator json, SiteView view, String name, @Nullable Interval interval)
      throws IOException {
    if (interval == null) {
      json.writeNullField(name);
      return;
    }
    json.writeObjectFieldStart(name);
    json.writeStringField("length", interval.length());
    json.writeNumberField("start", interval.startMillis());
    json.writeNumberField("end", interval.endMillis());
    json.writeStringField("local", LocalSpan.of(interval, view.site().place().zone()));
    json.writeNumberField("rev", interval.rev());
    json.writeObjectFieldStart("metrics");
    for (Map.Entry<String, Metric> entry : interval.metrics().entrySet()) {
      Metric metric = entry.getValue();
      json.writeObjectFieldStart(entry.getKey());
      Long micros = metric.micros();
      if (micros != null) {
        json.writeFieldName("v");
        json.writeNumber(Micros.text(micros));
      }
      json.writeStringField("u", metric.ucum());
      named(json, view.listed(), entry.getKey());
      json.writeStringField("q", metric.quality().word());
      json.writeNumberField("cov", metric.coverage());
      String why = metric.why();
      optional(json, "why", why);
      optional(json, "why_zh", why == null ? null : FigureReasons.chinese(why));
      optional(json, "text", metric.text());
      if (metric.estimated() > 0) {
        json.writeNumberField("est", metric.estimated());
      }
      Long pm = metric.pm();
      if (pm != null) {
        json.writeFieldName("pm");
        json.writeNumber(Micros.text(pm));
      }
      optional(json, "factor", metric.factor());
      json.writeEndObject();
    }
    json.writeEndObject();
    factors(json, interval);
    json.writeEndObject();
  }

  private static void factors(JsonGenerator json, Interval interval) throws IOException {
    json.writeObjectFieldStart("factors");
    for (Map.Entry<String, FactorUsed> entry : interval.factors().entrySet()) {
      FactorUsed factor = entry.getValue();
      json.writeObjectFieldStart(entry.getKey());
      json.writeStringField("value", factor.value());
      json.writeStringField("u", factor.ucum());
      json.writeStringField("version", factor.version());
      json.writeBooleanField("provisional", factor.provisional());
      json.writeStringField("standing", factor.standing().name().toLowerCase(Locale.ROOT));
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  /** What a figure is called, where the list has it. */
  private static void named(JsonGenerator json, Indicators listed, String metric)
      throws IOException {
    Indicator indicator = listed.find(metric);
    if (indicator != null) {
      String part = listed.part(metric);
      String end = part.isEmpty() ? "" : " " + part;
      json.writeStringField("symbol", indicator.symbol());
      json.writeStringField("name", indicator.english() + end);
      json.writeStringField("zh", indicator.chinese() + end);
      json.writeStringField("section", indicator.section().id());
    }
  }

  private static void flow(JsonGenerator json, SiteView view) throws IOException {
    Flow flow = Flow.of(view);
    json.writeObjectFieldStart("flow");
    json.writeArrayFieldStart("meters");
    for (Flow.Part part : flow.parts()) {
      Meter meter = part.meter();
      json.writeStartObject();
      json.writeStringField("id", meter.id());
      json.writeStringField("role", meter.role().word());
      json.writeStringField("device", meter.device());
      optional(json, "parent", meter.parent());
      json.writeBooleanField("nested", part.isNested());
      if (meter.ratedKw() > 0) {
        json.writeNumberField("rated_kw", meter.ratedKw());
      }
      if (meter.reverse()) {
        json.writeBooleanField("reverse", true);
      }
      Long into = part.intoMicrowatts();
      if (into != null) {
        json.writeFieldName("w");
        json.writeNumber(Micros.text(into));
      }
      json.writeNumberField("age_ms", part.ageMillis());
      json.writeStringField("state", part.state().word());
      Reason why = part.why();
      optional(json, "why", why == null ? null : why.code());
      json.writeEndObject();
    }
    json.writeEndArray();
    Long residual = flow.residualMicrowatts();
    if (residual != null) {
      json.writeFieldName("residual_w");
      json.writeNumber(Micros.text(residual));
      json.writeNumberField("tolerance_w", Math.round(WiringLook.of(view).toleranceWatts()));
    }
    json.writeFieldName("coming_w");
    json.writeNumber(Micros.text(flow.comingMicrowatts()));
    json.writeArrayFieldStart("lacking");
    for (String id : flow.lacking()) {
      json.writeString(id);
    }
    json.writeEndArray();
    json.writeBooleanField("all_loads_metered", view.site().metering().allLoadsMetered());
    json.writeEndObject();
  }

  private static void store(JsonGenerator json, SiteView view, Outlook outlook) throws IOException {
    StoreSnapshot store = view.store();
    json.writeObjectFieldStart("store");
    json.writeStringField("epoch", store.epoch());
    if (store.first() > 0) {
      json.writeNumberField("first", store.first());
    }
    json.writeNumberField("last", store.last());
    json.writeNumberField("acked", store.acked());
    json.writeNumberField("waiting", store.waiting());
    json.writeNumberField("held", store.held());
    json.writeNumberField("dropped", store.lost());
    drops(json, store.dropped());
    json.writeNumberField("bytes", store.bytes());
    json.writeNumberField("max_bytes", store.maxBytes());
    json.writeNumberField("bytes_written", store.bytesWritten());
    if (store.oldestUnackedMillis() != JournalRecord.UNDATED) {
      long age = view.wall().millisAt(view.now()) - store.oldestUnackedMillis();
      json.writeNumberField("oldest_age_ms", Math.max(0, age));
    }
    rounded(json, "records_per_day", outlook.recordsPerDay(), 0);
    rounded(json, "bytes_per_day", outlook.bytesPerDay(), 0);
    rounded(json, "days_left", outlook.daysLeft(), 1);
    if (outlook.freeBytes() != null) {
      json.writeNumberField("free_bytes", outlook.freeBytes());
    }
    said(json, "failure", store.failure());
    json.writeEndObject();
  }

  /** What {@code dropped} is made of; no member where nothing is. */
  private static void drops(JsonGenerator json, List<StoreSnapshot.Drop> drops) throws IOException {
    if (drops.isEmpty()) {
      return;
    }
    json.writeArrayFieldStart("drops");
    for (StoreSnapshot.Drop drop : drops) {
      json.writeStartObject();
      json.writeNumberField("from", drop.from());
      json.writeNumberField("to", drop.to());
      json.writeNumberField("count", drop.count());
      json.writeStringField("kind", drop.kind().name().toLowerCase(Locale.ROOT));
      json.writeStringField("reason", drop.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void uplink(JsonGenerator json, SiteView view, Outlook outlook)
      throws IOException {
    UplinkSnapshot uplink = view.uplink();
    json.writeObjectFieldStart("uplink");
    json.writeBooleanField("configured", view.site().mqtt().isConfigured());
    json.writeBooleanField("connected", uplink.connected());
    json.writeStringField("server", uplink.link().server());
    json.writeNumberField("since_ms", view.ageMillis(uplink.link().connectedNanos()));
    json.writeNumberField("in_flight", uplink.delivery().inFlight());
    json.writeBooleanField("late", uplink.delivery().late());
    rounded(json, "records_per_second", uplink.delivery().recordsPerSecond(), 1);
    rounded(json, "bytes_per_second", uplink.delivery().bytesPerSecond(), 0);
    if (outlook.drainedMillis() != null) {
      json.writeNumberField("eta_ms", outlook.drainedMillis());
    }
    if (uplink.link().nextTryNanos() >= 0) {
      long wait = Math.max(0, uplink.link().nextTryNanos() - view.now().nanos()) / 1_000_000L;
      json.writeNumberField("next_try_ms", wait);
    }
    if (uplink.delivery().lastAckMillis() >= 0) {
      json.writeNumberField("ack_ms", uplink.delivery().lastAckMillis());
    }
    json.writeNumberField("connects", uplink.link().connects());
    json.writeNumberField("set_aside", uplink.records().setAside());
    json.writeNumberField("ack_age_ms", view.ageMillis(uplink.delivery().lastAckNanos()));
    json.writeNumberField("published", uplink.records().published());
    json.writeNumberField("acked", uplink.records().acked());
    json.writeNumberField("resent", uplink.records().resent());
    json.writeNumberField("refused", uplink.records().refused());
    json.writeNumberField("nobody", uplink.records().nobody());
    json.writeNumberField("taken_over", uplink.mishaps().takenOver());
    json.writeNumberField("bad_packets", uplink.mishaps().badPackets());
    json.writeNumberField("unsigned_stores", uplink.mishaps().unsignedStores());
    Integer days = uplink.link().certificateDays();
    if (days != null) {
      json.writeNumberField("certificate_days", days);
    }
    json.writeNumberField("replays_waiting", uplink.replays().waiting());
    json.writeNumberField("replayed", uplink.replays().records());
    optional(json, "error", uplink.link().problem());
    optional(json, "why", uplink.link().why());
    RefusedTopicsSnapshot refusing = uplink.link().refusing();
    if (refusing.count() > 0) {
      json.writeObjectFieldStart("refusing");
      json.writeArrayFieldStart("topics");
      for (String topic : refusing.topics()) {
        json.writeString(topic);
      }
      json.writeEndArray();
      json.writeNumberField("count", refusing.count());
      if (refusing.nextTryNanos() >= 0) {
        long wait = Math.max(0, refusing.nextTryNanos() - view.now().nanos()) / 1_000_000L;
        json.writeNumberField("next_try_ms", wait);
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void views(JsonGenerator json, SiteView view) throws IOException {
    json.writeArrayFieldStart("views");
    for (ViewSnapshot one : view.views()) {
      json.writeStartObject();
      json.writeStringField("kind", one.kind());
      json.writeBooleanField("connected", one.connected());
      json.writeBooleanField("online", one.isOnline());
      json.writeStringField("server", one.server());
      json.writeNumberField("since_ms", view.ageMillis(one.connectedNanos()));
      json.writeNumberField("lag", one.lag());
      json.writeNumberField("births", one.births());
      json.writeNumberField("messages", one.messages());
      json.writeNumberField("late", one.late());
      json.writeNumberField("gone", one.gone());
      json.writeNumberField("passed", one.passed());
      optional(json, "error", one.problem());
      optional(json, "why", one.why());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void health(JsonGenerator json, SiteView view) throws IOException {
    json.writeArrayFieldStart("health");
    for (Loop.Health step : view.health()) {
      json.writeStartObject();
      json.writeStringField("name", step.name());
      json.writeBooleanField("alive", view.alive(step));
      json.writeNumberField("failures", step.failures());
      optional(json, "failure", step.lastFailure());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void changed(JsonGenerator json, Actions.@Nullable Change change)
      throws IOException {
    if (change == null) {
      return;
    }
    json.writeObjectFieldStart("change");
    json.writeStringField("id", change.id());
    json.writeStringField("progress", change.progress().word());
    said(json, "why", change.why());
    json.writeEndObject();
  }

  private static void busy(JsonGenerator json, ActionServer.@Nullable Busy busy)
      throws IOException {
    if (busy == null) {
      return;
    }
    json.writeObjectFieldStart("busy");
    json.writeStringField("what", busy.work().what().word());
    json.writeStringField("line", busy.work().line());
    optional(json, "by", busy.by());
    json.writeNumberField("since_ms", busy.work().forMillis());
    if (busy.work().leftMillis() >= 0) {
      json.writeNumberField("left_ms", busy.work().leftMillis());
    }
    json.writeEndObject();
  }

  private static void rounded(JsonGenerator json, String name, @Nullable Double value, int places)
      throws IOException {
    if (value != null) {
      json.writeFieldName(name);
      json.writeNumber(BigDecimal.valueOf(value).setScale(places, RoundingMode.HALF_EVEN));
    }
  }

  /** In English, and in Chinese beside it. */
  private static void said(JsonGenerator json, String name, @Nullable Sentence said)
      throws IOException {
    if (said != null) {
      json.writeStringField(name, said.english());
      json.writeStringField(name + "_zh", said.chinese());
    }
  }

  private static void optional(JsonGenerator json, String name, @Nullable String value)
      throws IOException {
    if (value != null) {
      json.writeStringField(name, value);
    }
  }
}
