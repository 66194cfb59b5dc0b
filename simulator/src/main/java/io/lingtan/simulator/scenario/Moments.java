package io.lingtan.simulator.scenario;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations of several parts, such as {@code 1d7h25m12s345ms}. */
final class Moments {

  private static final Pattern PARTS =
      Pattern.compile(
          "(?:(\\d{1,4})d)?(?:(\\d{1,4})h)?(?:(\\d{1,5})m)?(?:(\\d{1,7})s)?(?:(\\d{1,9})ms)?");

  private static final long[] MILLIS = {86_400_000L, 3_600_000L, 60_000L, 1_000L, 1L};
  private static final String[] UNITS = {"d", "h", "m", "s", "ms"};

  private Moments() {}

  /** Null if it is not written so. */
  static @Nullable Duration parse(String text) {
    Matcher parts = PARTS.matcher(text);
    if (text.isEmpty() || !parts.matches()) {
      return null;
    }
    long sum = 0;
    for (int i = 0; i < MILLIS.length; i++) {
      String part = parts.group(i + 1);
      sum += part == null ? 0 : Long.parseLong(part) * MILLIS[i];
    }
    return Duration.ofMillis(sum);
  }

  static String text(long millis) {
    if (millis == 0) {
      return "0s";
    }
    StringBuilder text = new StringBuilder();
    long left = millis;
    for (int i = 0; i < MILLIS.length; i++) {
      if (left >= MILLIS[i]) {
        text.append(left / MILLIS[i]).append(UNITS[i]);
        left %= MILLIS[i];
      }
    }
    return text.toString();
  }
}
