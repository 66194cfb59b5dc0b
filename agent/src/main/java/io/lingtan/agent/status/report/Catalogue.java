package io.lingtan.agent.status.report;

import java.util.List;
import java.util.Map;

/** What a report lists, in its order, with the names of figures in two languages. */
final class Catalogue {

  /**
   * A part of the report.
   *
   * @param beginnings of the names of its figures
   */
  record Chapter(String id, String chinese, String english, List<String> beginnings) {}

  static final List<Chapter> CHAPTERS =
      List.of(
          new Chapter(
              "energy",
              "能源",
              "Energy",
              List.of("elec.", "fuel.", "heat.", "reactive.", "flow.", "kpi.", "storage.")),
          new Chapter("coal", "折标准煤", "Standard coal", List.of("tce.")),
          new Chapter("scope1", "范围一 直接排放", "Scope 1: direct", List.of("co2.scope1.")),
          new Chapter("scope2", "范围二 外购电力与热力", "Scope 2: purchased", List.of("co2.scope2.")),
          new Chapter(
              "co2",
              "排放合计与备查项",
              "Emissions in all, and memo items",
              List.of("co2.total", "co2.purchased_net", "co2.per_", "co2.load.", "co2.avoided.")),
          new Chapter("cert", "绿证", "Certificates", List.of("cert.")),
          new Chapter("h2", "氢能", "Hydrogen", List.of("h2.")),
          new Chapter("bus", "氢能公交", "Hydrogen buses", List.of("bus.")));

  /** What a figure is called. */
  private record Name(String chinese, String english) {}

  /** By the name of the figure, or its beginning. */
  private static final Map<String, Name> NAMES =
      Map.ofEntries(
          name("elec.grid.import", "下网电量", "bought from the grid"),
          name("elec.grid.export", "上网电量", "sold to the grid"),
          name("elec.pv.generation", "光伏发电量", "PV generation"),
          name("elec.chp.generation", "热电联产发电量", "CHP generation"),
          name("elec.battery.charge", "储能充电量", "battery charged"),
          name("elec.battery.discharge", "储能放电量", "battery discharged"),
          name("elec.load.total", "用电量合计", "used in all"),
          name("elec.load.", "用电量", "used by"),
          name("elec.grid.import.", "分时下网电量", "bought in period"),
          name("fuel.gas.volume", "天然气", "natural gas"),
          name("heat.energy", "热量", "heat"),
          name("reactive.import", "正向无功电量", "reactive, import"),
          name("reactive.export", "反向无功电量", "reactive, export"),
          name("flow.", "能量流向", "flow"),
          name("kpi.self_consumption", "自发自用率", "self-consumption"),
          name("kpi.self_sufficiency", "自给率", "self-sufficiency"),
          name("storage.", "储能指标", "storage"),
          name("tce.total", "综合能源消费量（当量值）", "comprehensive consumption (equivalent value)"),
          name("tce.by_carrier.", "其中", "of which"),
          name("tce.equal_value", "下网电量折标（等价值）", "grid electricity (equal value)"),
          name("tce.nonfossil_share", "非化石能源占比", "non-fossil share"),
          name("co2.scope1.", "燃料燃烧", "burnt"),
          name("co2.scope2.location", "外购电力（基于位置）", "electricity, location-based"),
          name("co2.scope2.market", "外购电力（基于市场）", "electricity, market-based"),
          name("co2.scope2.heat", "外购热力", "heat"),
          name("co2.total", "排放合计（范围一 + 范围二基于位置）", "scope 1 + scope 2 location-based"),
          name("co2.purchased_net", "净购入电力排放（GB/T 32150）", "purchased less exported (GB/T 32150)"),
          name("co2.per_load_kwh", "单位用电排放", "per kWh used"),
          name("co2.load.", "用电分摊排放", "share of"),
          name(
              "co2.avoided.pv_self",
              "光伏自用减排量（备查，不抵扣）",
              "avoided by own PV (memo, never subtracted)"),
          name(
              "co2.avoided.pv_export",
              "光伏上网减排量（备查，不抵扣）",
              "avoided by exported PV (memo, never subtracted)"),
          name("cert.applied", "已使用绿证（张）", "certificates applied"),
          name("cert.coverage", "绿证覆盖率", "covered by certificates"),
          name("cert.unused", "未用绿证电量", "certified and not bought"),
          name("cert.", "绿证", "certificates"),
          name("h2.produced", "产氢量", "produced"),
          name("h2.dispensed", "加注量", "dispensed"),
          name("h2.sec", "制氢单位电耗", "specific consumption"),
          name("h2.eta_lhv", "制氢效率（低位热值）", "efficiency (LHV)"),
          name("h2.ci", "氢气碳强度", "carbon intensity"),
          name("h2.class_lower_bound", "碳强度下限等级", "class, lower bound only"),
          name("h2.class", "清洁氢等级（T/CAB 0078）", "class (T/CAB 0078)"),
          name("h2.storage_mass", "期末储氢量", "stored at the end"),
          name("h2.", "氢能指标", "hydrogen"),
          name("bus.km", "行驶里程", "distance"),
          name("bus.", "公交指标", "buses"));

  private static final Map<String, String> SYMBOLS =
      Map.of(
          "kW.h", "kWh",
          "kV.A.h", "kvarh",
          "m3", "m³",
          "t{ce}", "tce",
          "kg/(kW.h)", "kg/kWh",
          "kW.h/kg", "kWh/kg",
          "kg{ce}/(kW.h)", "kgce/kWh",
          "kg{CO2e}", "kg CO₂e",
          "1", "");

  private Catalogue() {}

  private static Map.Entry<String, Name> name(String metric, String chinese, String english) {
    return Map.entry(metric, new Name(chinese, english));
  }

  /** What a figure is called; its own name where nothing is known of it. */
  static String name(String metric, Language language) {
    Name exact = NAMES.get(metric);
    if (exact != null) {
      return language.of(exact.chinese, exact.english);
    }
    String best = "";
    for (String beginning : NAMES.keySet()) {
      boolean stem = beginning.endsWith(".") || metric.startsWith(beginning + ".");
      if (stem && metric.startsWith(beginning) && beginning.length() > best.length()) {
        best = beginning;
      }
    }
    Name found = NAMES.get(best);
    if (found == null) {
      return metric;
    }
    String rest = metric.substring(best.length());
    return language.of(found.chinese, found.english)
        + " "
        + (rest.startsWith(".") ? rest.substring(1) : rest);
  }

  /** A unit as people write it. */
  static String symbol(String ucum) {
    return SYMBOLS.getOrDefault(ucum, ucum);
  }

  /** Whether days of this figure can be added up. */
  static boolean isAdded(String metric) {
    return metric.startsWith("elec.")
        || metric.startsWith("flow.")
        || metric.startsWith("reactive.")
        || metric.startsWith("fuel.")
        || metric.equals("heat.energy")
        || metric.startsWith("tce.by_carrier.")
        || metric.equals("tce.total")
        || metric.equals("tce.equal_value")
        || metric.equals("h2.produced")
        || metric.equals("h2.dispensed")
        || metric.startsWith("h2.from_")
        || (metric.startsWith("co2.")
            && !metric.startsWith("co2.per_")
            && !metric.startsWith("co2.scope2.market"));
  }
}
