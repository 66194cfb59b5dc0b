package io.lingtan.simulator.prove;

import io.lingtan.agent.reading.Micros;
import io.lingtan.simulator.check.Finding;
import io.lingtan.simulator.scenario.Planned;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A proof as a picture: for some figures what was true, filled, with what was delivered as a line
 * over it, and under them a row of marks for each kind of fault. Findings are red.
 */
final class ProofPicture {

  private static final int WIDTH = 1_200;
  private static final int LEFT = 190;
  private static final int RIGHT = 20;
  private static final int PANEL = 110;
  private static final int GAP = 34;
  private static final int TOP = 56;
  private static final int ROW = 16;
  private static final long HOUR_MILLIS = 3_600_000L;

  private static final List<String> FIGURES =
      List.of("elec.grid.import", "elec.pv.generation", "elec.load.total", "h2.produced");

  private final Proof proof;
  private final StringBuilder svg = new StringBuilder(64 * 1024);
  private final long from;
  private final long length;

  private ProofPicture(Proof proof) {
    this.proof = proof;
    this.from = proof.startMillis();
    this.length = proof.scenario().lastsMillis();
  }

  /** As SVG. */
  public static String of(Proof proof) {
    return new ProofPicture(proof).draw();
  }

  private String draw() {
    Map<String, List<Planned>> rows = new TreeMap<>();
    for (Planned fault : proof.planned()) {
      rows.computeIfAbsent(fault.kind().name(), kind -> new ArrayList<>()).add(fault);
    }
    List<String> drawn = FIGURES.stream().filter(proof.account().series()::containsKey).toList();
    int faultsTop = TOP + drawn.size() * (PANEL + GAP);
    int height = faultsTop + rows.size() * ROW + 50;
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
            + " font-size=\"11\">",
        WIDTH, height);
    add("<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>", WIDTH, height);
    add(
        "<text x=\"%d\" y=\"24\" font-size=\"16\">%s, seed %d: %s</text>",
        LEFT, escaped(proof.scenario().name()), proof.seed(), proof.isGood() ? "passed" : "FAILED");
    add(
        "<text x=\"%d\" y=\"42\" fill=\"#555\">true: filled; delivered: line; faults: marks"
            + " below</text>",
        LEFT);
    for (int i = 0; i < drawn.size(); i++) {
      panel(drawn.get(i), TOP + i * (PANEL + GAP));
    }
    int y = faultsTop;
    for (Map.Entry<String, List<Planned>> row : rows.entrySet()) {
      marks(row.getKey(), row.getValue(), y);
      y += ROW;
    }
    for (Finding finding : proof.account().findings()) {
      if (finding.atMillis() != Long.MAX_VALUE) {
        add(
            "<line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\" stroke=\"#d00\""
                + "><title>%4$s</title></line>",
            x(finding.atMillis()), TOP, y, escaped(finding.toString()));
      }
    }
    axis(y + 14);
    return svg.append("</svg>\n").toString();
  }

  private double x(long millis) {
    double share = (double) (millis - from) / length;
    return LEFT + Math.clamp(share, 0, 1) * (WIDTH - LEFT - RIGHT);
  }

  private void panel(String metric, int top) {
    List<long[]> series = proof.account().series().getOrDefault(metric, List.of());
    long most = 1;
    for (long[] point : series) {
      most = Math.max(most, point[1]);
      most = point[2] == Long.MIN_VALUE ? most : Math.max(most, point[2]);
    }
    add("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", LEFT - 8, top + 14, metric);
    add(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#555\">0..%s</text>",
        LEFT - 8, top + 30, Micros.text(most));
    add(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"#f6f6f6\"/>",
        LEFT, top, WIDTH - LEFT - RIGHT, PANEL);
    long base = series.size() > 1 ? series.get(1)[0] - series.getFirst()[0] : HOUR_MILLIS;
    StringBuilder filled = new StringBuilder();
    StringBuilder line = new StringBuilder();
    boolean pen = false;
    for (long[] point : series) {
      double left = x(point[0]);
      double right = x(point[0] + base);
      double truth = top + PANEL - (double) Math.max(0, point[1]) / most * PANEL;
      filled.append(
          String.format(
              Locale.ROOT, "M%.1f %dV%.1fH%.1fV%dZ", left, top + PANEL, truth, right, top + PANEL));
      if (point[2] == Long.MIN_VALUE) {
        pen = false;
      } else {
        double said = top + PANEL - (double) Math.max(0, point[2]) / most * PANEL;
        line.append(
            String.format(Locale.ROOT, "%s%.1f %.1fH%.1f", pen ? "L" : "M", left, said, right));
        pen = true;
      }
    }
    add("<path d=\"%s\" fill=\"#bcd8f0\"/>", filled);
    add("<path d=\"%s\" fill=\"none\" stroke=\"#0b5394\" stroke-width=\"1.2\"/>", line);
  }

  private void marks(String kind, List<Planned> faults, int top) {
    add(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s %d</text>",
        LEFT - 8, top + ROW - 4, kind, faults.size());
    StringBuilder path = new StringBuilder();
    for (Planned fault : faults) {
      double left = x(from + fault.atMillis());
      double right = Math.max(left + 1, x(from + fault.endMillis()));
      path.append(
          String.format(
              Locale.ROOT, "M%.1f %dH%.1fv%dH%.1fZ", left, top + 2, right, ROW - 4, left));
    }
    add("<path d=\"%s\" fill=\"#e69138\" fill-opacity=\"0.7\"/>", path);
  }

  private void axis(int y) {
    long days = Math.max(1, length / (24 * HOUR_MILLIS));
    long step = days > 2 ? days / 10 * 24 * HOUR_MILLIS + 24 * HOUR_MILLIS : 2 * HOUR_MILLIS;
    for (long at = 0; at <= length; at += step) {
      add(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%s</text>",
          x(from + at), y, days > 2 ? "day " + at / (24 * HOUR_MILLIS) : at / HOUR_MILLIS + " h");
    }
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  @SuppressWarnings("AnnotateFormatMethod") // That annotation is in no library of ours.
  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
