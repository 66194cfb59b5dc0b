package io.lingtan.simulator.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The truth-against-delivered picture, as SVG.
 *
 * @param title above everything
 * @param subtitle below it
 * @param fromMillis left edge
 * @param untilMillis right edge
 * @param panels from top to bottom
 * @param spans what was done to the site meanwhile
 */
record Picture(
    String title,
    String subtitle,
    long fromMillis,
    long untilMillis,
    List<Panel> panels,
    List<Span> spans) {

  private static final int WIDTH = 1080;
  private static final int LEFT = 78;
  private static final int RIGHT = 24;
  private static final int TOP = 150;
  private static final int PANEL = 150;
  private static final int GAP = 44;
  private static final int BOTTOM = 44;
  private static final int PLOT = WIDTH - LEFT - RIGHT;

  /** Points that a curve is drawn with at most. */
  private static final int MOST_POINTS = 720;

  private static final String INK = "#1f2933";
  private static final String FAINT = "#66737f";
  private static final String GRID = "#e3e8ec";

  Picture {
    panels = List.copyOf(panels);
    spans = List.copyOf(spans);
    if (untilMillis <= fromMillis || panels.isEmpty()) {
      throw new IllegalArgumentException("a picture has a width and at least one panel");
    }
  }

  /**
   * One quantity over time.
   *
   * @param note at the right of its heading
   * @param colour of its curve, such as {@code #0072b2}
   * @param truth dense and in order of time
   * @param delivered in order of time
   */
  record Panel(String name, String note, String colour, List<Dot> truth, List<Dot> delivered) {
    Panel {
      truth = List.copyOf(truth);
      delivered = List.copyOf(delivered);
    }
  }

  /**
   * A value at an instant.
   *
   * @param late whether it was delivered late
   */
  record Dot(long atMillis, double kilowatts, boolean late) {}

  /** Something that lasted for a time. */
  record Span(String name, long fromMillis, long untilMillis) {}

  String svg() {
    int height = TOP + panels.size() * (PANEL + GAP) - GAP + BOTTOM;
    StringBuilder svg = new StringBuilder(65_536);
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
            + " role=\"img\" font-family=\"system-ui,'Noto Sans','DejaVu Sans',sans-serif\">",
        WIDTH,
        height,
        WIDTH,
        height);
    add(svg, "<title>%s</title>", escaped(title));
    add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", WIDTH, height);
    text(svg, LEFT, 32, 20, INK, "start", "600", title);
    text(svg, LEFT, 54, 13, FAINT, "start", "400", subtitle);
    legend(svg);
    spans(svg, height);
    for (int i = 0; i < panels.size(); i++) {
      panel(svg, panels.get(i), TOP + i * (PANEL + GAP));
    }
    time(svg, height - BOTTOM);
    return svg.append("</svg>\n").toString();
  }

  private void legend(StringBuilder svg) {
    int y = 78;
    add(
        svg,
        "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#9aa5b1\" stroke-width=\"6\""
            + " stroke-opacity=\"0.5\"/>",
        LEFT,
        y - 4,
        LEFT + 26,
        y - 4);
    text(svg, LEFT + 34, y, 12, INK, "start", "400", "truth");
    add(svg, "<circle cx=\"%d\" cy=\"%d\" r=\"2.6\" fill=\"%s\"/>", LEFT + 92, y - 4, INK);
    text(svg, LEFT + 102, y, 12, INK, "start", "400", "delivered live");
    add(
        svg,
        "<circle cx=\"%d\" cy=\"%d\" r=\"3\" fill=\"#ffffff\" stroke=\"%s\" stroke-width=\"1.4\"/>",
        LEFT + 206,
        y - 4,
        INK);
    text(svg, LEFT + 216, y, 12, INK, "start", "400", "delivered late");
  }

  private void spans(StringBuilder svg, int height) {
    double[] rowFreeFrom = {0, 0};
    for (Span span : spans) {
      double x = x(Math.max(span.fromMillis, fromMillis));
      double width = Math.max(3, x(Math.min(span.untilMillis, untilMillis)) - x);
      add(
          svg,
          "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#d64545\""
              + " fill-opacity=\"0.09\"/>",
          x,
          TOP - 28,
          width,
          height - BOTTOM - TOP + 28);
      // Two rows, so that neighbours do not write over each other.
      double wide = span.name.length() * 6.2 + 10;
      int row = x >= rowFreeFrom[0] ? 0 : 1;
      double at = Math.min(x, LEFT + PLOT - wide);
      rowFreeFrom[row] = at + wide;
      text(svg, at, TOP - 32 - 14 * row, 11, "#a61b1b", "start", "600", span.name);
    }
  }

  private void panel(StringBuilder svg, Panel panel, int top) {
    double low = 0;
    double high = 1;
    for (List<Dot> dots : List.of(panel.truth, panel.delivered)) {
      for (Dot dot : dots) {
        low = Math.min(low, dot.kilowatts);
        high = Math.max(high, dot.kilowatts);
      }
    }
    double step = roundStep((high - low) / 4);
    low = Math.floor(low / step) * step;
    high = Math.ceil(high / step) * step;
    text(svg, LEFT, top - 6, 13, INK, "start", "600", panel.name);
    text(svg, LEFT + PLOT, top - 6, 12, FAINT, "end", "400", panel.note);
    for (double kilowatts = low; kilowatts <= high + step / 2; kilowatts += step) {
      double y = y(kilowatts, low, high, top);
      boolean zero = Math.abs(kilowatts) < step / 2;
      add(
          svg,
          "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"1\"/>",
          LEFT,
          y,
          LEFT + PLOT,
          y,
          zero ? "#9aa5b1" : GRID);
      text(svg, LEFT - 8, y + 4, 11, FAINT, "end", "400", number(kilowatts, step));
    }
    StringBuilder line = new StringBuilder();
    for (Dot dot : thinned(panel.truth)) {
      line.append(line.isEmpty() ? "M" : "L")
          .append(format("%.1f %.1f", x(dot.atMillis), y(dot.kilowatts, low, high, top)));
    }
    if (!line.isEmpty()) {
      add(
          svg,
          "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-opacity=\"0.38\" stroke-width=\"6\""
              + " stroke-linejoin=\"round\" stroke-linecap=\"round\"/>",
          line,
          panel.colour);
    }
    for (Dot dot : thinned(panel.delivered)) {
      add(
          svg,
          dot.late
              ? "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\" fill=\"#ffffff\" stroke=\"%s\""
                  + " stroke-width=\"1.3\"/>"
              : "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2\" fill=\"%s\"/>",
          x(dot.atMillis),
          y(dot.kilowatts, low, high, top),
          INK);
    }
  }

  private void time(StringBuilder svg, int y) {
    long seconds = (untilMillis - fromMillis) / 1_000;
    long step = 10;
    for (long candidate : new long[] {10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200}) {
      step = candidate;
      if (seconds / step <= 12) {
        break;
      }
    }
    for (long second = 0; second <= seconds; second += step) {
      double x = x(fromMillis + second * 1_000);
      add(
          svg,
          "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#9aa5b1\"/>",
          x,
          y,
          x,
          y + 5);
      text(svg, x, y + 20, 11, FAINT, "middle", "400", clock(second));
    }
  }

  private static String clock(long second) {
    return second < 3_600
        ? format("%d:%02d", second / 60, second % 60)
        : format("%d:%02d:%02d", second / 3_600, second / 60 % 60, second % 60);
  }

  private double x(long millis) {
    return LEFT + (double) (millis - fromMillis) / (untilMillis - fromMillis) * PLOT;
  }

  private static double y(double kilowatts, double low, double high, int top) {
    return top + PANEL - (kilowatts - low) / (high - low) * PANEL;
  }

  /** 1, 2 or 5 times a power of ten, not less than {@code least}. */
  static double roundStep(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (double digit : new double[] {1, 2, 5}) {
      if (digit * power >= least * 0.999) {
        return digit * power;
      }
    }
    return 10 * power;
  }

  private static List<Dot> thinned(List<Dot> dots) {
    int each = dots.size() / MOST_POINTS + 1;
    List<Dot> kept = new ArrayList<>();
    for (int i = 0; i < dots.size(); i += each) {
      kept.add(dots.get(i));
    }
    return kept;
  }

  private static String number(double value, double step) {
    return format(step < 1 ? "%.1f" : "%.0f", value == 0 ? 0.0 : value);
  }

  private static void text(
      StringBuilder svg,
      double x,
      double y,
      int size,
      String colour,
      String anchor,
      String weight,
      String text) {
    add(
        svg,
        "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\" fill=\"%s\" text-anchor=\"%s\""
            + " font-weight=\"%s\">%s</text>",
        x,
        y,
        size,
        colour,
        anchor,
        weight,
        escaped(text));
  }

  private static void add(StringBuilder svg, String format, Object... arguments) {
    svg.append(format(format, arguments)).append('\n');
  }

  @SuppressWarnings("AnnotateFormatMethod") // Its annotation is in no library that we ship.
  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
