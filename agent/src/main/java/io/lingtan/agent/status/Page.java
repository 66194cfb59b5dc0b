package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;

/**
 * The page with its style and its first snapshot inside, so that it shows numbers after two
 * requests. Its policy lets that one style be and no other.
 */
final class Page {

  private static final String SNAPSHOT = "{{snapshot}}";
  private static final String STYLE = "{{style}}";
  private static final String SCREENS = "{{screens}}";

  private final String html;
  private final String policy;

  /**
   * @param screens those that the server has beside the overview, in the order of their tabs
   * @param languages those that it has a file of, beside Chinese and English
   */
  Page(List<String> screens, List<String> languages) {
    html =
        Assets.text("index.html")
            .replace(STYLE, Assets.text("style.css"))
            .replace(SCREENS, String.join(" ", screens))
            .replace("{{languages}}", String.join(" ", languages));
    policy =
        "default-src 'self'; style-src 'self'"
            + InlinePolicy.styles(html)
            + "; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";
  }

  /** The {@code Content-Security-Policy} to send with it. */
  String policy() {
    return policy;
  }

  /** The page with this snapshot. */
  byte[] with(String snapshot) {
    // "</" cannot end the script element early: "<" is written as an escape inside JSON strings.
    String json = snapshot.replace("<", "\\u003c");
    return html.replace(SNAPSHOT, json).getBytes(UTF_8);
  }
}
