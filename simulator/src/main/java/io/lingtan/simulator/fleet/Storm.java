package io.lingtan.simulator.fleet;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The broker goes away and comes back, and all gateways with it.
 *
 * @param atSeconds after all gateways were connected, 1..86400
 * @param awaySeconds until it is back, 0..3600
 */
record Storm(long atSeconds, long awaySeconds) {

  private static final Pattern FORM = Pattern.compile("([0-9]{1,5})(?::([0-9]{1,4}))?");
  private static final long USUAL_AWAY = 5;

  Storm {
    if (atSeconds < 1 || atSeconds > 86_400 || awaySeconds < 0 || awaySeconds > 3_600) {
      throw new IllegalArgumentException(
          "a storm is at 1..86400 s for 0..3600 s, was " + atSeconds + ":" + awaySeconds);
    }
  }

  /**
   * Reads {@code AT} or {@code AT:AWAY}, in seconds.
   *
   * @throws IllegalArgumentException if it is not written so
   */
  static Storm parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(text + " is no storm: write AT or AT:AWAY, in seconds");
    }
    String away = matcher.group(2);
    return new Storm(
        Long.parseLong(matcher.group(1)), away == null ? USUAL_AWAY : Long.parseLong(away));
  }
}
