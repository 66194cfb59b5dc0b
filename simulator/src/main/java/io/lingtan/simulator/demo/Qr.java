package io.lingtan.simulator.demo;

import io.nayuki.qrcodegen.QrCode;
import java.util.ArrayList;
import java.util.List;

/**
 * A QR code for a terminal, two modules to a character, dark on light whatever the terminal's
 * colours.
 */
final class Qr {

  private static final int QUIET_ZONE = 2;
  private static final String BLACK_ON_WHITE = "\u001b[30;107m";
  private static final String USUAL = "\u001b[0m";

  private Qr() {}

  /** Lines from top to bottom. */
  static List<String> lines(String text) {
    QrCode code = QrCode.encodeText(text, QrCode.Ecc.LOW);
    List<String> lines = new ArrayList<>();
    for (int y = -QUIET_ZONE; y < code.size + QUIET_ZONE; y += 2) {
      StringBuilder line = new StringBuilder(BLACK_ON_WHITE);
      for (int x = -QUIET_ZONE; x < code.size + QUIET_ZONE; x++) {
        line.append(half(code.getModule(x, y), code.getModule(x, y + 1)));
      }
      lines.add(line.append(USUAL).toString());
    }
    return lines;
  }

  private static char half(boolean upper, boolean lower) {
    if (upper) {
      return lower ? '█' : '▀';
    }
    return lower ? '▄' : ' ';
  }
}
