package io.lingtan.agent.status.report;

import io.nayuki.qrcodegen.QrCode;

/**
 * A QR code as the path of an SVG.
 *
 * @param size width and height, the margin that readers need included
 * @param path dark modules, each a square of 1
 */
public record QrPath(int size, String path) {

  private static final int QUIET_ZONE = 4;

  /**
   * Of a text, with a quarter of it to spare for dirt where there is room.
   *
   * @throws io.nayuki.qrcodegen.DataTooLongException if no code holds it
   */
  public static QrPath of(String text) {
    QrCode code = QrCode.encodeText(text, QrCode.Ecc.MEDIUM);
    StringBuilder path = new StringBuilder();
    for (int y = 0; y < code.size; y++) {
      for (int x = 0; x < code.size; x++) {
        if (code.getModule(x, y)) {
          path.append("M%d %dh1v1h-1z".formatted(x + QUIET_ZONE, y + QUIET_ZONE));
        }
      }
    }
    return new QrPath(code.size + 2 * QUIET_ZONE, path.toString());
  }
}
