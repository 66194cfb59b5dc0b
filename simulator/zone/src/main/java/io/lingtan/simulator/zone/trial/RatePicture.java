package io.lingtan.simulator.zone.trial;

import java.util.List;
import java.util.Locale;

/** Rates as a picture: a group of bars for each number of threads. */
final class RatePicture {

  private static final int WIDTH = 720;
  private static final int LEFT = 40;
  private static final int TOP = 70;
  private static final int PANEL = 150;
  private static final int GAP = 60;
  private static final String FOLD = "#0b5394";
  private static final String KAFKA = "#e69138";

  private final StringBuilder svg = new StringBuilder(4_096);
  private final List<Rate> rates;

  private RatePicture(List<Rate> rates) {
    this.rates = rates;
  }

  /** As SVG. */
  static String of(List<Rate> rates, String what) {
    return new RatePicture(rates).draw(what);
  }

  private String draw(String what) {
    int height = TOP + 2 * (PANEL + GAP);
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
            + " font-family=\"system-ui,sans-serif\" font-size=\"12\" fill=\"#1f2933\">",
        WIDTH, height);
    add("<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", WIDTH, height);
    text(LEFT, 28, "start", "Messages that one streams instance folds");
    text(LEFT, 48, "start", what);
    int base = panel(0, "messages a second");
    double most = rates.stream().mapToDouble(Rate::perSecond).max().orElse(1);
    for (int i = 0; i < rates.size(); i++) {
      double value = rates.get(i).perSecond();
      bar(i, base, 0, value / most, FOLD);
      label(i, base, value / most, String.format(Locale.ROOT, "%,.0f", value));
    }
    base = panel(1, "processor µs of a message: the fold (blue), three Kafka servers (orange)");
    most =
        rates.stream()
            .mapToDouble(one -> micros(one, one.foldCpuMillis() + one.kafkaCpuMillis()))
            .max()
            .orElse(1);
    for (int i = 0; i < rates.size(); i++) {
      Rate rate = rates.get(i);
      double fold = micros(rate, rate.foldCpuMillis());
      double kafka = micros(rate, rate.kafkaCpuMillis());
      bar(i, base, 0, fold / most, FOLD);
      bar(i, base, fold / most, kafka / most, KAFKA);
      label(i, base, (fold + kafka) / most, String.format(Locale.ROOT, "%.0f + %.0f", fold, kafka));
    }
    return svg.append("</svg>\n").toString();
  }

  private static double micros(Rate rate, long millis) {
    return millis * 1_000.0 / Math.max(1, rate.messages());
  }

  /** Returns where bars stand. */
  private int panel(int place, String name) {
    int top = TOP + place * (PANEL + GAP);
    int base = top + PANEL;
    text(LEFT, top + 8, "start", name);
    add(
        "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"#9aa5b1\"/>",
        LEFT, WIDTH - LEFT, base, base);
    for (int i = 0; i < rates.size(); i++) {
      int threads = rates.get(i).threads();
      text(middle(i), base + 16, "middle", threads + (threads == 1 ? " thread" : " threads"));
    }
    return base;
  }

  private double middle(int i) {
    return LEFT + (i + 0.5) * (WIDTH - 2 * LEFT) / rates.size();
  }

  private void bar(int i, int base, double from, double share, String colour) {
    double scale = PANEL - 40.0;
    add(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"80\" height=\"%.1f\" fill=\"%s\"/>",
        middle(i) - 40, base - (from + share) * scale, share * scale, colour);
  }

  private void label(int i, int base, double share, String text) {
    text(middle(i), base - share * (PANEL - 40.0) - 4, "middle", text);
  }

  private void text(double x, double y, String anchor, String text) {
    add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, text);
  }

  @SuppressWarnings("AnnotateFormatMethod") // That annotation is in no library of ours.
  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
