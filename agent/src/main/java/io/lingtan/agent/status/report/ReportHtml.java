package io.lingtan.agent.status.report;

import io.lingtan.agent.bill.BasicCharge;
import io.lingtan.agent.bill.DayCharge;
import io.lingtan.agent.bill.MonthBill;
import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.journal.number.ChainSnapshot;
import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.price.RetailCalendar;
import io.lingtan.agent.status.report.Month.Wanting;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The month as a page for A4 and for a phone. Needs no script. */
final class ReportHtml {

  private static final int MOST_NAMES = 8;

  private final Month month;
  private final Language language;
  private final StringBuilder html = new StringBuilder(64 * 1024);

  private final @Nullable MonthStatement bill;

  private ReportHtml(Month month, Language language) {
    this.month = month;
    this.language = language;
    this.bill = month.bill(language);
  }

  static String of(Month month, String forms, Language language) {
    ReportHtml page = new ReportHtml(month, language);
    page.head();
    page.state();
    page.html.append(new MonthSummary(month, page.bill, language).html()).append(forms);
    page.plots();
    page.bill();
    for (Section section : Section.values()) {
      page.chapter(section, section.chinese(), section.english());
      if (section == Section.COAL) {
        page.references();
      }
    }
    page.chapter(null, "其他", "Other");
    page.factors();
    page.corrections();
    page.seal();
    return page.html.append("</main></body></html>\n").toString();
  }

  private String say(String chinese, String english) {
    return language.of(chinese, english);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is in a library that is not here
  private void put(String text, Object... with) {
    html.append(text.formatted(with));
  }

  private void head() {
    Site site = month.site();
    String name = Html.escaped(site.place().name());
    put(
        """
        <!doctype html>
        <html lang="%s"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s %s</title><link rel="stylesheet" href="/report.css"></head><body><main>
        <header><div><h1>%s</h1><p>%s</p></div><p class="month">%s</p></header>
        <nav><a href="/">‹ %s</a> <a href="/report/%s?lang=%s">← %s</a>%s
        <a href="/report/%s?lang=%s">%s</a> <a href="/report/%s.csv?lang=%s">CSV</a>
        <a href="/report/%d?lang=%s">%d</a> <a href="/activities?lang=%s">%s</a>
        <a href="/verify.html">%s</a></nav>
        """,
        language.tag(),
        name,
        month.month(),
        name,
        Html.escaped(
            say("能源与碳排放月报", "Monthly report on energy and carbon")
                + " · "
                + site.gateway()
                + " · "
                + site.place().region()),
        month.month(),
        say("状态页", "Status page"),
        month.month().minusMonths(1),
        language.key(),
        month.month().minusMonths(1),
        next(),
        month.month(),
        language.other().key(),
        say("English", "中文"),
        month.month(),
        language.key(),
        month.month().getYear(),
        language.key(),
        month.month().getYear(),
        language.key(),
        say("填报无表计活动", "Tell what no meter sees"),
        say("核验记录", "Verify records"));
  }

  /** The way to the month after, where there is one. */
  private String next() {
    YearMonth next = month.month().plusMonths(1);
    return next.isAfter(YearMonth.from(month.today()))
        ? ""
        : " <a href=\"/report/%s?lang=%s\">%s →</a>".formatted(next, language.key(), next);
  }

  private void state() {
    if (month.isComplete()) {
      put(
          "<section class=\"state whole\"><h2>✔ %s</h2><p>%s</p></section>",
          say("数据完整", "Complete"),
          say(
              "每日均有记录，没有缺失、部分或存疑的数值。",
              "Each day has its record; no figure is missing, partial or suspect."));
      return;
    }
    put("<section class=\"state wanting\"><h2>⚠ %s</h2><ul>", say("数据不完整", "Incomplete"));
    for (Wanting wanting : month.wanting()) {
      put("<li>%s</li>", Html.escaped(words(wanting)));
    }
    put("</ul></section>");
  }

  private String words(Wanting wanting) {
    return switch (wanting) {
      case Wanting.NotOver() ->
          say("本月尚未结束，以下为已有各日之和。", "The month is not over: what follows adds up the days so far.");
      case Wanting.NoRecord() ->
          say(
              "没有本月的月记录，以下为已有各日之和。",
              "There is no record of the month: what follows adds up its days.");
      case Wanting.NoDays(List<LocalDate> days) ->
          say("缺少 " + days.size() + " 天的记录：", days.size() + " days have no record: ")
              + some(days.stream().map(LocalDate::getDayOfMonth).map(String::valueOf).toList());
      case Wanting.Figures(Quality quality, List<String> names) ->
          names.size()
              + say(" 项数值", " figures are ")
              + language.quality(quality)
              + say("：", ": ")
              + some(names.stream().map(name -> month.catalogue().name(name, language)).toList());
      case Wanting.Unread() ->
          say(
              "历史数据未能在时限内全部读出，请重试。",
              "The history could not be read to its end in time: try again.");
    };
  }

  private String some(List<String> names) {
    String joined = names.stream().limit(MOST_NAMES).collect(Collectors.joining(say("、", ", ")));
    return names.size() > MOST_NAMES ? joined + " …" : joined;
  }

  private void plots() {
    if (month.days().isEmpty()) {
      return;
    }
    String energy = say("每日电量 kWh", "Electricity per day, kWh");
    String carbon =
        say("每日排放 kg CO₂（范围一 + 范围二基于位置）", "CO₂ per day, kg (scope 1 + scope 2 location-based)");
    put("<section class=\"plots\"><figure><figcaption>%s", energy);
    legend("grid", say("下网", "bought"));
    legend("pv", say("光伏", "PV"));
    legend("load", say("用电", "used"));
    put("</figcaption>");
    html.append(
        plot(
                new Plot.Series("elec.grid.import", "grid"),
                new Plot.Series("elec.pv.generation", "pv"),
                new Plot.Series("elec.load.total", "load"))
            .svg("energy", energy));
    put("</figure><figure><figcaption>%s", carbon);
    put("</figcaption>");
    html.append(plot(new Plot.Series("co2.total", "co2")).svg("carbon", carbon));
    put(
        "</figure><p class=\"soft\">%s</p></section>",
        say("斜线：当日无数据，或只有部分数据。", "Hatched: a day without data, or with a part of them."));
  }

  private Plot plot(Plot.Series... series) {
    return new Plot(month.month(), month.today(), month.days(), List.of(series));
  }

  private void legend(String css, String word) {
    put(
        " <span class=\"key\"><svg viewBox=\"0 0 10 10\"><rect class=\"%s\" width=\"10\""
            + " height=\"10\"/></svg>%s</span>",
        css, word);
  }

  private void bill() {
    MonthStatement of = bill;
    if (of == null) {
      return;
    }
    MonthBill total = of.bill();
    put(
        "<section class=\"chapter\"><h2>%s</h2><table class=\"used\"><thead><tr><th>%s</th><th"
            + " class=\"n\">%s</th><th class=\"n\">%s</th><th class=\"n\">%s</th><th>%s</th></tr>"
            + "</thead><tbody>",
        say("电费", "Electricity bill"),
        say("项目", "Line"),
        say("计费量", "Amount"),
        say("单价（元）", "Price, yuan"),
        say("金额（元）", "Yuan"),
        say("质量", "Quality"));
    for (MonthStatement.Line line : of.lines()) {
      boolean percent = line.name().equals(MonthStatement.POWER_FACTOR);
      billRow(
          BillNames.of(line.name(), language),
          names(line.figures()),
          BillForm.plain(line.amount()) + (percent ? "" : " " + line.unit()),
          BillForm.plain(line.price()) + (percent ? " %" : ""),
          line.fen(),
          language.quality(line.quality())
              + (line.estimated() > 0 ? say("，估算 ", ", estimated ") + line.estimated() + " %" : "")
              + because(line.why()));
    }
    billRow(
        say("合计", "Total"),
        of.prices().source(),
        "",
        total == null || total.meanPrice() == null
            ? ""
            : say("均价 ", "mean ") + total.meanPrice().toPlainString(),
        total == null ? null : total.totalFen(),
        language.quality(of.quality()));
    put("</tbody></table>");
    days(of);
    MonthStatement.Demand demand = of.demand();
    if (demand != null) {
      String agreed =
          demand.agreedKw() == null
              ? ""
              : say(
                      "；合同需量 %s kW，超过其 105 %% 的 %s kW 加倍计费",
                      "; agreed %s kW, beyond 105 %% of it %s kW, which count double")
                  .formatted(BillForm.plain(demand.agreedKw()), BillForm.plain(demand.beyondKw()));
      put(
          "<p class=\"soft\">%s %s kW%s</p>",
          say("最大需量", "Greatest demand"), BillForm.plain(demand.greatestKw()), agreed);
    }
    if (of.choices().size() > 1) {
      put(
          "<p class=\"soft\">%s</p>",
          Html.escaped(
              of.choices().entrySet().stream()
                  .map(
                      way ->
                          BillNames.of(way.getKey(), language)
                              + " "
                              + BillForm.money(way.getValue()))
                  .collect(
                      Collectors.joining(
                          say("；", "; "), "", say("。最省：", ". Cheapest: ") + cheapest(of)))));
    }
    RetailCalendar calendar = of.prices().calendar();
    if (calendar != null) {
      put(
          "<p class=\"soft\">%s</p>",
          Html.escaped(
              say("零售套餐时段：%s，%s，版本 %.12s", "Parts of the day by %s, %s, version %.12s")
                  .formatted(calendar.name(), calendar.document(), calendar.sha256())));
    }
    for (String why : of.wanting()) {
      put("<p class=\"soft\">⚠ %s</p>", Html.escaped(why));
    }
    put("</section>");
  }

  /** What each day's energy cost, for a look at single days: closed until it is asked for. */
  private void days(MonthStatement of) {
    if (of.days().isEmpty()) {
      return;
    }
    put(
        "<details><summary>%s</summary><table class=\"used\"><tbody>",
        say("每日电量电费（元）", "Energy charge per day, yuan"));
    for (DayCharge day : of.days()) {
      put(
          "<tr%s><td>%s</td><td class=\"n\">%s kWh</td><td class=\"n\">%s</td><td>%s</td></tr>",
          day.fen() == null ? " class=\"poor\"" : "",
          day.day(),
          BillForm.plain(day.kwh()),
          Html.grouped(BillForm.money(day.fen())),
          Html.escaped(language.quality(day.quality()) + because(day.why())));
    }
    put("</tbody></table></details>");
  }

  private String cheapest(MonthStatement of) {
    return BasicCharge.cheapest(of.choices()).stream()
        .map(way -> BillNames.of(way, language))
        .collect(Collectors.joining(say("、", ", ")));
  }

  private String names(String figures) {
    return Stream.of(figures.split(" "))
        .map(figure -> month.catalogue().name(figure, language))
        .collect(Collectors.joining(say("、", ", ")));
  }

  private void billRow(
      String name, String small, String amount, String price, @Nullable Long fen, String quality) {
    put(
        "<tr%s><td>%s<small>%s</small></td><td class=\"n\">%s</td><td class=\"n\">%s</td>"
            + "<td class=\"n\">%s</td><td>%s</td></tr>",
        fen == null ? " class=\"poor\"" : "",
        Html.escaped(name),
        Html.escaped(small),
        amount,
        price,
        Html.grouped(BillForm.money(fen)),
        Html.escaped(quality));
  }

  private void chapter(@Nullable Section section, String chinese, String english) {
    SequencedMap<String, Metric> figures = month.figures();
    List<String> names = month.catalogue().of(section, figures.sequencedKeySet());
    if (names.isEmpty()) {
      return;
    }
    put(
        "<section class=\"chapter\"><h2>%s</h2><table class=\"figures\"><thead><tr><th>%s</th><th"
            + " class=\"n\">%s</th><th>%s</th><th>%s</th><th class=\"n\">%s</th><th"
            + " class=\"n\">%s</th><th>%s</th></tr></thead><tbody>",
        say(chinese, english),
        say("指标", "Figure"),
        say("数值", "Value"),
        say("单位", "Unit"),
        say("质量", "Quality"),
        say("覆盖 %", "Covered %"),
        say("估算 %", "Estimated %"),
        say("因子", "Factor"));
    for (String name : names) {
      row(name, figures.get(name));
    }
    put("</tbody></table></section>");
  }

  /** Each by itself, with what it is divided by: two denominators never share a scale. */
  private void references() {
    if (!month.figures().containsKey("tce.total")) {
      return;
    }
    put(
        "<section class=\"references\"><h3>%s</h3>",
        say("能耗强度参考值", "Energy intensities of others"));
    for (Reference each : Reference.ALL) {
      Metric own = month.figures().get(each.figure());
      put(
          "<p class=\"reference\"><strong>%s tce/10⁴ CNY</strong> %s%s</p>",
          each.value(), say(each.chinese(), each.english()), Html.escaped(beside(own)));
    }
    put(
        "<p class=\"soft\">%s</p></section>",
        say(
            "两个数值分母不同，不可相互比较。",
            "The two are divided by different things and say nothing about each other."));
  }

  private String beside(@Nullable Metric own) {
    Long micros = own == null ? null : own.micros();
    if (own == null || micros == null) {
      return say("；本站没有同一分母的数值。", "; the site has no figure with this denominator.");
    }
    return say("；本站 ", "; the site has ") + Micros.text(micros) + " (" + own.text() + ")";
  }

  /** What a value is of: figures by their names, or a word. */
  private String said(String text) {
    String names =
        Arrays.stream(text.split(" ")).allMatch(word -> month.figures().containsKey(word))
            ? Arrays.stream(text.split(" "))
                .map(word -> month.catalogue().name(word, language))
                .collect(Collectors.joining(say("、", ", "), say("只含：", "only: "), ""))
            : text;
    return "<small>" + Html.escaped(names) + "</small>";
  }

  /** The half-width within which the true value lies with 95 %, upwards to two digits. */
  private static String sure(@Nullable Long pm) {
    return pm == null
        ? ""
        : "<small>± %s (95 %%)</small>"
            .formatted(
                Html.grouped(
                    BigDecimal.valueOf(pm, 6)
                        .round(new MathContext(2, RoundingMode.UP))
                        .toPlainString()));
  }

  private void row(String name, @Nullable Metric metric) {
    if (metric == null) {
      return;
    }
    Long micros = metric.micros();
    boolean poor = metric.quality().compareTo(Quality.PARTIAL) >= 0;
    String value = micros == null ? "—" : Html.grouped(Micros.text(micros));
    String text = metric.text();
    put(
        "<tr%s><td>%s<small>%s</small></td><td class=\"n\">%s%s</td><td>%s</td><td>%s</td>"
            + "<td class=\"n\" data-name=\"%s\">%s</td><td class=\"n\" data-name=\"%s\">%s</td>"
            + "<td>%s</td></tr>",
        poor ? " class=\"poor\"" : "",
        Html.escaped(month.catalogue().name(name, language)),
        Html.escaped(name),
        micros != null && metric.estimated() > 0 ? "≈ " : "",
        (text == null ? value : metric.ucum().equals("1") ? Html.escaped(text) : value + said(text))
            + sure(metric.pm()),
        Html.escaped(month.catalogue().symbol(name, metric.ucum())),
        Html.escaped(
            language.quality(metric.quality())
                + (metric.standing() == Standing.OFFICIAL
                    ? ""
                    : say("；因子", "; factor ") + standing(metric.standing()))
                + because(metric.why())),
        say("覆盖 %", "covered %"),
        micros == null ? "—" : String.valueOf(metric.coverage()),
        say("估算 %", "estimated %"),
        micros == null ? "—" : String.valueOf(metric.estimated()),
        metric.allFactors().stream().map(this::factorCell).collect(Collectors.joining("<br>")));
  }

  private String because(@Nullable String why) {
    return why == null ? "" : say("：", ": ") + FigureReasons.of(why, language);
  }

  private String standing(Standing standing) {
    return switch (standing) {
      case OFFICIAL -> say("官方", "official");
      case NON_OFFICIAL -> say("非官方", "non-official");
      case UNCONFIRMED -> say("未核实", "unconfirmed");
      case DEMO -> say("演示用", "for demonstration");
    };
  }

  private String factorCell(String id) {
    FactorUsed used = month.factors().get(id);
    Factor source = source(id);
    StringBuilder cell = new StringBuilder("<small>").append(Html.escaped(id));
    if (used != null) {
      cell.append("<br>")
          .append(Html.escaped(used.value() + " " + FigureNames.symbol(used.ucum())))
          .append(used.provisional() ? say("，暂行", ", provisional") : "")
          .append(
              used.standing() == Standing.OFFICIAL
                  ? ""
                  : say("，", ", ") + Html.escaped(standing(used.standing())));
    }
    if (source != null) {
      cell.append("<br>").append(source.dataYear()).append(say(" 年数据", " data"));
      cell.append(say("，", ", ")).append(Html.escaped(source.document()));
    }
    return cell.append("</small>").toString();
  }

  private @Nullable Factor source(String id) {
    for (FactorTable table : month.site().carbon().tables()) {
      for (Factor factor : table.factors()) {
        if (factor.id().equals(id)) {
          return factor;
        }
      }
    }
    return null;
  }

  /** Who put what in place of what meters counted. */
  private void corrections() {
    SequencedMap<Correction, Integer> corrections = month.corrections();
    if (corrections.isEmpty()) {
      return;
    }
    put(
        "<section class=\"chapter\" id=\"corrections\"><h2>%s</h2><table"
            + " class=\"used\"><thead><tr><th>%s</th><th class=\"n\">%s</th><th>%s</th><th>%s</th>"
            + "<th>%s</th><th>%s</th></tr></thead><tbody>",
        say("数据更正", "Corrections"),
        say("编号", "Id"),
        say("涉及天数", "Days"),
        say("原因", "Reason"),
        say("依据文件", "Document"),
        say("提出人", "Proposed by"),
        say("批准人", "Approved by"));
    corrections.forEach(
        (each, days) ->
            put(
                "<tr><td>%s</td><td"
                    + " class=\"n\">%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>",
                Html.escaped(each.id()),
                days == 0 ? "—" : days.toString(),
                Html.escaped(each.reason()),
                Html.escaped(each.document()),
                Html.escaped(each.proposed()),
                Html.escaped(each.approved())));
    put(
        "</tbody></table><p class=\"soft\">%s</p></section>",
        say(
            "更正前的数值保留在此前的修订版中；lingtan verify 可核对前后数值。",
            "What was told before stays in the revisions before; lingtan verify shows both."));
  }

  private void factors() {
    if (month.factors().isEmpty()) {
      return;
    }
    put(
        "<section class=\"chapter\"><h2>%s</h2><table class=\"used\"><thead><tr><th>%s</th><th"
            + " class=\"n\">%s</th><th>%s</th><th>%s</th><th>%s</th>"
            + "<th>%s</th></tr></thead><tbody>",
        say("所用因子", "Factors used"),
        say("因子", "Factor"),
        say("数值", "Value"),
        say("单位", "Unit"),
        say("数据年", "Year"),
        say("状态", "Status"),
        say("来源", "Source"));
    month
        .factors()
        .forEach(
            (id, used) -> {
              Factor source = source(id);
              String url = source == null ? "" : source.url();
              String document =
                  source == null ? say("不在现有因子表中", "no longer in the tables") : source.document();
              boolean linked = url.startsWith("https://") || url.startsWith("http://");
              put(
                  "<tr><td>%s</td><td"
                      + " class=\"n\">%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>",
                  Html.escaped(id),
                  Html.escaped(used.value()),
                  Html.escaped(FigureNames.symbol(used.ucum())),
                  source == null ? "" : source.dataYear(),
                  Html.escaped(
                      (source == null ? "" : source.status())
                          + (used.provisional() ? say("，按暂行使用", ", used provisionally") : "")
                          + say("，版本 ", ", version ")
                          + used.version()),
                  linked
                      ? "<a href=\"%s\">%s</a>".formatted(Html.escaped(url), Html.escaped(document))
                      : Html.escaped(document));
            });
    put("</tbody></table></section>");
  }

  private void seal() {
    ChainSnapshot chain = month.chain();
    IntervalRecord record = month.record();
    put("<section class=\"seal\"><div><h2>%s</h2>", say("签名与核验", "Signature"));
    if (record != null) {
      put(
          "<p>%s <code>%s</code> / <code>%d</code>, rev %d</p>",
          say("本月记录", "Record of this month"),
          record.epoch(),
          record.seq(),
          io.lingtan.agent.reading.IntervalText.of(record).rev());
    }
    if (chain == null) {
      put("<p>%s</p></div></section>", say("记录未签名。", "Records are not signed."));
      return;
    }
    put(
        "<p>%s <code>%s</code></p><p>%s <code>%s</code></p><p class=\"soft\">%s</p></div>",
        say("公钥", "Public key"),
        chain.key(),
        say("链头", "Head of the chain"),
        chain.head(),
        say(
            "签名表明数据离开网关后未被改动；不表明电表正确，也不能防范网关上的管理员。",
            "A signature shows that data left this gateway unchanged. It does not show that a meter"
                + " is right, and does not protect from whoever is root on the gateway."));
    html.append(Html.qr(text(chain), say("链头二维码", "head of the chain as QR code")));
    put("</section>");
  }

  /** What the QR code says: enough to check the records of this month against it. */
  private String text(ChainSnapshot chain) {
    return "lingtan/v1/%s %s key=%s head=%s %s/%d"
        .formatted(
            month.site().gateway(),
            month.month(),
            chain.key(),
            chain.head(),
            chain.epoch() == null ? "-" : chain.epoch(),
            chain.seq());
  }
}
