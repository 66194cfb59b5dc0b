package io.lingtan.agent.status;

import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.share.ShareSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.ViewSnapshot;
import io.lingtan.agent.publish.lane.DeliverySnapshot.Mark;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.site.Site;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code /text}: what the page shows, for curl and for browsers without scripts, zh and en. */
final class SnapshotText {

  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private SnapshotText() {}

  static String of(SiteView view) {
    StringBuilder text = new StringBuilder(2048);
    Site site = view.site();
    text.append(site.place().name()).append("  ").append(site.gateway()).append('\n');
    if (site.place().simulated()) {
      text.append("⚠ 模拟数据 simulated: nothing of this was measured\n");
    }
    text.append("对时 clock: ")
        .append(view.wall().trusted() ? "正常 in sync" : "未对时 not in sync")
        .append(" (")
        .append(view.wall().source())
        .append(")\n");
    if (view.ledger().isAhead()) {
      String until = LocalSpan.minute(view.ledger().aheadUntil(), site.place().zone());
      text.append("⚠ 时钟曾超前，以下时刻之前没有新的区间 the clock was ahead, no new interval before: ")
          .append(until)
          .append('\n');
    }
    uplink(text, view);
    for (ViewSnapshot one : view.views()) {
      shown(text, one);
    }
    if (view.refused() != null) {
      text.append("⚠ 新的站点文件未被采用 the site file is refused, the one before goes on: ")
          .append(view.refused().both())
          .append('\n');
    }
    String trouble = view.trouble();
    if (!trouble.isEmpty()) {
      text.append("⚠ ").append(trouble).append('\n');
    }
    for (Loop.Health step : view.health()) {
      if (step.failures() > 0) {
        text.append("⚠ ").append(step.name()).append(": ").append(step.failures());
        text.append(" 次异常 failures, 最近 last: ").append(step.lastFailure()).append('\n');
      }
    }
    if (view.lines().isEmpty()) {
      text.append("⚠ 没有线路，什么也不采集 no lines: nothing is read yet; they go into ")
          .append(site.file())
          .append('\n');
    }
    interval(text, view);
    for (LineSnapshot line : view.lines()) {
      line(text, view, line);
    }
    return text.toString();
  }

  private static void uplink(StringBuilder text, SiteView view) {
    UplinkSnapshot uplink = view.uplink();
    StoreSnapshot store = view.store();
    if (view.site().mqtt().isConfigured()) {
      text.append("MQTT: ")
          .append(uplink.connected() ? "已连接 connected " : "未连接 away ")
          .append(uplink.link().server());
    } else {
      text.append("MQTT: 未配置，只在本机保存 not configured, records are kept here alone");
    }
    if (uplink.link().problem() != null) {
      text.append(" — ").append(uplink.link().problem());
    }
    Integer days = uplink.link().certificateDays();
    if (days != null) {
      text.append("\n证书剩余天数 certificate ends in days: ").append(days);
    }
    text.append("\n待上送 waiting: ").append(store.waiting());
    text.append("  在途 in flight: ").append(uplink.delivery().inFlight());
    text.append("  最近确认 last acknowledgement: ");
    age(text, view.ageMillis(uplink.delivery().lastAckNanos()));
    text.append("\n序列 epoch ").append(store.epoch());
    text.append("  last ").append(store.last());
    text.append("  acked ").append(store.acked());
    text.append("  已声明丢弃 dropped ").append(store.lost());
    text.append("  ").append(store.bytes() / 1000).append(" kB\n");
    if (store.failure() != null) {
      text.append("⚠ ").append(store.failure().both()).append('\n');
    }
  }

  private static void shown(StringBuilder text, ViewSnapshot view) {
    text.append(view.kind()).append(": ");
    text.append(view.isOnline() ? "在线 online " : view.connected() ? "已连接 connected " : "未连接 away ");
    text.append(view.server());
    if (view.problem() != null) {
      text.append(" — ").append(view.problem());
    }
    text.append("\n  已发消息 messages: ").append(view.messages());
    text.append("  待发记录 lag: ").append(view.lag());
    text.append("  未发已失 gone: ").append(view.gone()).append('\n');
  }

  private static void interval(StringBuilder text, SiteView view) {
    Interval interval = view.ledger().lastInterval();
    if (interval == null) {
      text.append("\n第一个区间还没有结束 the first interval has not ended yet\n");
      return;
    }
    Interval today = view.ledger().today();
    if (today != null) {
      figures(text, view, "\n今日至今 today so far ", SiteView.ofToday(today));
    }
    figures(text, view, "\n最近区间 last interval ", interval);
  }

  private static void figures(StringBuilder text, SiteView view, String title, Interval interval) {
    text.append(title).append(interval.length()).append("  ");
    text.append(LocalSpan.of(interval, view.site().place().zone())).append('\n');
    for (Map.Entry<String, Metric> entry : interval.metrics().entrySet()) {
      Metric metric = entry.getValue();
      text.append("  ").append(entry.getKey()).append(": ");
      Long micros = metric.micros();
      if (micros == null) {
        text.append("— ").append(metric.why());
      } else {
        text.append(Micros.text(micros)).append(' ').append(metric.ucum());
      }
      if (metric.pm() != null) {
        text.append("  ± ").append(Micros.text(metric.pm())).append(" (95 %)");
      }
      if (metric.text() != null) {
        text.append("  ").append(metric.text());
      }
      text.append("  ").append(metric.quality().word()).append('\n');
    }
  }

  private static void line(StringBuilder text, SiteView view, LineSnapshot line) {
    long nowNanos = view.now().nanos();
    text.append("\n线路 line ").append(line.id()).append("  ").append(line.kind());
    text.append("  ").append(line.where()).append("  占用 in use ").append(line.busyPercent());
    text.append(" %");
    LineSnapshot.PulseSnapshot pulses = line.pulses();
    if (pulses == null) {
      text.append("  跳过 skipped ").append(line.skipped());
    } else {
      text.append("  丢失脉冲 pulses lost ").append(pulses.lost());
      text.append("  抖动 bounced ").append(pulses.bounced());
    }
    if (line.openings() >= 0) {
      text.append("  连接 opened ").append(line.openings());
      text.append("  断开 broke ").append(line.breaks());
    }
    if (line.droppedEvents() > 0) {
      text.append("  丢失事件 events lost ").append(line.droppedEvents());
    }
    text.append('\n');
    if (line.problem() != null) {
      text.append("  ⚠ ").append(line.problem().both()).append('\n');
    }
    if (line.share() != null) {
      share(text, line.share());
    }
    for (DeviceSnapshot device : line.devices()) {
      DeviceState state = DeviceState.of(device, nowNanos);
      text.append("  ").append(device.device()).append("  ").append(state.chinese());
      text.append(' ').append(state.english()).append("  ");
      age(text, DeviceState.ageMillis(device, nowNanos));
      if (device.failure() != null) {
        text.append("  ").append(device.failure()).append(": ").append(device.failureDetail());
      }
      text.append('\n');
      List<Shown> read = Shown.of(device, nowNanos);
      Passage passage = new Passage(view, device.device());
      read.forEach(shown -> value(text, shown, passage.place(shown)));
      passage.records(read).forEach(record -> record(text, view, record, passage.fate(record)));
      device.bad().entrySet().stream()
          .filter(bad -> read.stream().noneMatch(shown -> shown.point().equals(bad.getKey())))
          .sorted(Map.Entry.comparingByKey())
          .forEach(
              bad ->
                  text.append("    ")
                      .append(bad.getKey())
                      .append(": — ")
                      .append(bad.getValue())
                      .append('\n'));
    }
  }

  private static void share(StringBuilder text, ShareSnapshot share) {
    text.append("  共享 shared at ").append(share.where());
    text.append("  连接 callers ").append(share.callers());
    text.append("  占用线路 line time ").append(share.lineMillis()).append(" ms");
    share.connections().forEach((how, count) -> counted(text, how, count));
    share.answers().forEach((how, count) -> counted(text, how, count));
    text.append('\n');
    if (share.problem() != null) {
      text.append("  ⚠ ").append(share.problem().both()).append('\n');
    }
  }

  private static void counted(StringBuilder text, String what, long count) {
    if (count > 0) {
      text.append("  ").append(what).append(' ').append(count);
    }
  }

  /** An old value stands behind the reason, so that nobody takes it for the present one. */
  private static void value(StringBuilder text, Shown shown, Passage.Place place) {
    text.append("    ").append(shown.point()).append(": ");
    if (shown.why() != null) {
      text.append("— ").append(shown.why()).append("  上次 last ");
    }
    text.append(shown.text());
    if (shown.isNumber()) {
      text.append(' ').append(shown.point().symbol());
    }
    if (shown.why() != null) {
      text.append("  ");
      age(text, shown.ageMillis());
    }
    DataRecord record = place.record();
    text.append(
        switch (place.how()) {
          case IN -> "  → ";
          case NEXT -> "  本记录周期未结束 record period not over";
          case SAME -> "  变化在死区内 within its deadband";
          case LEFT_OUT -> "  未入记录 in no record";
        });
    if (record != null) {
      text.append(place.how() == Passage.How.IN ? "#" : "，上一条 last #").append(record.seq());
    }
    text.append('\n');
  }

  /** A record that some of a device's values are in, and what became of it. */
  private static void record(
      StringBuilder text, SiteView view, DataRecord record, Passage.Fate fate) {
    text.append("    #").append(record.seq()).append("  ").append(record.epoch()).append("  ");
    if (fate.topic() != null) {
      text.append(fate.topic()).append("  ");
    }
    text.append(fate.state().text());
    Mark mark = fate.mark();
    if (mark != null && !mark.isUnderWay()) {
      text.append("  PUBACK ");
      if (view.wall().trusted()) {
        long at = view.wall().millisAt(new MonotonicInstant(mark.answeredNanos()));
        text.append(CLOCK.withZone(view.site().place().zone()).format(Instant.ofEpochMilli(at)));
      } else {
        age(text, view.ageMillis(mark.answeredNanos()));
        text.append("（未对时 the clock is not set）");
      }
      if (!mark.isTaken()) {
        text.append("  原因 reason ").append(mark.reason());
      }
    }
    text.append('\n');
  }

  private static void age(StringBuilder text, long millis) {
    if (millis < 0) {
      text.append("从未 never");
    } else {
      text.append(millis / 1000).append('.').append(millis % 1000 / 100).append(" s 前 ago");
    }
  }
}
