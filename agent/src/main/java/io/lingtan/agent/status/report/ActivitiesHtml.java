package io.lingtan.agent.status.report;

import io.lingtan.agent.journal.History;
import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.report.PublishedRows.Row;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What no meter sees: the form by which it is told, and who told what before. {@code activities.js}
 * shows the fields that the chosen kind has, and sends them.
 */
final class ActivitiesHtml {

  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

  private static final Map<String, String> CHINESE =
      Map.of(
          "diesel", "柴油",
          "petrol", "汽油",
          "lpg", "液化石油气（LPG）",
          "lng", "液化天然气（LNG）",
          "steam", "外购蒸汽",
          "hot_water", "外购热水",
          "delivered", "氢气运入",
          "vented", "氢气放空",
          "boil_off", "氢气蒸发损失");

  private static final Map<String, String> ENGLISH =
      Map.of(
          "lpg", "LPG",
          "lng", "LNG",
          "steam", "steam bought",
          "hot_water", "hot water bought",
          "delivered", "hydrogen delivered",
          "vented", "hydrogen vented",
          "boil_off", "hydrogen boiled off");

  private static final List<String> FUEL_UNITS = List.of("L", "kg", "t", "m3");

  private final Site site;
  private final PublishedRows told;
  private final LocalDate today;
  private final Language language;
  private final StringBuilder html = new StringBuilder(16 * 1024);

  private ActivitiesHtml(Site site, PublishedRows told, LocalDate today, Language language) {
    this.site = site;
    this.told = told;
    this.today = today;
    this.language = language;
  }

  /**
   * The page.
   *
   * @param nowMillis UTC ms
   */
  static String of(Site site, History history, long nowMillis, Language language) {
    LocalDate today = LocalDate.ofInstant(Instant.ofEpochMilli(nowMillis), site.place().zone());
    return new ActivitiesHtml(site, PublishedRows.of(site, history), today, language).page();
  }

  private String say(String chinese, String english) {
    return language.of(chinese, english);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is in a library that is not here
  private void put(String text, Object... with) {
    html.append(text.formatted(with));
  }

  private String page() {
    String name = Html.escaped(site.place().name());
    String title = say("无表计活动", "Activities without a meter");
    put(
        """
        <!doctype html>
        <html lang="%s"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s %s</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/report.css">
        <link rel="stylesheet" href="/activities.css"></head><body><main>
        <header><div><h1>%s</h1><p>%s</p></div></header>
        <nav><a href="/">‹ %s</a> <a href="/report/%s?lang=%s">%s</a>
        <a href="/activities?lang=%s">%s</a></nav>
        """,
        language.tag(),
        title,
        name,
        title,
        name + " · " + Html.escaped(site.gateway()),
        say("状态页", "Status page"),
        YearMonth.from(today),
        language.key(),
        say("月报", "Report of the month"),
        language.other().key(),
        say("English", "中文"));
    form();
    rows();
    return html.append("</main><script type=\"module\" src=\"/activities.js\"></script>")
        .append("</body></html>\n")
        .toString();
  }

  private void form() {
    put(
        "<form id=\"form\" class=\"tell\" data-taken=\"%s\" data-silent=\"%s\" data-none=\"%s\""
            + " data-counts=\"%s\" data-pin=\"%s\">",
        say("已填报，已写入记录。", "Taken, and in the records."),
        say("网关没有应答：先看下面的清单，再决定是否重填。", "No answer from the gateway: look at the list below first."),
        say("此项本身不产生排放。", "By itself it emits nothing."),
        say("计入", "Counts on"),
        say("PIN 不正确", "The PIN is wrong"));
    put("<label class=\"wide\">%s<select name=\"kind\">", say("种类", "Kind"));
    FeedReader.Known known =
        FeedReader.Known.of(
            site.carbon().tables(), site.place().region(), site.carbon().accepted());
    group("fuel", say("燃料", "Fuel"), Objects.requireNonNullElse(known.fuels(), Set.of()));
    group(
        "refrigerant",
        say("制冷剂与六氟化硫", "Refrigerants and SF6"),
        Objects.requireNonNullElse(known.refrigerants(), Set.of()));
    group(
        "heat",
        say("外购热力", "Heat bought"),
        known.heat() ? List.of("steam", "hot_water") : List.of());
    put(
        "<option value=\"bus \">%s</option></select></label>",
        say("车辆行驶里程", "Kilometres of a vehicle"));
    put(
        "<label>%s<select name=\"period\"><option value=\"date\">%s</option>"
            + "<option value=\"month\">%s</option></select></label>",
        say("按日或按月", "Day or month"), say("某一日", "a day"), say("整月", "a whole month"));
    put(
        "<label data-for=\"date\">%s<input name=\"date\" type=\"date\" value=\"%s\""
            + " max=\"%s\"></label>",
        say("日期", "Date"), today, today);
    put(
        "<label data-for=\"month\">%s<input name=\"month\" type=\"month\" value=\"%s\" max=\"%s\">"
            + "<small>%s</small></label>",
        say("月份", "Month"),
        YearMonth.from(today),
        YearMonth.from(today),
        say("计入当月最后一日；本月计入今日", "counts on its last day; of this month on today"));
    number("fuel", "amount", say("数量", "Amount"));
    put("<label data-for=\"fuel\">%s<select name=\"unit\">", say("单位", "Unit"));
    FUEL_UNITS.forEach(unit -> put("<option>%s</option>", unit));
    put("</select></label>");
    number("volume", "density_kg_per_l", say("该批密度 kg/L（见单据）", "Density of the delivery, kg/L"));
    number("refrigerant", "charged_kg", say("充注量 kg", "Charged, kg"));
    number("refrigerant", "recovered_kg", say("回收量 kg", "Recovered, kg"));
    put(
        "<label data-for=\"heat\">%s<select name=\"way\"><option value=\"gj\">%s</option>"
            + "<option value=\"t\">%s</option></select></label>",
        say("计量方式", "PeriodFigures as"),
        say("账单热量 GJ", "heat billed, GJ"),
        say("质量与参数", "mass and state"));
    number("gj", "gj", say("热量 GJ", "Heat, GJ"));
    number("mass", "tonnes", say("质量 t", "Mass, t"));
    number("steam", "enthalpy_kj_per_kg", say("蒸汽焓 kJ/kg", "Enthalpy of the steam, kJ/kg"));
    number(
        "steam",
        "return_kj_per_kg",
        say("回水焓 kJ/kg（无回水则留空）", "Of what returns, kJ/kg (empty: nothing does)"));
    number("water", "temperature_c", say("水温 °C", "Temperature, °C"));
    field("bus", "bus", say("车辆编号", "Vehicle"), "maxlength=\"64\"");
    number("bus", "km", say("里程 km", "Distance, km"));
    field(
        "",
        "document",
        say("单据号（送货单、发票、工单）", "Document: note, invoice, order"),
        "maxlength=\"64\"");
    field("", "by", say("填报人", "Who says so"), "maxlength=\"64\" autocomplete=\"name\"");
    put(
        "<p class=\"wide\"><button name=\"preview\">%s</button></p>"
            + "<p id=\"answer\" class=\"wide\" role=\"alert\"></p>"
            + "<section id=\"shown\" class=\"wide\" hidden><h2>%s</h2><dl></dl>"
            + "<button type=\"button\" id=\"apply\">%s</button>"
            + " <button type=\"button\" id=\"back\">%s</button></section>",
        say("预览", "Preview"),
        say("预览：尚未写入", "Preview: not written yet"),
        say("确认填报", "Put into the records"),
        say("修改", "Change"));
    put(
        "<label id=\"pin\" class=\"wide\" hidden>%s<input type=\"password\" inputmode=\"numeric\""
            + " autocomplete=\"current-password\" maxlength=\"32\"> <button type=\"button\">%s"
            + "</button></label></form>",
        say("网关标签上的 PIN", "PIN from the gateway's label"), say("登录", "Log in"));
    put(
        "<dl id=\"names\" hidden><dt>%s</dt><dt>%s</dt><dt>%s</dt><dt>%s</dt></dl>",
        say("数量", "Amount"), say("由来", "As told"), say("排放 CO₂e", "CO₂e"), say("因子", "Factor"));
    put(
        "<p class=\"soft\">%s</p><noscript><p>%s</p></noscript>",
        say(
            "一张单据对一日一物只填一次。已封存的日或月、以及更正，写入 carbon.feeds 的文件。",
            "A document tells once of a thing and a day. What is of a day or month that is closed,"
                + " and what is to be put right, belongs into a file of carbon.feeds."),
        say("填报需要脚本；也可用 cmd/feed 或文件。", "The form needs scripts; cmd/feed and files do not."));
  }

  private void group(String about, String title, Collection<String> all) {
    if (all.isEmpty()) {
      put(
          "<optgroup label=\"%s\"><option disabled>%s</option></optgroup>",
          title, say("carbon.factors 中没有因子", "carbon.factors has no factor"));
      return;
    }
    put("<optgroup label=\"%s\">", title);
    for (String each : all) {
      put(
          "<option value=\"%s %s\">%s</option>",
          about, Html.escaped(each), Html.escaped(named(each)));
    }
    put("</optgroup>");
  }

  private String named(String what) {
    return say(CHINESE.getOrDefault(what, what), ENGLISH.getOrDefault(what, what));
  }

  private void number(String of, String name, String label) {
    field(of, name, label, "inputmode=\"decimal\" maxlength=\"20\"");
  }

  /**
   * @param of which kinds have it; empty for all
   */
  private void field(String of, String name, String label, String more) {
    put(
        "<label%s>%s<input name=\"%s\" %s></label>",
        of.isEmpty() ? "" : " data-for=\"" + of + "\"", label, name, more);
  }

  private void rows() {
    put("<section class=\"chapter\"><h2>%s</h2>", say("已填报", "What was told"));
    if (told.all().isEmpty()) {
      put("<p>%s</p></section>", say("还没有人填报过。", "Nobody has told anything yet."));
      return;
    }
    put(
        "<table class=\"told\"><thead><tr><th>%s</th><th>%s</th><th>%s</th><th>%s</th><th>%s</th>"
            + "<th>%s</th></tr></thead><tbody>",
        say("日期", "Day"),
        say("种类", "Kind"),
        say("数量", "Amount"),
        say("单据号", "Document"),
        say("填报人", "Who"),
        say("填报时间", "When"));
    for (Row row : told.all()) {
      put(
          "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s%s</td></tr>",
          row.day(),
          Html.escaped(named(row.what())),
          Html.escaped(row.told()),
          Html.escaped(row.document()),
          Html.escaped(row.by()),
          MINUTE.format(Instant.ofEpochMilli(row.atMillis()).atZone(site.place().zone())),
          row.file().isEmpty() ? "" : "<small>" + Html.escaped(row.file()) + "</small>");
    }
    put("</tbody></table>");
    if (!told.complete()) {
      put(
          "<p class=\"soft\">%s</p>",
          say(
              "只列出最近的 " + PublishedRows.MOST + " 条。",
              "The newest " + PublishedRows.MOST + " only."));
    }
    put("</section>");
  }
}
