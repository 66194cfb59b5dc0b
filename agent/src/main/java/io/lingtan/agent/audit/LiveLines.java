package io.lingtan.agent.audit;

import io.lingtan.agent.reading.foreign.ForeignText;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One line for each change of a gateway: at once when its link, its epoch or something that is
 * wrong changes; every ten seconds when only more has come.
 */
public final class LiveLines {

  private static final long COUNTS_MILLIS = 10_000;

  private final Consumer<String> out;
  private final Map<String, Shown> shown = new HashMap<>();

  private record Shown(String headline, String line, long atMillis) {}

  /**
   * @param out takes each line, without a line end
   */
  public LiveLines(Consumer<String> out) {
    this.out = out;
  }

  /** Gives out what has changed since the last report. */
  public void show(AuditReport report) {
    for (GatewayReport gateway : report.gateways()) {
      Shown before = shown.get(gateway.gateway());
      String headline = headline(gateway);
      String line = line(gateway);
      boolean changed = before == null || !before.headline().equals(headline);
      boolean due =
          before != null
              && !before.line().equals(line)
              && report.atMillis() - before.atMillis() >= COUNTS_MILLIS;
      if (changed || due) {
        shown.put(gateway.gateway(), new Shown(headline, line, report.atMillis()));
        out.accept(ForeignText.line(Instant.ofEpochMilli(report.atMillis()) + " " + line));
      }
    }
  }

  private static String headline(GatewayReport gateway) {
    return "%s %s %d %d %d %s %b %b"
        .formatted(
            gateway.link(),
            epoch(gateway),
            gateway.missing(),
            gateway.contradicted(),
            gateway.unexplained(),
            gateway.garbage().keySet(),
            gateway.storeHeardMillis() > 0,
            gateway.blockedSinceMillis() == null);
  }

  private static String line(GatewayReport gateway) {
    String garbage =
        gateway.garbage().isEmpty() ? "" : ", not readable: " + gateway.garbage().keySet();
    return String.format(
        Locale.ROOT,
        "%s %s, epoch %s: %,d received, %,d missing, %,d in transit, %,d contradictions,"
            + " %,d unexplained gaps%s%s%s",
        gateway.gateway(),
        gateway.link().name().toLowerCase(Locale.ROOT),
        epoch(gateway),
        gateway.received(),
        gateway.missing(),
        gateway.inTransit(),
        gateway.contradicted(),
        gateway.unexplained(),
        gateway.unjudged() == 0
            ? ""
            : String.format(Locale.ROOT, ", %,d not judged", gateway.unjudged()),
        gateway.blockedSinceMillis() == null ? "" : ", nothing new is recorded",
        garbage);
  }

  private static String epoch(GatewayReport gateway) {
    return gateway.epochs().isEmpty() ? "unknown" : gateway.epochs().getLast().epoch();
  }
}
