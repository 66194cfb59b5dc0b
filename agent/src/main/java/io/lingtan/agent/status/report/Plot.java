package io.lingtan.agent.status.report;

import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;

/**
 * Bars for the days of a month, as SVG. A day without a value is a hatched gap, never a bar of no
 * height; a day of which only a part is known has a hatched bar.
 */
final class Plot {

  private static final int WIDTH = 720;
  private static final int HEIGHT = 200;
  private static final int LEFT = 58;
  private static final int BOTTOM = 20;
  private static final int TOP = 8;
  private static final double MILLION = 1e6;

  /**
   * What is drawn side by side on each day.
   *
   * @param css class of its bars
   */
  record Series(String metric, String css) {}

  private final YearMonth month;
  private final LocalDate today;
  private final SortedMap<LocalDate, Interval> days;
  private final List<Series> series;

  Plot(YearMonth month, LocalDate today, SortedMap<LocalDate, Interval> days, List<Series> series) {
    this.month = month;
    this.today = today;
    this.days = days;
    this.series = series;
  }

  /**
   * @param id unique on the page
   * @param title for whoever cannot see it
   */
  String svg(String id, String title) {
    double top = nice(highest());
    StringBuilder svg = new StringBuilder();
    svg.append(
        ("<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
                + "<defs><pattern id=\"%s-gap\" width=\"6\" height=\"6\""
                + " patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
                + "<rect class=\"hatch\" width=\"2\" height=\"6\"/></pattern></defs>")
            .formatted(WIDTH, HEIGHT, Html.escaped(title), id));
    for (int i = 0; i <= 4; i++) {
      double y = y(top * i / 4, top);
      svg.append(
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
              .formatted(LEFT, WIDTH, y, y));
      svg.append(
          "<text class=\"tick\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>"
              .formatted(LEFT - 6, y + 4, Html.number(top * i / 4)));
    }
    double width = (double) (WIDTH - LEFT) / month.lengthOfMonth();
    for (int day = 1; day <= month.lengthOfMonth(); day++) {
      day(svg, id, month.atDay(day), LEFT + (day - 1) * width, width, top);
      if (day == 1 || day % 5 == 0) {
        svg.append(
            "<text class=\"tick\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>"
                .formatted(LEFT + (day - 0.5) * width, HEIGHT - 4, day));
      }
    }
    return svg.append("</svg>").toString();
  }

  private void day(
      StringBuilder svg, String id, LocalDate date, double x, double width, double top) {
    Interval day = days.get(date);
    boolean none = true;
    double each = width * 0.8 / series.size();
    for (int i = 0; i < series.size(); i++) {
      Metric metric = day == null ? null : day.metrics().get(series.get(i).metric);
      Long micros = metric == null ? null : metric.micros();
      if (metric == null || micros == null) {
        continue;
      }
      none = false;
      double y = y(Math.max(0, micros / MILLION), top);
      double left = x + width * 0.1 + i * each;
      double height = HEIGHT - BOTTOM - y;
      svg.append(bar(left, y, each, height, "class=\"" + series.get(i).css + "\""));
      if (metric.quality().compareTo(Quality.SUBSTITUTED) >= 0) {
        svg.append(bar(left, y, each, height, "fill=\"url(#" + id + "-gap)\""));
      }
    }
    if (none && date.isBefore(today)) {
      svg.append(bar(x, TOP, width, HEIGHT - BOTTOM - TOP, "fill=\"url(#" + id + "-gap)\""));
    }
  }

  private static String bar(double x, double y, double width, double height, String how) {
    return String.format(
        Locale.ROOT,
        "<rect %s x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
        how,
        x,
        y,
        width,
        height);
  }

  private static double y(double value, double top) {
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top;
  }

  private double highest() {
    double highest = 0;
    for (Interval day : days.values()) {
      for (Series each : series) {
        Metric metric = day.metrics().get(each.metric);
        Long micros = metric == null ? null : metric.micros();
        highest = micros == null ? highest : Math.max(highest, micros / MILLION);
      }
    }
    return highest;
  }

  /** The next number at or above that divides well by four. */
  private static double nice(double value) {
    if (value <= 0) {
      return 4;
    }
    double power = Math.pow(10, Math.floor(Math.log10(value)));
    for (double step : new double[] {1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10}) {
      if (value <= step * power) {
        return step * power;
      }
    }
    return 10 * power;
  }
}
