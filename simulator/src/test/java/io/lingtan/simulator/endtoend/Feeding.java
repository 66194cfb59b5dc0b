package io.lingtan.simulator.endtoend;

import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Feeds;

/** What people tell, as a test writes it. */
final class Feeding {

  private Feeding() {}

  static Feeds of(String csv) {
    Feeds feeds =
        FeedReader.read(
            csv,
            (line, column, message) -> {
              throw new AssertionError(line + ":" + column + ": " + message);
            });
    if (feeds == null) {
      throw new AssertionError(csv);
    }
    return feeds;
  }
}
