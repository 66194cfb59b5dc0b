package io.lingtan.agent.status;

import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.journal.number.ChainSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.handover.Checks;
import io.lingtan.agent.status.handover.HandoverSheet;
import io.lingtan.agent.status.handover.HandoverSheet.Cell;
import io.lingtan.agent.status.handover.HandoverSheet.Fact;
import io.lingtan.agent.status.handover.HandoverSheet.Mark;
import io.lingtan.agent.status.handover.HandoverSheet.Section;
import io.lingtan.agent.status.handover.Order;
import io.lingtan.agent.status.report.Language;
import io.lingtan.agent.status.wiring.Finding;
import io.lingtan.agent.status.wiring.Verdicts;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The acceptance record of a site as it is now. */
final class AcceptanceSheet {

  private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

  private final SiteView view;
  private final Verdicts wiring;
  private final AcceptedMeters meters;
  private final @Nullable ChainSnapshot chain;
  private final Order order;
  private final Language language;

  private AcceptanceSheet(
      SiteView view, Verdicts wiring, Checks checks, @Nullable ChainSnapshot chain, Order order) {
    this.view = view;
    this.wiring = wiring;
    this.chain = chain;
    this.order = order;
    this.language = order.language();
    this.meters = new AcceptedMeters(view, wiring, checks, language);
  }

  /**
   * @param wiring of the last two minutes
   * @param chain where the chain of signed records is; null if they are not signed
   */
  static HandoverSheet of(
      SiteView view, Verdicts wiring, Checks checks, @Nullable ChainSnapshot chain, Order order) {
    return new AcceptanceSheet(view, wiring, checks, chain, order).sheet();
  }

  static String local(long millis, ZoneId zone) {
    return LOCAL.format(Instant.ofEpochMilli(millis).atZone(zone));
  }

  /** To a tenth of a kW; what rounds to nothing has no sign. */
  static String kilowatts(double watts) {
    return String.format(Locale.ROOT, "%.1f kW", Math.round(watts / 100) / 10.0);
  }

  private String say(String chinese, String english) {
    return language.of(chinese, english);
  }

  private Fact fact(String chinese, String english, Mark mark, String text) {
    return new Fact(say(chinese, english), new Cell(mark, text));
  }

  private Fact fact(String chinese, String english, String text) {
    return fact(chinese, english, Mark.PLAIN, text);
  }

  private HandoverSheet sheet() {
    Site site = view.site();
    List<List<Cell>> rows = meters.rows();
    List<Section> sections =
        List.of(
            new Section(say("网关", "Gateway"), gateway(), List.of(), List.of()),
            new Section(
                say("仪表", "Meters"),
                rows.isEmpty()
                    ? List.of(
                        fact("仪表", "Meters", Mark.OPEN, say("站点文件里没有仪表", "the site file has none")))
                    : List.of(),
                meters.head(),
                rows),
            new Section(say("接线与平衡", "Wiring and balance"), balance(), List.of(), List.of()),
            lines(),
            new Section(say("上送", "Delivery"), delivery(), List.of(), List.of()));
    return new HandoverSheet(
        say("能碳网关验收记录", "Acceptance record of an energy and carbon gateway"),
        site.place().name() + " · " + site.gateway(),
        sections,
        foot());
  }

  private List<Fact> gateway() {
    Site site = view.site();
    long now = view.wall().millisAt(view.now());
    List<Fact> facts = new ArrayList<>();
    if (site.place().simulated()) {
      facts.add(
          fact("模拟", "Simulated", Mark.BAD, say("模拟数据，不能用于验收", "simulated: it accepts nothing")));
    }
    facts.add(fact("站点", "Site", site.place().name() + " · " + site.place().region()));
    facts.add(fact("网关编号", "Gateway", site.gateway()));
    facts.add(fact("调试人员", "Technician", order.technician()));
    if (!order.typed().isEmpty()) {
      facts.add(fact("填写的姓名", "Name as typed", order.typed()));
    }
    if (!order.note().isEmpty()) {
      facts.add(fact("备注", "Note", order.note()));
    }
    facts.add(
        fact(
            "时间",
            "Time",
            "%s %s (%s)"
                .formatted(
                    local(now, site.place().zone()),
                    site.place().zone().getId(),
                    Instant.ofEpochMilli(now).toString())));
    facts.add(
        view.wall().trusted()
            ? fact("时钟", "Clock", Mark.GOOD, say("已对时：", "vouched for by ") + view.wall().source())
            : fact(
                "时钟", "Clock", Mark.BAD, say("未对时，以上时间不可信", "nobody vouches for the time above")));
    facts.add(fact("软件", "Software", "lingtan " + view.software()));
    facts.add(fact("站点文件 SHA-256", "Site file, SHA-256", site.sha256()));
    ChainSnapshot signed = chain;
    if (signed != null) {
      facts.add(fact("签名公钥", "Public key", signed.key()));
      facts.add(
          signed.seq() == 0
              ? fact("接在", "After", say("尚无区间记录", "no interval record yet"))
              : fact(
                  "接在",
                  "After",
                  "epoch %s seq %d, SHA-256 %s"
                      .formatted(String.valueOf(signed.epoch()), signed.seq(), signed.head())));
    }
    return facts;
  }

  private List<Fact> balance() {
    List<Fact> facts = new ArrayList<>();
    Boolean closed = wiring.isClosed();
    String looks = say("%d 次观察", "%d looks").formatted(wiring.looks());
    if (!wiring.isEnough()) {
      return List.of(
          fact(
              "接线核对",
              "Wiring check",
              Mark.OPEN,
              say("未核对（", "not checked (") + looks + say("）", ")")));
    }
    Double residual = wiring.look().residualWatts();
    if (closed == null || residual == null) {
      List<String> lacking = wiring.look().lacking();
      facts.add(
          fact(
              "平衡差",
              "Residual",
              Mark.OPEN,
              lacking.isEmpty()
                  ? say("没有关口表，无法判断", "there is no grid meter to tell it by")
                  : say("无法判断，缺 ", "not known, lacking ") + String.join(say("、", ", "), lacking)));
    } else {
      facts.add(
          fact(
              "平衡差",
              "Residual",
              closed ? Mark.GOOD : Mark.BAD,
              kilowatts(residual)
                  + " · "
                  + say(
                          closed ? "在允许范围内 · %d 次观察中 %d 次如此" : "超出允许范围 · %d 次观察中 %d 次在范围内",
                          closed ? "closes · of %d looks %d did" : "open · of %d looks %d closed")
                      .formatted(wiring.balanced(), wiring.closed())));
    }
    for (Finding finding : wiring.findings()) {
      String meter = finding.meter();
      facts.add(
          new Fact(
              meter == null ? finding.device() : meter + " (" + finding.device() + ")",
              new Cell(finding.isSure() ? Mark.BAD : Mark.OPEN, meters.words(finding))));
    }
    return facts;
  }

  private Section lines() {
    List<List<Cell>> rows = new ArrayList<>();
    for (LineSnapshot line : view.lines()) {
      Sentence problem = line.problem();
      rows.add(
          List.of(
              Cell.of(line.id()),
              Cell.of(line.kind() + "\n" + line.where()),
              Cell.of(line.busyPercent() + " %"),
              problem != null
                  ? new Cell(Mark.BAD, say(problem.chinese(), problem.english()))
                  : line.strangers() > 0
                      ? new Cell(
                          Mark.BAD,
                          say("另有主站在说话：%d 次", "another master was heard %d times")
                              .formatted(line.strangers()))
                      : new Cell(Mark.GOOD, say("正常", "good"))));
    }
    return new Section(
        say("线路", "Lines"),
        List.of(),
        List.of(say("线路", "Line"), say("接口", "Where"), say("占用", "In use"), say("状态", "State")),
        rows);
  }

  private List<Fact> delivery() {
    List<Fact> facts = new ArrayList<>();
    UplinkSnapshot uplink = view.uplink();
    StoreSnapshot store = view.store();
    if (!view.site().mqtt().isConfigured()) {
      facts.add(
          fact("上送", "Broker", Mark.OPEN, say("站点文件没有写上送地址", "the site file names no broker")));
    } else {
      facts.add(
          uplink.connected()
              ? fact(
                  "上送", "Broker", Mark.GOOD, say("已连接 ", "connected to ") + uplink.link().server())
              : fact(
                  "上送",
                  "Broker",
                  Mark.BAD,
                  say("未连接 ", "not connected to ") + uplink.link().server()));
      long age = view.ageMillis(uplink.delivery().lastAckNanos());
      facts.add(
          age < 0
              ? fact("最近确认", "Last PUBACK", Mark.OPEN, say("从未", "never"))
              : fact(
                  "最近确认",
                  "Last PUBACK",
                  Mark.GOOD,
                  say("%d 秒前", "%d s ago").formatted(age / 1000)));
    }
    facts.add(
        store.last() == 0
            ? fact("记录", "Records", Mark.OPEN, say("尚无", "none yet"))
            : fact(
                "记录",
                "Records",
                "epoch %s, seq %d–%d, %s %d"
                    .formatted(
                        store.epoch(),
                        store.first(),
                        store.last(),
                        say("已确认到", "acknowledged to"),
                        store.acked())));
    facts.add(fact("待上送", "Waiting", Long.toString(store.waiting())));
    facts.add(
        fact(
            "丢弃", "Dropped", store.lost() > 0 ? Mark.BAD : Mark.GOOD, Long.toString(store.lost())));
    if (store.failure() != null) {
      facts.add(
          fact(
              "存储",
              "Storage",
              Mark.BAD,
              say(store.failure().chinese(), store.failure().english())));
    }
    return facts;
  }

  private List<String> foot() {
    return List.of(
        say(
            "● 已核对 ○ 未核对 ✖ 异常。○ 不等于正常：没有人看过，或当时看不到。",
            "● checked, ○ not checked, ✖ wrong. ○ does not mean good: nobody looked, or nothing"
                + " could be seen."),
        say(
            "本文件由网关签名，最后一行是签名；改动任何一个字节都能查出（用表格软件另存也算改动）。核验：用网关的 verify.html（不联网），或 lingtan"
                + " verify --key 网关公钥 本文件。公钥须从别处取得，例如标签或 meta 主题。",
            "The gateway has signed this file in its last line: any changed byte is found (saving"
                + " it again from a spreadsheet is a change). To check: verify.html of any gateway,"
                + " offline, or lingtan verify --key GATEWAY.key FILE, with a key from elsewhere,"
                + " such as the meta topic."));
  }
}
