package io.lingtan.agent.status;

import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.share.ShareSnapshot;
import io.lingtan.agent.journal.commit.ReceiptsSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.ledger.LedgerSnapshot;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.ViewSnapshot;
import io.lingtan.agent.publish.lane.LatencySnapshot;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.run.Loop;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * {@code /metrics} in the Prometheus text format 0.0.4, written by hand: a metrics library costs
 * more memory than all of the page.
 */
final class Metrics {

  /** No value of any counter or gauge here: the line is left out. */
  private static final long ABSENT = -1;

  private final StringBuilder text = new StringBuilder(4096);

  private Metrics() {}

  static String of(SiteView view) {
    Metrics metrics = new Metrics();
    metrics.lines(view);
    metrics.devices(view);
    metrics.store(view.store());
    metrics.ledger(view.ledger());
    metrics.receipts(view.receipts());
    if (view.site().mqtt().isConfigured()) {
      metrics.uplink(view.uplink());
    }
    metrics.views(view);
    metrics.steps(view);
    metrics.single(
        "lingtan_clock_trusted",
        "gauge",
        "1 if the wall clock is vouched for",
        view.wall().trusted() ? 1 : 0);
    return metrics.text.toString();
  }

  private void lines(SiteView view) {
    perLine(
        view,
        "lingtan_line_busy_percent",
        "gauge",
        "share of the last minute in use",
        LineSnapshot::busyPercent);
    perLine(
        view,
        "lingtan_line_skipped_polls_total",
        "counter",
        "polls not made because the line was behind; absent of inputs",
        LineSnapshot::skipped);
    perLine(
        view,
        "lingtan_line_refused_samples_total",
        "counter",
        "samples lost to a full queue",
        LineSnapshot::refusedSamples);
    perLine(
        view,
        "lingtan_line_dropped_events_total",
        "counter",
        "events lost to a queue that was full for long",
        LineSnapshot::droppedEvents);
    perLine(
        view,
        "lingtan_line_openings_total",
        "counter",
        "attempts to open the port or connection; absent where nothing is opened",
        LineSnapshot::openings);
    perLine(
        view,
        "lingtan_line_breaks_total",
        "counter",
        "attempts to open it that failed, and connections that broke",
        LineSnapshot::breaks);
    perLine(
        view,
        "lingtan_line_foreign_total",
        "counter",
        "received bytes or frames that answered nothing asked",
        LineSnapshot::foreign);
    perLine(
        view,
        "lingtan_line_lost_pulses_total",
        "counter",
        "pulses that the kernel counted and could not keep; absent but of inputs",
        line -> line.pulses() == null ? ABSENT : line.pulses().lost());
    perLine(
        view,
        "lingtan_line_bounced_edges_total",
        "counter",
        "edges whose level did not hold for the debounce time; absent but of inputs",
        line -> line.pulses() == null ? ABSENT : line.pulses().bounced());
    perLine(
        view,
        "lingtan_line_strangers_total",
        "counter",
        "requests of another master that were heard on the line",
        LineSnapshot::strangers);
    perSchedule(
        view,
        "lingtan_line_planned_blocks",
        "requests of one round over everything that is not offline",
        LineSnapshot.ScheduleSnapshot::blocks);
    perSchedule(
        view,
        "lingtan_line_planned_cycle_microseconds",
        "time that such a round takes with the delays that were measured",
        LineSnapshot.ScheduleSnapshot::cycleMicros);
    perSchedule(
        view,
        "lingtan_line_planned_utilisation_percent",
        "share of its time that the line needs; above 100 polls are left out",
        LineSnapshot.ScheduleSnapshot::utilisationPercent);
    shares(view);
    perLine(
        view,
        "lingtan_line_problem",
        "gauge",
        "1 while the line cannot work",
        line -> line.problem() == null ? 0 : 1);
  }

  private void shares(SiteView view) {
    if (view.lines().stream().allMatch(line -> line.share() == null)) {
      return;
    }
    perShare(view, "lingtan_share_callers", "connections of other masters", ShareSnapshot::callers);
    perShare(
        view,
        "lingtan_share_problem",
        "1 while other masters cannot connect",
        share -> share.problem() == null ? 0 : 1);
    head(
        "lingtan_share_connections_total",
        "counter",
        "connections of other masters, by what became of them");
    perShare(view, "lingtan_share_connections_total", ShareSnapshot::connections);
    head(
        "lingtan_share_answers_total",
        "counter",
        "answers to other masters, by where they came from or why there was none");
    perShare(view, "lingtan_share_answers_total", ShareSnapshot::answers);
    head(
        "lingtan_share_line_milliseconds_total",
        "counter",
        "line time that other masters' questions took");
    for (LineSnapshot line : view.lines()) {
      ShareSnapshot share = line.share();
      if (share != null) {
        text.append("lingtan_share_line_milliseconds_total{line=\"").append(line.id());
        text.append("\"} ").append(share.lineMillis()).append('\n');
      }
    }
  }

  private void perShare(
      SiteView view, String name, String help, ToLongFunction<ShareSnapshot> value) {
    head(name, "gauge", help);
    for (LineSnapshot line : view.lines()) {
      ShareSnapshot share = line.share();
      if (share != null) {
        text.append(name).append("{line=\"").append(line.id()).append("\"} ");
        text.append(value.applyAsLong(share)).append('\n');
      }
    }
  }

  private void perShare(
      SiteView view, String name, Function<ShareSnapshot, SortedMap<String, Long>> counters) {
    for (LineSnapshot line : view.lines()) {
      ShareSnapshot share = line.share();
      if (share != null) {
        counters
            .apply(share)
            .forEach(
                (how, count) -> {
                  text.append(name).append("{line=\"").append(line.id());
                  text.append("\",how=\"").append(how).append("\"} ").append(count).append('\n');
                });
      }
    }
  }

  private void devices(SiteView view) {
    long now = view.now().nanos();
    perDevice(view, "lingtan_device_polls_total", "counter", "polls", DeviceSnapshot::polls);
    perDevice(
        view,
        "lingtan_device_timeouts_total",
        "counter",
        "polls without answer",
        DeviceSnapshot::timeouts);
    perDevice(
        view,
        "lingtan_device_crc_errors_total",
        "counter",
        "answers that failed their check",
        DeviceSnapshot::crcErrors);
    perDevice(
        view,
        "lingtan_device_exceptions_total",
        "counter",
        "exception answers",
        DeviceSnapshot::exceptions);
    perDevice(
        view,
        "lingtan_device_reply_microseconds",
        "gauge",
        "mean time to the answer; absent before the first",
        device -> device.replyMicros() > 0 ? device.replyMicros() : ABSENT);
    perDevice(
        view,
        "lingtan_device_delay_microseconds",
        "gauge",
        "mean time from the end of a request to the reply; absent before the first",
        device -> device.delayMicros() > 0 ? device.delayMicros() : ABSENT);
    perDevice(
        view,
        "lingtan_device_good",
        "gauge",
        "1 while values are fresh",
        device -> DeviceState.of(device, now) == DeviceState.GOOD ? 1 : 0);
    head(
        "lingtan_device_age_seconds",
        "gauge",
        "seconds since the last answer; absent before the first");
    for (LineSnapshot line : view.lines()) {
      for (DeviceSnapshot device : line.devices()) {
        long age = DeviceState.ageMillis(device, now);
        if (age >= 0) {
          labels("lingtan_device_age_seconds", line, device).append(age / 1000.0).append('\n');
        }
      }
    }
    head(
        "lingtan_point",
        "gauge",
        "value in the point's unit; absent while its latest poll gave none, or it is stale");
    for (LineSnapshot line : view.lines()) {
      for (DeviceSnapshot device : line.devices()) {
        for (Shown shown : Shown.of(device, now)) {
          boolean isTold = shown.isNumber() || shown.point().form() instanceof Form.Texts;
          if (isTold && shown.why() == null) {
            text.append("lingtan_point{device=\"").append(device.device());
            text.append("\",point=\"").append(shown.point()).append("\"} ");
            text.append(shown.isNumber() ? shown.text() : Long.toString(shown.held())).append('\n');
          }
        }
      }
    }
    head("lingtan_point_bit", "gauge", "1 while a bit of a device's word of alarms is raised");
    for (LineSnapshot line : view.lines()) {
      for (DeviceSnapshot device : line.devices()) {
        for (Shown shown : Shown.of(device, now)) {
          if (shown.point().form() instanceof Form.Bits(long listed) && shown.why() == null) {
            Form.bits(listed)
                .forEach(
                    bit -> {
                      text.append("lingtan_point_bit{device=\"").append(device.device());
                      text.append("\",point=\"").append(shown.point()).append("\",bit=\"");
                      text.append(bit).append("\"} ").append(shown.held() >>> bit & 1).append('\n');
                    });
          }
        }
      }
    }
  }

  private void store(StoreSnapshot store) {
    single("lingtan_journal_last_seq", "gauge", "highest seq assigned in this epoch", store.last());
    single(
        "lingtan_journal_acked_seq",
        "gauge",
        "every seq up to here is delivered or declared dropped",
        store.acked());
    single("lingtan_journal_waiting_records", "gauge", "records not acknowledged", store.waiting());
    single(
        "lingtan_journal_held_records",
        "gauge",
        "records whose boot has no date yet",
        store.held());
    single(
        "lingtan_journal_dropped_records",
        "gauge",
        "records declared dropped in this epoch",
        store.lost());
    single("lingtan_journal_bytes", "gauge", "bytes on disk", store.bytes());
    single(
        "lingtan_journal_written_bytes_total",
        "counter",
        "bytes written to disk since start",
        store.bytesWritten());
    single(
        "lingtan_journal_failing",
        "gauge",
        "1 while the journal cannot be written",
        store.failure() == null ? 0 : 1);
  }

  private void ledger(LedgerSnapshot ledger) {
    single(
        "lingtan_ledger_blocked",
        "gauge",
        "1 while readings wait in memory because nothing can be written",
        ledger.blocked() ? 1 : 0);
    single(
        "lingtan_ledger_failed_commits_total",
        "counter",
        "commits that the journal did not take",
        ledger.failedCommits());
    single(
        "lingtan_ledger_failed_figures_total",
        "counter",
        "chapters of figures that could not be worked out, and samples left out of them",
        ledger.failedFigures());
    single(
        "lingtan_ledger_refused_arrivals_total",
        "counter",
        "arrivals that found the queue full",
        ledger.refused());
    single(
        "lingtan_ledger_forgotten_samples_total",
        "counter",
        "samples that waited for a clock and were given up",
        ledger.forgotten());
  }

  private void receipts(ReceiptsSnapshot receipts) {
    single(
        "lingtan_journal_receipts_written_total",
        "counter",
        "acknowledgements written to memory, one for each step that got some",
        receipts.written());
    single(
        "lingtan_journal_receipts_failed_total",
        "counter",
        "those that could not be: a kill then has more sent again than was in flight",
        receipts.failed());
    single(
        "lingtan_journal_receipts_ignored_total",
        "counter",
        "files of them found damaged, or another journal's, at the start",
        receipts.ignored());
  }

  private void uplink(UplinkSnapshot uplink) {
    single(
        "lingtan_uplink_connected",
        "gauge",
        "1 while connected to a broker",
        uplink.connected() ? 1 : 0);
    single(
        "lingtan_uplink_in_flight",
        "gauge",
        "messages without PUBACK",
        uplink.delivery().inFlight());
    single(
        "lingtan_uplink_in_flight_bytes",
        "gauge",
        "bytes of messages without PUBACK",
        uplink.delivery().inFlightBytes());
    single(
        "lingtan_uplink_lost_events_total",
        "counter",
        "events of the connection that found no room",
        uplink.mishaps().eventsLost());
    single(
        "lingtan_uplink_connects_total", "counter", "connections made", uplink.link().connects());
    single(
        "lingtan_uplink_published_records_total",
        "counter",
        "records sent, again-sent ones included",
        uplink.records().published());
    single(
        "lingtan_uplink_acked_records_total",
        "counter",
        "records that the broker took",
        uplink.records().acked());
    single(
        "lingtan_uplink_resent_records_total",
        "counter",
        "records sent again",
        uplink.records().resent());
    single(
        "lingtan_uplink_refused_total",
        "counter",
        "messages that the broker refused",
        uplink.records().refused());
    single(
        "lingtan_uplink_nobody_total",
        "counter",
        "messages that nobody subscribes to",
        uplink.records().nobody());
    single(
        "lingtan_uplink_set_aside_records_total",
        "counter",
        "records too large for the broker",
        uplink.records().setAside());
    single(
        "lingtan_uplink_taken_over_total",
        "counter",
        "connections that another client with our id has ended",
        uplink.mishaps().takenOver());
    single(
        "lingtan_uplink_bad_packets_total",
        "counter",
        "connections given up because the broker sent what must not be sent",
        uplink.mishaps().badPackets());
    single(
        "lingtan_uplink_unsigned_stores_total",
        "counter",
        "retained stores with later numbers that this gateway has not signed",
        uplink.mishaps().unsignedStores());
    Integer days = uplink.link().certificateDays();
    if (days != null) {
      single(
          "lingtan_uplink_certificate_days",
          "gauge",
          "whole days until our certificate ends",
          days);
    }
    single(
        "lingtan_uplink_commands_refused_total",
        "counter",
        "commands refused",
        uplink.mishaps().commandsRefused());
    single(
        "lingtan_uplink_replays_waiting",
        "gauge",
        "requests for a replay that wait or are under way",
        uplink.replays().waiting());
    single(
        "lingtan_uplink_replays_total",
        "counter",
        "requests for a replay taken",
        uplink.replays().taken());
    single(
        "lingtan_uplink_replays_ended_total",
        "counter",
        "replays that ended unfinished",
        uplink.replays().ended());
    single(
        "lingtan_uplink_replayed_records_total",
        "counter",
        "records sent once more by replays, and taken by the broker",
        uplink.replays().records());
    live(uplink.live());
  }

  private void live(LatencySnapshot live) {
    String name = "lingtan_uplink_live_seconds";
    head(name, "histogram", "from commit to PUBACK, of records sent live");
    long upTo = 0;
    for (int i = 0; i < LatencySnapshot.BOUNDS_MILLIS.size(); i++) {
      upTo += live.counts().get(i);
      text.append(name).append("_bucket{le=\"");
      text.append(LatencySnapshot.BOUNDS_MILLIS.get(i) / 1000.0).append("\"} ");
      text.append(upTo).append('\n');
    }
    text.append(name).append("_bucket{le=\"+Inf\"} ").append(live.count()).append('\n');
    text.append(name).append("_sum ").append(live.sumMillis() / 1000.0).append('\n');
    text.append(name).append("_count ").append(live.count()).append('\n');
  }

  private void views(SiteView view) {
    perView(
        view,
        "lingtan_view_connected",
        "gauge",
        "1 while the view is connected to a broker",
        one -> one.connected() ? 1 : 0);
    perView(
        view,
        "lingtan_view_online",
        "gauge",
        "1 while the view tells values",
        one -> one.isOnline() ? 1 : 0);
    perView(
        view,
        "lingtan_view_lag_records",
        "gauge",
        "records that the view has not sent yet",
        ViewSnapshot::lag);
    perView(
        view,
        "lingtan_view_connects_total",
        "counter",
        "connections that the view made",
        ViewSnapshot::connects);
    perView(
        view,
        "lingtan_view_births_total",
        "counter",
        "times that the view told everything anew",
        ViewSnapshot::births);
    perView(
        view,
        "lingtan_view_messages_total",
        "counter",
        "messages that the view sent",
        ViewSnapshot::messages);
    perView(
        view,
        "lingtan_view_late_records_total",
        "counter",
        "records that the view sent as historical",
        ViewSnapshot::late);
    perView(
        view,
        "lingtan_view_gone_records_total",
        "counter",
        "records that the journal dropped before the view sent them",
        ViewSnapshot::gone);
    perView(
        view,
        "lingtan_view_passed_records_total",
        "counter",
        "what the view cannot tell: without a date, or too large for the broker",
        ViewSnapshot::passed);
    perView(
        view,
        "lingtan_view_commands_refused_total",
        "counter",
        "commands that the view refused",
        ViewSnapshot::commandsRefused);
  }

  private void perView(
      SiteView view, String name, String type, String help, ToLongFunction<ViewSnapshot> value) {
    if (view.views().isEmpty()) {
      return;
    }
    head(name, type, help);
    for (ViewSnapshot one : view.views()) {
      text.append(name).append("{view=\"").append(one.kind()).append("\"} ");
      text.append(value.applyAsLong(one)).append('\n');
    }
  }

  private void steps(SiteView view) {
    head("lingtan_step_alive", "gauge", "1 while the stage is running");
    for (Loop.Health step : view.health()) {
      text.append("lingtan_step_alive{step=\"").append(step.name()).append("\"} ");
      text.append(view.alive(step) ? 1 : 0).append('\n');
    }
    head("lingtan_step_failures_total", "counter", "faults of the stage since start");
    for (Loop.Health step : view.health()) {
      text.append("lingtan_step_failures_total{step=\"").append(step.name()).append("\"} ");
      text.append(step.failures()).append('\n');
    }
  }

  private void perLine(
      SiteView view, String name, String type, String help, ToLongFunction<LineSnapshot> value) {
    head(name, type, help);
    for (LineSnapshot line : view.lines()) {
      long shown = value.applyAsLong(line);
      if (shown != ABSENT) {
        text.append(name).append("{line=\"").append(line.id()).append("\"} ");
        text.append(shown).append('\n');
      }
    }
  }

  /** A gauge of the lines that plan what they ask. */
  private void perSchedule(
      SiteView view,
      String name,
      String help,
      ToLongFunction<LineSnapshot.ScheduleSnapshot> value) {
    head(name, "gauge", help);
    for (LineSnapshot line : view.lines()) {
      LineSnapshot.ScheduleSnapshot schedule = line.schedule();
      if (schedule != null) {
        text.append(name).append("{line=\"").append(line.id()).append("\"} ");
        text.append(value.applyAsLong(schedule)).append('\n');
      }
    }
  }

  private void perDevice(
      SiteView view, String name, String type, String help, ToLongFunction<DeviceSnapshot> value) {
    head(name, type, help);
    for (LineSnapshot line : view.lines()) {
      for (DeviceSnapshot device : line.devices()) {
        long shown = value.applyAsLong(device);
        if (shown != ABSENT) {
          labels(name, line, device).append(shown).append('\n');
        }
      }
    }
  }

  private StringBuilder labels(String name, LineSnapshot line, DeviceSnapshot device) {
    return text.append(name)
        .append("{line=\"")
        .append(line.id())
        .append("\",device=\"")
        .append(device.device())
        .append("\"} ");
  }

  /** One more counter. */
  static String counter(String name, String help, long value) {
    Metrics metrics = new Metrics();
    metrics.single(name, "counter", help, value);
    return metrics.text.toString();
  }

  static String gauge(String name, String help, long value) {
    Metrics metrics = new Metrics();
    metrics.single(name, "gauge", help, value);
    return metrics.text.toString();
  }

  private void single(String name, String type, String help, long value) {
    head(name, type, help);
    text.append(name).append(' ').append(value).append('\n');
  }

  private void head(String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append("\n# TYPE ");
    text.append(name).append(' ').append(type).append('\n');
  }
}
