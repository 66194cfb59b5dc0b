package io.lingtan.agent.status.handover;

import io.lingtan.agent.status.report.Html;
import io.lingtan.agent.status.report.QrPath;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A sticker of 90 mm × 50 mm for the cabinet, as SVG: whose gateway it is, where its page is, and
 * what is needed to act there.
 *
 * @param gateway its id
 * @param site its name
 * @param address of the page, which the QR code opens
 * @param pin null to leave it out
 * @param key the public key, {@code x}; null where there is none yet
 */
public record Label(
    String gateway, String site, String address, @Nullable String pin, @Nullable String key) {

  private static final double LEFT = 42;
  private static final double RIGHT = 87;
  private static final double KEY_LEFT = 5;

  /**
   * Another sticker, for a gateway that has no certificate yet: what it enrols by, as QR code.
   *
   * @param text that the code holds
   * @param gateway its id; null where it is given one
   * @param est where it enrols
   */
  public static String toEnrol(String text, @Nullable String gateway, String est) {
    StringBuilder svg = sheet(text);
    line(svg, LEFT, 9, 4.6, "bold", "登记码 Enrolment");
    line(svg, LEFT, 16, 2.6, "normal", "网关 Gateway");
    line(svg, LEFT, 20.9, 4.2, "bold", gateway == null ? "自动编号 next free id" : gateway);
    line(svg, LEFT, 26.5, 2.6, "normal", "登记服务器 EST server");
    line(svg, LEFT, 31, 3, "normal", est);
    line(svg, LEFT, 37.5, 2.6, "normal", "只能用一次，用后撕掉");
    line(svg, LEFT, 41, 2.6, "normal", "good once: take it off afterwards");
    line(
        svg,
        KEY_LEFT,
        46.5,
        2.3,
        "normal",
        "sudo -u lingtan lingtan enroll --config /etc/lingtan/site.yaml -");
    return svg.append("</svg>\n").toString();
  }

  public String svg() {
    StringBuilder svg = sheet(address);
    line(svg, LEFT, 9, 4.6, "bold", site);
    line(svg, LEFT, 16, 2.6, "normal", "网关 Gateway");
    line(svg, LEFT, 20.9, 4.2, "bold", gateway);
    if (pin != null) {
      line(svg, LEFT, 26.5, 2.6, "normal", "PIN（试读、扫描和改动 to act）");
      line(svg, LEFT, 32.4, 5, "bold", pin);
    }
    line(svg, LEFT, 37.5, 2.6, "normal", "页面 Page");
    line(svg, LEFT, 41, 3, "normal", address);
    if (key != null) {
      line(svg, KEY_LEFT, 46.5, 2.3, "normal", "Ed25519 " + key);
    }
    return svg.append("</svg>\n").toString();
  }

  /** With a frame, and a QR code at the left. */
  private static StringBuilder sheet(String text) {
    QrPath code = QrPath.of(text);
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="90mm" height="50mm" viewBox="0 0 90 50" \
        font-family="'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif">
        <rect width="90" height="50" fill="#fff"/>
        <rect x="0.5" y="0.5" width="89" height="49" rx="2" fill="none" stroke="#000" stroke-width="0.3"/>
        """);
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg x=\"2\" y=\"3\" width=\"38\" height=\"38\" viewBox=\"0 0 %d %d\""
                + " shape-rendering=\"crispEdges\"><title>%s</title><path d=\"%s\"/></svg>%n",
            code.size(),
            code.size(),
            Html.escaped(text),
            code.path()));
    return svg;
  }

  /** Smaller where it would not fit. */
  private static void line(
      StringBuilder svg, double x, double y, double size, String weight, String text) {
    double wide = text.codePoints().mapToDouble(c -> c < 0x2E80 ? 0.62 : 1).sum() * size;
    double fitting = Math.min(size, size * (RIGHT - x) / wide);
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.2f\" font-weight=\"%s\">%s</text>%n",
            x,
            y,
            fitting,
            weight,
            Html.escaped(text)));
  }
}
