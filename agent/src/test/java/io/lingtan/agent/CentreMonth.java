package io.lingtan.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Figures, samples and events of healthy sites up to now, for the tables of the centre. */
final class CentreMonth {

  private CentreMonth() {}

  /**
   * Statements that put it into empty tables.
   *
   * @param seconds from one sample of a device to the next
   */
  static String sql(int sites, int days, int seconds) throws IOException {
    try (InputStream in = CentreMonth.class.getResourceAsStream("/io/lingtan/agent/month.sql")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .replace("SITES", "" + sites)
          .replace("DAYS", "" + days)
          .replace("SECONDS", "" + seconds);
    }
  }
}
