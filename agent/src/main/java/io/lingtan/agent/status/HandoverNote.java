package io.lingtan.agent.status;

import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.report.Language;
import io.lingtan.agent.status.report.QrPath;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code /api/handover}: how the site is, in so few words that a QR code holds them and a phone
 * reads it from a screen. No secrets, and no name that the page does not show to everybody.
 */
final class HandoverNote {

  /** Devices that are named; of more their number is told. */
  private static final int MOST_NAMED = 4;

  private static final int LONGEST_NAME = 40;
  private static final int SHA = 12;

  private final SiteView view;
  private final Language language;

  private HandoverNote(SiteView view, Language language) {
    this.view = view;
    this.language = language;
  }

  private String say(String chinese, String english) {
    return language.of(chinese, english);
  }

  /** The text, and its code as {@link QrPath} has it. */
  static String json(SiteView view, Language language) {
    String note = new HandoverNote(view, language).text();
    QrPath code = QrPath.of(note);
    return Json.object(
        json -> {
          json.writeStringField("text", note);
          json.writeNumberField("size", code.size());
          json.writeStringField("path", code.path());
        });
  }

  String text() {
    Site site = view.site();
    List<String> lines = new ArrayList<>();
    lines.add(
        site.gateway()
            + " "
            + shortened(site.place().name())
            + (site.place().simulated() ? say(" 模拟", " simulated") : ""));
    lines.add(
        AcceptanceSheet.local(view.wall().millisAt(view.now()), site.place().zone())
            + " "
            + (view.wall().trusted()
                ? say("已对时", "clock in sync")
                : say("未对时", "clock not in sync")));
    lines.add(meters());
    lines.add(balance());
    lines.add(uplink());
    lines.add(
        say("记录 ", "records ")
            + view.store().epoch()
            + " seq "
            + view.store().last()
            + say(" 已确认 ", " acked ")
            + view.store().acked()
            + say(" 丢弃 ", " dropped ")
            + view.store().lost());
    lines.add(
        "lingtan "
            + view.software()
            + say(" 配置 ", " config ")
            + site.sha256().substring(0, Math.min(SHA, site.sha256().length())));
    return String.join("\n", lines);
  }

  private static String shortened(String text) {
    return text.codePointCount(0, text.length()) <= LONGEST_NAME
        ? text
        : text.substring(0, text.offsetByCodePoints(0, LONGEST_NAME)) + "…";
  }

  private String meters() {
    int all = 0;
    List<String> poor = new ArrayList<>();
    for (LineSnapshot line : view.lines()) {
      for (DeviceSnapshot device : line.devices()) {
        all++;
        DeviceState state = DeviceState.of(device, view.now().nanos());
        if (state != DeviceState.GOOD) {
          poor.add(shortened(device.device()) + " " + say(state.chinese(), state.english()));
        }
      }
    }
    String more =
        poor.size() > MOST_NAMED
            ? say(" 等 %d 块", " and others, %d in all").formatted(poor.size())
            : "";
    return say("仪表 ", "meters ")
        + (all - poor.size())
        + "/"
        + all
        + (poor.isEmpty() ? "" : ": ")
        + String.join(say("、", ", "), poor.subList(0, Math.min(MOST_NAMED, poor.size())))
        + more;
  }

  private String balance() {
    Flow flow = Flow.of(view);
    Long residual = flow.residualMicrowatts();
    return say("平衡差 ", "residual ")
        + (residual == null ? say("未知", "not known") : AcceptanceSheet.kilowatts(residual / 1e6));
  }

  private String uplink() {
    UplinkSnapshot uplink = view.uplink();
    if (!view.site().mqtt().isConfigured()) {
      return say("未配置上送", "no broker in the site file");
    }
    long age = view.ageMillis(uplink.delivery().lastAckNanos());
    return (uplink.connected()
            ? say("上送已连接", "broker connected")
            : say("上送未连接", "broker not connected"))
        + say("，待上送 ", ", waiting ")
        + view.store().waiting()
        + say("，最近确认 ", ", last PUBACK ")
        + (age < 0 ? say("从未", "never") : age / 1000 + say(" 秒前", " s ago"));
  }
}
