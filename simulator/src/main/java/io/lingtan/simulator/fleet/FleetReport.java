package io.lingtan.simulator.fleet;

import io.lingtan.simulator.fleet.Costs.Cost;
import io.lingtan.simulator.json.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What came of a run: what the gateways' journals numbered against what the audit received.
 *
 * @param numbered records of each gateway, as its journal says
 * @param waiting records that no broker had taken when the time to deliver them was over
 * @param refused readings that never got into a journal
 * @param missed periods in which a meter was not read because this machine was late; its gateway
 *     tells where readings lie more than two periods apart, as an agent does
 * @param resent records sent again because a connection ended before their PUBACK
 * @param connects connections made
 * @param longestRoundMillis longest time from one turn of a gateway to its next
 * @param audit the auditor's report
 * @param reconnects how each storm went
 * @param costs of the sides
 * @param millis from the first reading to the last
 */
record FleetReport(
    Map<String, Long> numbered,
    long waiting,
    long refused,
    long missed,
    long resent,
    long connects,
    long longestRoundMillis,
    Json audit,
    List<Reconnected> reconnects,
    List<Cost> costs,
    long millis) {

  private static final int MOST_TOLD = 10;
  private static final double MEGABYTE = 1024 * 1024;

  FleetReport {
    numbered = Map.copyOf(numbered);
    reconnects = List.copyOf(reconnects);
    costs = List.copyOf(costs);
  }

  /**
   * A storm as it went.
   *
   * @param awayMillis how long the broker was away
   * @param medianMillis from its return until half of the gateways were connected again
   * @param allMillis until all were; -1 if some never were
   * @param drainedMillis until no gateway had a backlog; -1 if some kept one
   */
  record Reconnected(long awayMillis, long medianMillis, long allMillis, long drainedMillis) {}

  /** One gateway as the audit saw it. */
  private record Heard(long received, long missing, long repeats, long wrong, String verdict) {}

  private Map<String, Heard> heard() {
    return audit.objects("gateways").stream()
        .collect(
            Collectors.toMap(
                gateway -> String.valueOf(gateway.text("gateway")), FleetReport::heard));
  }

  private static Heard heard(Json gateway) {
    long repeats =
        gateway.objects("epochs").stream()
            .mapToLong(
                epoch -> epoch.number("repeats", 0) + epoch.number("repeats_not_compared", 0))
            .sum();
    return new Heard(
        gateway.number("received", 0),
        gateway.number("missing", 0),
        repeats,
        gateway.number("contradictions", 0) + gateway.number("unexplained_gaps", 0),
        String.valueOf(gateway.text("verdict")));
  }

  /** What is not as it should be, a line for each gateway; empty if everything arrived. */
  List<String> complaints() {
    Map<String, Heard> heard = heard();
    List<String> complaints = new ArrayList<>();
    numbered.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            entry -> {
              Heard seen = heard.get(entry.getKey());
              if (seen == null) {
                complaints.add(entry.getKey() + ": never heard");
              } else if (seen.received != entry.getValue()
                  || seen.missing > 0
                  || seen.wrong > 0
                  || !seen.verdict.equals("complete")) {
                complaints.add(
                    "%s: %d numbered, %d received, %d missing, %d contradictions or gaps, audit %s"
                        .formatted(
                            entry.getKey(),
                            entry.getValue(),
                            seen.received,
                            seen.missing,
                            seen.wrong,
                            seen.verdict));
              }
            });
    if (refused > 0) {
      complaints.add(refused + " readings found a full queue: this machine is too slow for it");
    }
    for (Reconnected storm : reconnects) {
      if (storm.allMillis < 0) {
        complaints.add("some gateways were not connected again after the broker had come back");
      }
    }
    return complaints;
  }

  boolean isGood() {
    return complaints().isEmpty();
  }

  /** The side that would be at its end first. */
  private Cost limit() {
    return costs.stream()
        .filter(Cost::known)
        .max(Comparator.comparingDouble(Cost::percentOfAll))
        .orElseThrow();
  }

  String text() {
    Map<String, Heard> heard = heard();
    long records = numbered.values().stream().mapToLong(Long::longValue).sum();
    long received = heard.values().stream().mapToLong(Heard::received).sum();
    StringBuilder text = new StringBuilder();
    Formatter out = new Formatter(text, Locale.ROOT);
    out.format("%n%-34s %,12d%n", "gateways", numbered.size());
    out.format("%-34s %,12d%n", "records numbered", records);
    out.format("%-34s %,12d%n", "  delivered", received);
    out.format("%-34s %,12d%n", "  holes", sum(heard, Heard::missing));
    out.format("%-34s %,12d%n", "  not delivered in time", waiting);
    out.format("%-34s %,12d%n", "  contradictions, unexplained gaps", sum(heard, Heard::wrong));
    out.format("%-34s %,12d%n", "  twice, the same under its key", sum(heard, Heard::repeats));
    out.format("%-34s %,12d%n", "records sent again", resent);
    out.format("%-34s %,12d%n", "connections made", connects);
    out.format("%-34s %,12.0f%n", "records a second", 1_000.0 * records / Math.max(1, millis));
    out.format("%-34s %,12d%n", "readings not made, machine late", missed);
    out.format("%-34s %,12d%n", "longest round of the gateways, ms", longestRoundMillis);
    for (Reconnected storm : reconnects) {
      out.format(
          "broker away %.1f s: half back after %s, all after %s, no backlog after %s%n",
          storm.awayMillis / 1_000.0,
          seconds(storm.medianMillis),
          seconds(storm.allMillis),
          seconds(storm.drainedMillis));
    }
    costs(out, records);
    List<String> complaints = complaints();
    complaints.stream().limit(MOST_TOLD).forEach(line -> out.format("%s%n", line));
    if (complaints.size() > MOST_TOLD) {
      out.format("and %,d more%n", complaints.size() - MOST_TOLD);
    }
    out.format(
        "%s%n",
        complaints.isEmpty()
            ? "COMPLETE: every record of every gateway arrived, and none twice after its key"
            : "FAILED");
    return text.toString();
  }

  private void costs(Formatter out, long records) {
    out.format(
        "%n%-12s %10s %12s %16s %18s%n",
        "side", "memory MB", "CPU of one %", "of what it can %", "CPU µs per record");
    for (Cost cost : costs) {
      if (!cost.known()) {
        out.format("%-12s not on this machine, or its process id not named%n", cost.side());
        continue;
      }
      out.format(
          "%-12s %,10.1f %12.1f %16.1f %18.0f%n",
          cost.side(),
          cost.peakBytes() / MEGABYTE,
          cost.percentOfOne(),
          cost.percentOfAll(),
          1_000.0 * cost.cpuMillis() / Math.max(1, records));
    }
    Cost limit = limit();
    out.format(
        "the limit: %s, which uses %.0f %% of the %d core%s that it can use%n%n",
        limit.side(), limit.percentOfAll(), limit.cores(), limit.cores() == 1 ? "" : "s");
  }

  private static long sum(
      Map<String, Heard> heard, java.util.function.ToLongFunction<Heard> count) {
    return heard.values().stream().mapToLong(count).sum();
  }

  private static String seconds(long millis) {
    return millis < 0 ? "never" : String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
  }
}
