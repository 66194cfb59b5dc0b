package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The page with its first snapshot inside, so that it shows numbers before anything is fetched. */
final class Page {

  private static final String PLACE = "{{snapshot}}";

  private Page() {}

  static byte[] with(byte[] page, SiteView view) {
    // "</" cannot end the script element early: "<" is written as an escape inside JSON strings.
    String json = SnapshotJson.of(view).replace("<", "\\u003c");
    return new String(page, UTF_8).replace(PLACE, json).getBytes(UTF_8);
  }
}
