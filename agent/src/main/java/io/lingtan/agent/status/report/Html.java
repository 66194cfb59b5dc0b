package io.lingtan.agent.status.report;

import io.nayuki.qrcodegen.QrCode;
import java.util.Locale;

/** Pieces of HTML. */
final class Html {

  private static final int QUIET_ZONE = 4;
  private static final double EXACT = 1e15;

  private Html() {}

  static String escaped(String text) {
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

  /** A QR code as SVG, with the margin that readers need. */
  static String qr(String text, String label) {
    QrCode code = QrCode.encodeText(text, QrCode.Ecc.MEDIUM);
    int size = code.size + 2 * QUIET_ZONE;
    StringBuilder path = new StringBuilder();
    for (int y = 0; y < code.size; y++) {
      for (int x = 0; x < code.size; x++) {
        if (code.getModule(x, y)) {
          path.append("M%d %dh1v1h-1z".formatted(x + QUIET_ZONE, y + QUIET_ZONE));
        }
      }
    }
    return ("<svg class=\"qr\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\""
            + " shape-rendering=\"crispEdges\"><rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>"
            + "<path d=\"%s\" fill=\"#000\"/></svg>")
        .formatted(size, size, escaped(label), size, size, path);
  }
}
