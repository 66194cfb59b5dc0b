package io.lingtan.agent.status.report;

import java.util.Map;

/** What the lines of a bill are called by people of the trade. */
final class BillNames {

  private record Name(String chinese, String english) {}

  private static final Map<String, Name> PARTS =
      Map.ofEntries(
          Map.entry("purchase", new Name("购电", "purchase")),
          Map.entry("line_loss", new Name("上网环节线损", "line loss")),
          Map.entry("system_operation", new Name("系统运行费", "system operation")),
          Map.entry("transmission", new Name("输配电", "transmission")),
          Map.entry("funds", new Name("政府性基金及附加", "government funds")),
          Map.entry("green", new Name("绿电环境价值", "value of green power")),
          Map.entry("capacity", new Name("基本电费（容量）", "basic charge, capacity")),
          Map.entry("contract", new Name("基本电费（合同需量）", "basic charge, contract demand")),
          Map.entry("demand", new Name("基本电费（实际需量）", "basic charge, measured demand")),
          Map.entry("power_factor", new Name("力调电费", "power factor adjustment")));

  private static final Map<String, Name> PERIODS =
      Map.of(
          "sharp", new Name("尖峰", "sharp peak"),
          "peak", new Name("高峰", "peak"),
          "flat", new Name("平段", "flat"),
          "valley", new Name("低谷", "valley"),
          "deep", new Name("深谷", "deep valley"),
          "spot", new Name("现货", "spot market"));

  private static final String PURCHASE = "purchase_";

  private BillNames() {}

  /** A period of a tariff; the word itself where it is none. */
  static String period(String word, Language language) {
    Name name = PERIODS.getOrDefault(word, new Name(word, word));
    return language.of(name.chinese, name.english);
  }

  /** The name of a line; a part that nobody knows here keeps the operator's own. */
  static String of(String line, Language language) {
    int end = line.lastIndexOf('_');
    Name period = PARTS.containsKey(line) ? null : PERIODS.get(line.substring(end + 1));
    if (period == null && line.startsWith(PURCHASE) && !PARTS.containsKey(line)) {
      end = PURCHASE.length() - 1;
      String own = line.substring(end + 1); // a retail contract's own word
      period = new Name(own, own);
    }
    String part = period == null || end < 0 ? line : line.substring(0, end);
    Name name = PARTS.getOrDefault(part, new Name(part, part));
    String said = language.of(name.chinese, name.english);
    return period == null ? said : said + " " + language.of(period.chinese, period.english);
  }
}
