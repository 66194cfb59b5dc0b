package io.lingtan.agent.status.report;

import java.util.Locale;

/** Pieces of HTML. */
public final class Html {

  private static final double EXACT = 1e15;

  private Html() {}

  public static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** A round number for an axis. */
  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < EXACT
        ? String.format(Locale.ROOT, "%,d", (long) value).replace(",", "\u2009")
        : String.format(Locale.ROOT, "%s", (float) value);
  }

  /** Thousands set apart by a thin space. */
  static String grouped(String decimal) {
    int point = decimal.indexOf('.');
    String whole = point < 0 ? decimal : decimal.substring(0, point);
    String grouped = whole.replaceAll("(?<=\\d)(?=(\\d{3})+$)", "\u2009");
    return point < 0 ? grouped : grouped + decimal.substring(point);
  }

  /** A QR code as SVG, with the margin that readers need. */
  static String qr(String text, String label) {
    QrPath code = QrPath.of(text);
    return ("<svg class=\"qr\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\""
            + " shape-rendering=\"crispEdges\"><rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>"
            + "<path d=\"%s\" fill=\"#000\"/></svg>")
        .formatted(code.size(), code.size(), escaped(label), code.size(), code.size(), code.path());
  }
}
