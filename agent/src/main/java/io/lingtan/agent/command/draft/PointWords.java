package io.lingtan.agent.command.draft;

import io.lingtan.agent.reading.Point;
import java.text.Normalizer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which point a maker's name for a value means. What says less, or something else, than a point is
 * none: it keeps its own name.
 */
final class PointWords {

  /** Of part of a time, of a limit, of a difference, of waves: no point means that. */
  private static final Pattern OTHER =
      Pattern.compile(
          "\\b(?:min|minimum|average|avg|mean|thd|harmonics?|angle|set|setting|setpoint|limit|rated|nominal|(?<!to"
              + " )neutral|unbalance|alarm|fault|warning|threshold|daily|today|yesterday|month|monthly|year|yearly|day|quarter|last|resettable|peak|apparent"
              + " energy|vah|ah|ratio|primary|secondary|address|baud|rate"
              + " of|cell|insulation|remaining|available"
              + "|string|command|target|request|reserved|version|protection|delay|mode)\\b"
              + "|最小|平均|谐波|畸变|相角|角度|设定|设置|限值|上限|下限|额定|零线|零序|中性|不平衡|告警|报警|故障|阈值"
              + "|当日|今日|昨日|日电|日发|当月|本月|月|年|单体|绝缘|剩余|保留|版本|保护|延时|模式|变比|尖|峰|平|谷");

  private static final Pattern MAXIMUM = Pattern.compile("\\b(?:max|maximum)\\b|最大");

  /** Between two phases: a meter's point is to neutral. */
  private static final Pattern BETWEEN =
      Pattern.compile(
          "\\b(?:l?[123] ?(?:-|to|/)? ?l[123]|[abc] ?- ?[abc]|[uv]?(?:ab|bc|ca)|[uv](?:12|23|31)"
              + "|line to line|phase to phase|between|line voltage|[rst]-[rst])\\b"
              + "|线电压|[uv](?:ab|bc|ca)\\b|(?:ab|bc|ca)(?:线|相)");

  private static final Map<String, Pattern> PHASES = new LinkedHashMap<>();
  private static final Map<String, Pattern> QUANTITIES = new LinkedHashMap<>();

  static {
    String[][] phases = {
      {"_l1", "1", "a", "r", "u"}, {"_l2", "2", "b", "s", "v"}, {"_l3", "3", "c", "t", "w"}
    };
    for (String[] phase : phases) {
      PHASES.put(
          phase[0],
          Pattern.compile(
              ("\\bl ?%1$s\\b|\\bphase ?(?:%1$s|%2$s|%3$s)\\b|\\b(?:%2$s|%3$s) phase\\b|\\bline"
                   + " ?%1$s\\b|^[uviapqs] ?%2$s\\b|^[uvip]%1$s\\b|^pf ?%2$s\\b|\\b%2$s ?相|\\b%3$s"
                   + " ?相")
                  .formatted(phase[1], phase[2], phase[3])));
    }
    String energy = "energy|yield|\\bk?wh\\b|电能|电量|电度";
    put("power_factor", "power factor|\\bpf\\b|^pf ?[abct]\\b|cos ?(?:phi|φ)|功率因[数素]");
    put(
        "reactive_energy_export",
        "(?:reactive|varh|无功).*(?:export|reverse|反向|负)|(?:export|reverse).*(?:reactive|varh)|反向.*无功");
    put(
        "reactive_energy_import",
        "(?:reactive (?:%s)|k?varh|无功(?:总)?电|无功.*(?:电能|电量|电度))".formatted(energy));
    put("demand_max", "(?:max|maximum|最大).*(?:demand|需量)");
    put("demand", "(?:power|有功|功率).*(?:demand|需量)|当前需量");
    put("reactive_power", "reactive power|\\bk?var\\b|无功功率|^q ?[abct]?$|^无功$");
    put("apparent_power", "apparent power|\\bk?va\\b|volt ?amps?|视在功率|^s ?[abct]?$");
    put(
        "energy_discharged",
        "discharg.*(?:%1$s)|(?:%1$s).*discharg|放电(?:电)?[量能]|放电.*(?:电能|电量)".formatted(energy));
    put(
        "energy_charged",
        "charg.*(?:%1$s)|(?:%1$s).*charg|充电(?:电)?[量能]|充电.*(?:电能|电量)".formatted(energy));
    put("energy_generated", "generat|\\byield\\b|produced|发电[量能]|发电.*电量");
    put(
        "energy_export",
        "(?:%1$s).*(?:export|reverse|negative|feed)|(?:export|reverse|negative|feed).*(?:%1$s)|反向.*(?:电能|电量|电度)|(?:上网|馈网)电[量能]"
            .formatted(energy));
    put("energy_import", energy);
    put("frequency", "frequency|\\bfreq\\b|^f$|频率");
    put("soc", "\\bsoc\\b|state of charge|荷电状态");
    put("soh", "\\bsoh\\b|state of health|健康状态|健康度");
    put("voltage", "voltage|\\bvolts?\\b|^[uv] ?[abc123]$|电压");
    put(
        "current",
        "\\bcurrent\\b(?! (?:power|energy|demand|state|mode|transformer))|\\bamps?\\b|^i"
            + " ?[abc123]$|电流");
    put("power", "active power|\\bpower\\b|\\bk?w\\b|有功功率|功率|^p ?[abct]?$|^有功$");
    put("temperature", "^(?:temperature|ambient temperature|温度|环境温度)$");
    put("pressure", "^(?:pressure|压力)$");
    put("flow", "^(?:flow|flow rate|volume flow|流量|瞬时流量)$");
    put("volume", "^(?:volume|total volume|体积|累计流量|累积流量)$");
  }

  private static final Pattern DIRECT =
      Pattern.compile("\\b(?:pv|mppt|dc) ?([1-4])?\\b|光伏 ?([1-4])?|直流|组串 ?([1-4])");

  private PointWords() {}

  private static void put(String point, String words) {
    QUANTITIES.put(point, Pattern.compile(words));
  }

  /** How names are compared. */
  static String plain(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFKC)
        .toLowerCase(Locale.ROOT)
        .replaceAll("[_,;:()\\[\\]]+", " ")
        .replaceAll("\\s+", " ")
        .strip();
  }

  /** The point's name; null if there is none that says the same. */
  static @Nullable String find(String name) {
    String plain = plain(name);
    String quantity = quantity(plain);
    if (quantity == null || BETWEEN.matcher(plain).find() || OTHER.matcher(plain).find()) {
      return null;
    }
    boolean demand = quantity.equals("demand_max");
    if (MAXIMUM.matcher(plain).find() && !demand) {
      return null;
    }
    String suffix = suffix(plain, quantity);
    if (suffix == null) {
      return null;
    }
    Point point = Point.find(quantity + suffix);
    return point == null ? null : point.name();
  }

  private static @Nullable String quantity(String plain) {
    for (Entry<String, Pattern> each : QUANTITIES.entrySet()) {
      if (each.getValue().matcher(plain).find()) {
        return each.getKey();
      }
    }
    return null;
  }

  /** Null if it says of which part it is, and no point is of that. */
  private static @Nullable String suffix(String plain, String quantity) {
    String found = "";
    for (Entry<String, Pattern> phase : PHASES.entrySet()) {
      if (phase.getValue().matcher(plain).find()) {
        if (!found.isEmpty()) {
          return null;
        }
        found = phase.getKey();
      }
    }
    Matcher direct = DIRECT.matcher(plain);
    if (found.isEmpty() && direct.find()) {
      String number = direct.group(1) != null ? direct.group(1) : direct.group(2);
      number = number != null ? number : direct.group(3);
      found = quantity.startsWith("energy") ? "" : "_dc" + (number == null ? "" : number);
    }
    Matcher tariff = Pattern.compile("(?:tariff|rate|\\bt|费率) ?([1-9])").matcher(plain);
    if (found.isEmpty() && quantity.contains("energy") && tariff.find()) {
      found = "_t" + tariff.group(1);
    }
    return found;
  }
}
