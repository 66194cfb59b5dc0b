package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.audit.message.Tree;
import io.lingtan.simulator.beside.Usage;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of a run.
 *
 * @param waiting records that are not acknowledged in the end
 * @param resent messages that gateways sent again
 * @param missed readings that were not made, because this machine was late
 * @param perSecond records numbered in a second while meters were read
 * @param used by each process, from its start to the end of the readings
 */
record TrialReport(
    TrialOptions options,
    Findings findings,
    long waiting,
    long resent,
    long missed,
    double perSecond,
    Map<String, Usage> used) {

  boolean isGood() {
    return findings.failures().isEmpty() && waiting == 0;
  }

  /** A table, and the verdict in the last line. */
  String text() {
    StringBuilder text = new StringBuilder();
    text.append("process          CPU s   memory MB at most\n");
    used.forEach(
        (name, usage) ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "%-14s %7.1f %8d%n",
                    name,
                    usage.cpuMillis() / 1_000.0,
                    usage.peakBytes() / 1_000_000)));
    text.append(
        String.format(
            Locale.ROOT,
            "%,d records, %.0f a second; %,d sent again; %,d intervals revised; %,d readings"
                + " missed%n",
            findings.rows(),
            perSecond,
            resent,
            findings.revised(),
            missed));
    findings.failures().forEach(failure -> text.append("  ").append(failure).append('\n'));
    if (waiting > 0) {
      text.append("  ").append(waiting).append(" records are not acknowledged\n");
    }
    return text.append(verdict()).append('\n').toString();
  }

  private String verdict() {
    return isGood()
        ? String.format(
            Locale.ROOT,
            "AGREES: %d intervals of %,d gateways to the mWh and mg, 0 undeclared holes,"
                + " %,d rows = %,d keys (seed %d)",
            findings.intervals(),
            options.gateways(),
            findings.rows(),
            findings.keys(),
            options.seed())
        : "DIFFERS (seed " + options.seed() + ")";
  }

  String json() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("verdict", isGood() ? "AGREES" : "DIFFERS");
    tree.put("seed", options.seed());
    tree.put("gateways", options.gateways());
    tree.put("intervals", findings.intervals());
    tree.put("rows", findings.rows());
    tree.put("keys", findings.keys());
    tree.put("revised", findings.revised());
    tree.put("waiting", waiting);
    tree.put("resent", resent);
    tree.put("missed", missed);
    tree.put("records_per_second", Math.round(perSecond));
    tree.put("failures", findings.failures());
    Map<String, @Nullable Object> processes = new LinkedHashMap<>();
    used.forEach(
        (name, usage) ->
            processes.put(
                name, Map.of("cpu_ms", usage.cpuMillis(), "peak_bytes", usage.peakBytes())));
    tree.put("processes", processes);
    return new String(Tree.bytes(tree), StandardCharsets.UTF_8);
  }
}
