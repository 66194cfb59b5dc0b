package io.lingtan.agent.status.report;

import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The head of a month's report: energy, standard coal, CO2 by both methods and yuan, what of it is
 * estimated, and what was corrected by whom. Rounded; the chapters have every digit.
 */
record MonthSummary(Month month, @Nullable MonthStatement bill, Language language) {

  private static final int MOST_ESTIMATED = 4;
  private static final int MOST_CORRECTIONS = 3;

  String html() {
    StringBuilder html = new StringBuilder(2048);
    html.append("<section class=\"sums\" aria-label=\"")
        .append(say("本月概览", "The month at a glance"));
    html.append("\"><dl>");
    boolean hasLoad = month.figures().containsKey("elec.load.total");
    html.append(
        tile(
            hasLoad ? say("用电量", "Electricity used") : say("下网电量", "Bought from the grid"),
            hasLoad ? "elec.load.total" : "elec.grid.import",
            "kWh",
            0,
            1));
    html.append(tile(say("综合能耗（当量值）", "Standard coal"), "tce.total", "tce", 0, 3));
    html.append(
        tile(
            say("外购电力排放 · 基于位置", "Electricity bought · location-based"),
            "co2.scope2.location",
            "t CO₂",
            3,
            3));
    html.append(
        tile(
            say("外购电力排放 · 基于市场", "Electricity bought · market-based"),
            "co2.scope2.market",
            "t CO₂",
            3,
            3));
    html.append(tile(say("已计量与填报排放合计", "Metered and told, in all"), "co2.total", "t CO₂", 3, 3));
    html.append(yuan());
    html.append("</dl>");
    html.append(line(say("估算", "Estimated"), estimated()));
    html.append(line(say("更正", "Corrected"), corrected()));
    return html.append("</section>").toString();
  }

  private String say(String chinese, String english) {
    return language.of(chinese, english);
  }

  private String tile(String title, String figure, String unit, int shift, int digits) {
    Metric metric = month.figures().get(figure);
    Long micros = metric == null ? null : metric.micros();
    if (metric == null || micros == null) {
      return tile(title, "—", "", lacking(metric), false);
    }
    String value =
        Html.grouped(
            BigDecimal.valueOf(micros, 6 + shift)
                .setScale(digits, RoundingMode.HALF_EVEN)
                .toPlainString());
    return tile(
        title,
        (metric.estimated() > 0 ? "≈ " : "") + value,
        unit,
        language.quality(metric.quality()),
        isPoor(metric.quality()));
  }

  /** Of a month that goes on all is partial, which is said above and is nothing to be mended. */
  private boolean isPoor(Quality quality) {
    return month.record() != null && quality.compareTo(Quality.PARTIAL) >= 0;
  }

  private String lacking(@Nullable Metric metric) {
    String why = metric == null ? null : metric.why();
    if (why != null) {
      return FigureReasons.of(why, language);
    }
    if (month.record() != null) {
      return say("本站未配置", "not set up at this site");
    }
    return month.days().isEmpty()
        ? say("还没有整日的数据", "no day is over yet")
        : say("月末才有，或本站未配置", "at the month's end, or not set up at this site");
  }

  private String yuan() {
    String title = say("电费", "Electricity bill");
    MonthStatement of = bill;
    if (of == null) {
      return tile(title, "—", "", say("未配置电价（bill）", "no prices (bill) in the site file"), false);
    }
    return of.bill() == null
        ? tile(title, "—", "", say("暂无合计，见下", "no total yet, see below"), false)
        : tile(
            title,
            Html.grouped(BillForm.money(of.bill().totalFen())),
            say("元", "yuan"),
            language.quality(of.quality()),
            isPoor(of.quality()));
  }

  private static String tile(String title, String value, String unit, String soft, boolean poor) {
    return "<div%s><dt>%s</dt><dd><b>%s</b> %s<small>%s</small></dd></div>"
        .formatted(poor ? " class=\"poor\"" : "", title, value, unit, Html.escaped(soft));
  }

  private static String line(String title, String html) {
    return "<p><b>%s</b> %s</p>".formatted(title, html);
  }

  private String estimated() {
    List<Map.Entry<String, Metric>> all =
        month.figures().entrySet().stream()
            .filter(each -> each.getValue().micros() != null && each.getValue().estimated() > 0)
            .toList();
    if (all.isEmpty()) {
      return say("无", "none");
    }
    String first =
        all.stream()
            .limit(MOST_ESTIMATED)
            .map(
                each ->
                    Html.escaped(month.catalogue().name(each.getKey(), language))
                        + " "
                        + each.getValue().estimated()
                        + "\u00a0%")
            .collect(Collectors.joining(say("、", ", ")));
    return first
        + (all.size() > MOST_ESTIMATED
            ? say(" 等 " + all.size() + " 项", " and " + (all.size() - MOST_ESTIMATED) + " more")
            : "");
  }

  private String corrected() {
    SequencedMap<Correction, Integer> all = month.corrections();
    if (all.isEmpty()) {
      return say("无", "none");
    }
    return all.sequencedKeySet().stream()
            .limit(MOST_CORRECTIONS)
            .map(
                each ->
                    Html.escaped(
                        each.id()
                            + say("（", " (")
                            + each.proposed()
                            + say(" 提出，", " proposed, ")
                            + each.approved()
                            + say(" 批准）", " approved)")))
            .collect(Collectors.joining(say("；", "; ")))
        + " <a href=\"#corrections\">"
        + say("共 " + all.size() + " 条 ↓", all.size() + " in all ↓")
        + "</a>";
  }
}
