package io.lingtan.simulator.bench;

import io.lingtan.simulator.bench.Measure.Outcome;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Measures as a picture: a panel for each cost, in it a group of bars for each number of meters.
 */
final class BenchPicture {

  private static final int WIDTH = 1_080;
  private static final int LEFT = 40;
  private static final int TOP = 96;
  private static final int PANEL = 170;
  private static final int GAP = 56;
  private static final int LEGEND = 170;
  private static final List<Candidate> CANDIDATES = List.of(Candidate.values());

  private final StringBuilder svg = new StringBuilder(8_192);
  private final List<Measure> measures;
  private final List<Integer> sizes;

  private BenchPicture(List<Measure> measures) {
    Course course = measures.getFirst().plan().course();
    this.measures = measures.stream().filter(one -> one.plan().course() == course).toList();
    this.sizes = this.measures.stream().map(one -> one.plan().meters()).distinct().toList();
  }

  /** As SVG; of the first of several scenarios. */
  static String of(List<Measure> measures, String machine) {
    return new BenchPicture(measures).draw(machine);
  }

  private String draw(String machine) {
    int height = TOP + 3 * (PANEL + GAP);
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
            + " font-family=\"system-ui,sans-serif\" font-size=\"12\" fill=\"#1f2933\">",
        WIDTH, height);
    add("<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", WIDTH, height);
    text(LEFT, 30, "start", 18, "What it costs to read meters of thirty values each second");
    text(
        LEFT,
        52,
        "start",
        12,
        measures.getFirst().plan().course().word() + "; " + escaped(machine));
    int left = LEFT;
    for (Candidate candidate : CANDIDATES) {
      add(
          "<rect x=\"%d\" y=\"64\" width=\"11\" height=\"11\" fill=\"%s\"/>",
          left, candidate.colour());
      text(left + 17, 74, "start", 12, candidate.word());
      left += LEGEND;
    }
    panel(0, "processor seconds per million values", Outcome::cpuSecondsPerMillion);
    panel(1, "memory, PSS in MiB", outcome -> outcome.used().shareBytes() / 1_048_576.0);
    panel(2, "ms from register to subscriber, 99 of 100", outcome -> outcome.account().p99Millis());
    return svg.append("</svg>\n").toString();
  }

  private void panel(int place, String name, ToDoubleFunction<Outcome> figure) {
    int top = TOP + place * (PANEL + GAP);
    int base = top + PANEL;
    double most = 1e-9;
    for (Measure measure : measures) {
      if (measure.outcome() != null) {
        most = Math.max(most, figure.applyAsDouble(measure.outcome()));
      }
    }
    text(LEFT, top + 10, "start", 13, name);
    add(
        "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"#9aa5b1\"/>",
        LEFT, WIDTH - LEFT, base, base);
    double group = (double) (WIDTH - 2 * LEFT) / sizes.size();
    double bar = group * 0.8 / CANDIDATES.size();
    for (Measure measure : measures) {
      int size = sizes.indexOf(measure.plan().meters());
      int kind = CANDIDATES.indexOf(measure.candidate());
      double x = LEFT + size * group + group * 0.1 + kind * bar;
      Outcome outcome = measure.outcome();
      if (outcome == null) {
        text(x + bar / 2, base - 4, "middle", 10, String.valueOf(measure.absent()));
        continue;
      }
      double value = figure.applyAsDouble(outcome);
      double high = Math.max(0, value) / most * (PANEL - 36);
      add(
          "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>",
          x + 1, base - high, bar - 2, high, measure.candidate().colour());
      String label = String.format(Locale.ROOT, value < 100 ? "%.1f" : "%.0f", value);
      text(x + bar / 2, base - high - 4, "middle", 11, label);
    }
    for (int size : sizes) {
      double middle = LEFT + (sizes.indexOf(size) + 0.5) * group;
      text(middle, base + 16, "middle", 12, size + " meters");
    }
  }

  private void text(double x, double y, String anchor, int size, String text) {
    add(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\">%s</text>",
        x, y, anchor, size, text);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  @SuppressWarnings("AnnotateFormatMethod") // That annotation is in no library of ours.
  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
