package io.lingtan.agent.status;

import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.status.handover.Checks;
import io.lingtan.agent.status.handover.Checks.Check;
import io.lingtan.agent.status.handover.HandoverSheet.Cell;
import io.lingtan.agent.status.handover.HandoverSheet.Mark;
import io.lingtan.agent.status.report.Language;
import io.lingtan.agent.status.wiring.Finding;
import io.lingtan.agent.status.wiring.Verdicts;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What an acceptance record says of each meter. */
final class AcceptedMeters {

  private final SiteView view;
  private final Verdicts wiring;
  private final Checks checks;
  private final Language language;
  private final Map<String, Device> devices = new HashMap<>();

  AcceptedMeters(SiteView view, Verdicts wiring, Checks checks, Language language) {
    this.view = view;
    this.wiring = wiring;
    this.checks = checks;
    this.language = language;
    view.site().devices().forEach(device -> devices.put(device.id(), device));
  }

  private String say(String chinese, String english) {
    return language.of(chinese, english);
  }

  private Cell open(String chinese, String english) {
    return new Cell(Mark.OPEN, say(chinese, english));
  }

  private Cell bad(String chinese, String english) {
    return new Cell(Mark.BAD, say(chinese, english));
  }

  private Cell good(String chinese, String english) {
    return new Cell(Mark.GOOD, say(chinese, english));
  }

  List<String> head() {
    return List.of(
        say("仪表", "Meter"),
        say("身份", "Identity"),
        say("用途", "Role"),
        say("倍率", "Ratio"),
        say("与表盘核对", "Against its display"),
        say("接线", "Wiring"),
        say("通讯", "Communication"));
  }

  List<List<Cell>> rows() {
    List<List<Cell>> rows = new ArrayList<>();
    for (LineSnapshot line : view.lines()) {
      for (DeviceSnapshot shown : line.devices()) {
        Device device = devices.get(shown.device());
        if (device != null) {
          rows.add(
              List.of(
                  Cell.of(
                      "%s\n%s · %s\n%s"
                          .formatted(shown.device(), line.id(), shown.address(), shown.profile())),
                  identity(shown, device),
                  role(device),
                  ratio(shown, device),
                  check(shown, device),
                  wiring(device),
                  state(shown)));
        }
      }
    }
    return rows;
  }

  private Cell identity(DeviceSnapshot shown, Device device) {
    String serial = shown.identity().get("serial");
    String model = shown.identity().get("model");
    String told = model == null ? "" : model + "\n";
    if (serial != null) {
      return new Cell(Mark.GOOD, told + say("表号 ", "serial ") + serial);
    }
    if (device.address() != null) {
      return new Cell(Mark.GOOD, told + say("表号 ", "meter ") + device.address());
    }
    return device.profile().identity().containsKey("serial")
        ? open(told + "未读到表号", told + "serial not read")
        : Cell.of(told + say("此型号读不出表号", "this model tells no serial"));
  }

  private Cell role(Device device) {
    List<String> roles = new ArrayList<>();
    for (Meter meter : view.site().metering().meters()) {
      if (meter.device().equals(device.id())) {
        String rated =
            meter.ratedKw() > 0
                ? " · " + say("额定 ", "rated ") + number(meter.ratedKw()) + " kW"
                : "";
        String reversed = meter.reverse() ? " · " + say("反向", "reversed") : "";
        roles.add(word(meter.role()) + rated + reversed);
      }
    }
    return roles.isEmpty()
        ? Cell.of(say("不计量", "not a metering point"))
        : Cell.of(String.join("\n", roles));
  }

  private static String number(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  private String word(Role role) {
    return switch (role) {
      case GRID -> say("关口", "grid meter");
      case PV -> say("光伏", "PV");
      case BATTERY -> say("储能", "storage");
      case LOAD -> say("负荷", "load");
      case ELECTROLYSER -> say("制氢", "electrolyser");
      case COMPRESSOR -> say("压缩机", "compressor");
      case H2_STORAGE -> say("储氢", "hydrogen storage");
      case H2_DISPENSER -> say("加氢机", "hydrogen dispenser");
      case CHARGER -> say("充电桩", "charger");
      case GAS -> say("燃气", "gas");
      case HEAT -> say("热量", "heat");
      case CHP -> say("热电", "CHP");
    };
  }

  /** What the site file multiplies by, and what the meter tells where it tells something. */
  private Cell ratio(DeviceSnapshot shown, Device device) {
    boolean byCt = uses(device, Ratio.CT);
    boolean byPt = uses(device, Ratio.PT);
    if (!byCt && !byPt) {
      return Cell.of(say("读数已是一次值", "readings are primary values"));
    }
    List<String> set = new ArrayList<>();
    boolean isTold = false;
    boolean differs = false;
    for (String name : List.of("ct", "pt")) {
      if (name.equals("ct") ? byCt : byPt) {
        BigDecimal declared = name.equals("ct") ? device.ct() : device.pt();
        String text = name.toUpperCase(Locale.ROOT) + " " + declared.toPlainString();
        BigDecimal told = parsed(shown.identity().get(name));
        if (told != null) {
          isTold = true;
          differs |= told.compareTo(declared) != 0;
          text += say("，表报 ", ", the meter says ") + told.toPlainString();
        }
        set.add(text);
      }
    }
    Mark mark = differs ? Mark.BAD : isTold ? Mark.GOOD : Mark.PLAIN;
    return new Cell(mark, String.join("\n", set));
  }

  private static boolean uses(Device device, Ratio ratio) {
    return device.profile().allPoints().stream()
        .anyMatch(each -> each.ratio() == ratio || each.ratio() == Ratio.CT_PT);
  }

  private static @Nullable BigDecimal parsed(@Nullable String text) {
    try {
      return text == null ? null : new BigDecimal(text.strip());
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /**
   * A meter of electricity is good only by a value that has the currents in it: its voltages agree
   * whatever the CT ratio is.
   */
  private Cell check(DeviceSnapshot shown, Device device) {
    List<Check> found = checks.of(shown.device());
    if (found.isEmpty()) {
      return checks.complete()
          ? open("未核对", "not checked")
          : open("未见核对记录（更早的事件没有查看）", "no check found (older events were not looked at)");
    }
    boolean electric = device.profile().pointsGiven().stream().anyMatch(Point::isOfRatios);
    Mark mark = checks.mark(shown.device(), electric);
    List<String> texts = new ArrayList<>(found.stream().map(this::words).toList());
    if (mark == Mark.OPEN && found.stream().anyMatch(check -> !check.outdated())) {
      texts.addFirst(
          say("未证明变比：须用总功率或电能核对", "does not prove the ratio: check total power or energy"));
    }
    return new Cell(mark, String.join("\n", texts));
  }

  private String words(Check check) {
    Point point = Point.find(check.detail("point"));
    String name = point == null ? check.detail("point") : name(point);
    String unit = point == null ? "" : " " + point.symbol();
    long millis = check.event().tsMillis();
    String times = check.detail("secondary");
    String secondary =
        times.isEmpty() ? "" : say("（二次值）× %s", " (secondary) × %s").formatted(times);
    String text =
        "%s: %s %s%s, %s %s%s%s\n%s"
            .formatted(
                name,
                say("读数", "read"),
                check.detail("read"),
                unit,
                say("表盘", "display"),
                check.detail("shown"),
                unit,
                secondary,
                millis == JournalRecord.UNDATED
                    ? say("时间未知", "time unknown")
                    : AcceptanceSheet.local(millis, view.site().place().zone()));
    if (check.outdated()) {
      return say("此后改过配置或换过表，须重新核对\n", "changed since: check again\n") + text;
    }
    return check.isGood()
        ? text
        : say("读数是表盘的 %s 倍\n", "the reading is %s times the display\n")
                .formatted(check.detail("factor"))
            + text;
  }

  private String name(Point point) {
    return language == Language.CHINESE ? point.chineseInFull() : point.name().replace('_', ' ');
  }

  private Cell wiring(Device device) {
    List<Finding> found =
        wiring.findings().stream().filter(finding -> finding.device().equals(device.id())).toList();
    if (!found.isEmpty()) {
      return new Cell(
          found.stream().anyMatch(Finding::isSure) ? Mark.BAD : Mark.OPEN,
          found.stream().map(this::words).collect(Collectors.joining("\n")));
    }
    if (!wiring.isEnough()) {
      return open("未核对", "not checked");
    }
    boolean weighed =
        wiring.look().parts().stream().anyMatch(part -> part.device().equals(device.id()));
    Boolean straight = wiring.phases().get(device.id());
    Boolean closed = wiring.isClosed();
    if (weighed && closed != null && closed && !wiring.wouldShow(device.id())) {
      return open("电流太小，方向未核对", "too little flows to tell its direction");
    }
    if (weighed && closed != null && closed) {
      return straight == null
          ? good("平衡差在允许范围内", "the balance closes")
          : good("平衡差在允许范围内，三相对应", "the balance closes, phases belong together");
    }
    if (weighed && closed != null) {
      return bad("平衡差超出允许范围，原因不明", "the balance is open, the cause is not known");
    }
    boolean counts =
        weighed
            || view.site().metering().meters().stream()
                .anyMatch(meter -> meter.device().equals(device.id()) && meter.role().isElectric());
    if (straight != null && straight) {
      return counts
          ? open("三相对应；方向未核对", "phases belong together; direction not checked")
          : good("三相对应", "phases belong together");
    }
    return counts ? open("未核对", "not checked") : Cell.of(say("不在电量平衡内", "not in the balance"));
  }

  /** A finding in a few words; the page says what to do. */
  String words(Finding finding) {
    String phases =
        finding.phases().stream()
            .map(phase -> "L" + phase)
            .collect(Collectors.joining(say("、", " and ")));
    return switch (finding.kind()) {
      case REVERSED ->
          finding.isAlone()
              ? say("电流方向接反", "current is reversed")
              : say("几块表之一接反，可能是它", "one of several is reversed, maybe this");
      case RATIO ->
          say("读数约为实际的 %s 倍", "reads about %s times the real value")
              .formatted(number(finding.factor()));
      case AGAINST_ROLE -> say("方向与用途相反", "the wrong way for what it is");
      case TURNED -> phases + say(" 相互感器接反", ": transformer reversed");
      case SWAPPED -> phases + say(" 两相互感器互换", ": transformers exchanged");
      case MOVED ->
          finding.isAlone()
              ? say("三相整体错位", "all phases moved by one")
              : say(
                  "三相功率因数都很低：负荷如此，或三相整体错位，未定",
                  "three low power factors: the load, or all phases moved by one, not decided");
    };
  }

  private Cell state(DeviceSnapshot shown) {
    DeviceState state = DeviceState.of(shown, view.now().nanos());
    String counts =
        say("%d 次采集，超时 %d，校验错 %d", "%d polls, %d timeouts, %d CRC errors")
            .formatted(shown.polls(), shown.timeouts(), shown.crcErrors());
    if (state != DeviceState.GOOD) {
      return new Cell(Mark.BAD, say(state.chinese(), state.english()) + "\n" + counts);
    }
    return shown.bad().isEmpty()
        ? new Cell(Mark.GOOD, say("正常", "good") + "\n" + counts)
        : new Cell(
            Mark.BAD,
            say("%d 个量没有值", "%d quantities have no value").formatted(shown.bad().size())
                + "\n"
                + counts);
  }
}
