package io.lingtan.agent.status.report;

import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.status.report.Month.Wanting;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A year as a page for A4 and for a phone, beside the year before. Needs no script. */
final class YearHtml {

  /** What is told of each month. */
  private static final List<String> MONTHLY =
      List.of(
          "elec.grid.import", "elec.pv.generation", "elec.load.total", "tce.total", "co2.total");

  private final Year year;
  private final Language language;
  private final StringBuilder html = new StringBuilder(64 * 1024);

  private YearHtml(Year year, Language language) {
    this.year = year;
    this.language = language;
  }

  static String of(Year year, String forms, Language language) {
    YearHtml page = new YearHtml(year, language);
    page.head();
    page.state();
    page.html.append(forms);
    page.months();
    for (Section section : Section.values()) {
      page.chapter(section, section.chinese(), section.english());
    }
    page.chapter(null, "其他", "Other");
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
    String name = Html.escaped(year.site().place().name());
    put(
        """
        <!doctype html>
        <html lang="%s"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>%s %d</title><link rel="stylesheet" href="/report.css"></head><body><main>
        <header><div><h1>%s</h1><p>%s · %s</p></div><p class="month">%d</p></header>
        <nav><a href="/">‹ %s</a> %s%s%s</nav>
        """,
        language.tag(),
        name,
        year.year(),
        name,
        say("能源与碳排放年报", "Yearly report on energy and carbon"),
        Html.escaped(year.site().gateway()),
        year.year(),
        say("状态页", "Status page"),
        link(year.year() - 1, language, "← " + (year.year() - 1)),
        year.year() < year.today().getYear()
            ? link(year.year() + 1, language, year.year() + 1 + " →")
            : "",
        link(year.year(), language.other(), say("English", "中文")));
  }

  private static String link(Object to, Language in, String text) {
    return "<a href=\"/report/%s?lang=%s\">%s</a> ".formatted(to, in.key(), text);
  }

  private void state() {
    if (year.wanting().isEmpty()) {
      put("<section class=\"state whole\"><h2>✔ %s</h2></section>", say("数据完整", "Complete"));
      return;
    }
    put("<section class=\"state wanting\"><h2>⚠ %s</h2><ul>", say("数据不完整", "Incomplete"));
    for (Wanting wanting : year.wanting()) {
      put("<li>%s</li>", Html.escaped(words(wanting)));
    }
    put("</ul></section>");
  }

  private String words(Wanting wanting) {
    return switch (wanting) {
      case Wanting.NotOver() ->
          say("本年尚未结束，以下为已有各月之和。", "The year is not over: what follows adds up its months.");
      case Wanting.NoRecord() ->
          say("没有本年的年记录，以下为已有各月之和。", "There is no record of the year: its months are added up.");
      case Wanting.NoDays(List<LocalDate> months) ->
          say("没有月记录：", "no record of the month: ")
              + months.stream()
                  .map(month -> YearMonth.from(month).toString())
                  .collect(Collectors.joining(say("、", ", ")));
      case Wanting.Figures(Quality quality, List<String> names) ->
          names.size() + say(" 项数值", " figures are ") + language.quality(quality);
      case Wanting.Unread() ->
          say("历史数据未能在时限内全部读出，请重试。", "The history could not be read to its end: try again.");
    };
  }

  private void months() {
    List<String> names = MONTHLY.stream().filter(name -> year.figures().containsKey(name)).toList();
    put(
        "<section class=\"chapter\"><h2>%s</h2><table class=\"used\"><thead><tr><th>%s</th>",
        say("各月", "Months"), say("月份", "Month"));
    for (String name : names) {
      Metric like = year.figures().get(name);
      put(
          "<th class=\"n\">%s<br>%s</th>",
          Html.escaped(year.catalogue().name(name, language)),
          like == null ? "" : Html.escaped(year.catalogue().symbol(name, like.ucum())));
    }
    boolean billed = year.site().bill() != null;
    put("%s</tr></thead><tbody>", billed ? "<th class=\"n\">" + say("电费 元", "yuan") + "</th>" : "");
    year.months()
        .forEach(
            (month, of) -> {
              put("<tr><td>%s</td>", link(month, language, month.toString()));
              names.forEach(name -> put("<td class=\"n\">%s</td>", value(of.figures().get(name))));
              put(
                  "%s</tr>",
                  billed ? "<td class=\"n\">" + BillForm.money(Year.fen(of)) + "</td>" : "");
            });
    if (billed) {
      put(
          "<tr><td>%s</td>%s<td class=\"n\">%s</td></tr>",
          say("全年", "Year"), "<td></td>".repeat(names.size()), BillForm.money(year.fen()));
    }
    put("</tbody></table></section>");
  }

  private void chapter(@Nullable Section section, String chinese, String english) {
    List<String> names = year.catalogue().of(section, year.figures().sequencedKeySet());
    if (names.isEmpty()) {
      return;
    }
    put(
        "<section class=\"chapter\"><h2>%s</h2><table class=\"figures\"><thead><tr><th>%s</th><th"
            + " class=\"n\">%s</th><th>%s</th><th>%s</th><th class=\"n\">%s</th><th"
            + " class=\"n\">%s</th></tr></thead><tbody>",
        say(chinese, english),
        say("指标", "Figure"),
        say("数值", "Value"),
        say("单位", "Unit"),
        say("质量", "Quality"),
        say("上年同期", "Year before") + months(say("（", " ("), say(" 月）", ")")),
        say("同比 %", "Change %"));
    for (String name : names) {
      row(name);
    }
    put("</tbody></table></section>");
  }

  /** Which months are compared where these are not years. */
  private String months(String before, String after) {
    return year.compared().isEmpty()
        ? ""
        : before
            + year.compared().stream().map(String::valueOf).collect(Collectors.joining(", "))
            + after;
  }

  private void row(String name) {
    Metric metric = year.figures().get(name);
    if (metric == null) {
      return;
    }
    Metric before = year.before().get(name);
    put(
        "<tr><td>%s<small>%s</small></td><td class=\"n\">%s</td><td>%s</td><td>%s</td><td"
            + " class=\"n\">%s</td><td class=\"n\">%s</td></tr>",
        Html.escaped(year.catalogue().name(name, language)),
        Html.escaped(name),
        metric.text() != null && metric.ucum().equals("1")
            ? Html.escaped(metric.text())
            : value(metric),
        Html.escaped(year.catalogue().symbol(name, metric.ucum())),
        Html.escaped(
            language.quality(metric.quality())
                + (metric.why() == null
                    ? ""
                    : say("：", ": ") + FigureReasons.of(metric.why(), language))),
        value(before) + note(name, before),
        change(year.now().get(name), before));
  }

  /** What the value of the year before is, where it is not all measured, or of fewer months. */
  private String note(String name, @Nullable Metric before) {
    List<String> notes = new ArrayList<>();
    if (before != null && before.quality() != Quality.MEASURED) {
      notes.add(language.quality(before.quality()));
    }
    SortedSet<Integer> fewer = year.fewer().get(name);
    if (fewer != null) {
      String months = fewer.stream().map(String::valueOf).collect(Collectors.joining(", "));
      notes.add(say("仅 %s 月", "months %s only").formatted(months));
    }
    return notes.isEmpty()
        ? ""
        : "<small>" + Html.escaped(String.join(say("，", ", "), notes)) + "</small>";
  }

  private static String value(@Nullable Metric metric) {
    return metric == null || metric.micros() == null
        ? "—"
        : Html.grouped(Micros.text(metric.micros()));
  }

  /**
   * Of what grew from nothing nobody can say how much in percent, nor of what is of a part of the
   * time or contradicted in either year.
   */
  private static String change(@Nullable Metric now, @Nullable Metric before) {
    Long is = now == null ? null : now.micros();
    Long was = before == null ? null : before.micros();
    if (is == null || was == null || was == 0 || isPoor(now) || isPoor(before)) {
      return "—";
    }
    BigDecimal percent =
        BigDecimal.valueOf(is)
            .subtract(BigDecimal.valueOf(was))
            .multiply(BigDecimal.valueOf(100))
            .divide(BigDecimal.valueOf(was).abs(), 1, RoundingMode.HALF_UP);
    return (percent.signum() > 0 ? "+" : "") + percent.toPlainString();
  }

  private static boolean isPoor(@Nullable Metric metric) {
    return metric != null && metric.quality().worse(Quality.PARTIAL) == metric.quality();
  }
}
