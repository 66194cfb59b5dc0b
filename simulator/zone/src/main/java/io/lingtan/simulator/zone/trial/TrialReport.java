package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.audit.message.Tree;
import io.lingtan.simulator.beside.Usage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of a run.
 *
 * @param state of the gateways, in the end
 * @param perSecond records numbered in a second while meters were read
 * @param used by each process, from its start to the end of the readings
 * @param shares how many partitions of the messages each streams instance folds in the end
 */
record TrialReport(
    TrialOptions options,
    Findings findings,
    GatewaysState state,
    double perSecond,
    Map<String, Usage> used,
    Collection<Integer> shares) {

  boolean isGood() {
    return findings.failures().isEmpty() && state.waiting() == 0;
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
            state.resent(),
            findings.revised(),
            state.missed()));
    text.append("partitions by streams instance: ").append(shares).append('\n');
    findings.failures().forEach(failure -> text.append("  ").append(failure).append('\n'));
    if (state.waiting() > 0) {
      text.append("  ").append(state.waiting()).append(" records are not acknowledged\n");
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
    tree.put("waiting", state.waiting());
    tree.put("resent", state.resent());
    tree.put("missed", state.missed());
    tree.put("records_per_second", Math.round(perSecond));
    tree.put("partitions", new ArrayList<>(shares));
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
