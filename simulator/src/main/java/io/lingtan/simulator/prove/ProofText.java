package io.lingtan.simulator.prove;

import io.lingtan.agent.reading.Micros;
import io.lingtan.simulator.check.Account;
import io.lingtan.simulator.scenario.Kinds;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A proof in words. Equal for equal runs: no times of this machine stand in it. */
final class ProofText {

  private static final long HOUR_MILLIS = 3_600_000L;

  private ProofText() {}

  /** All of it. */
  public static String of(Proof proof) {
    Account account = proof.account();
    StringBuilder text = new StringBuilder();
    line(
        text,
        "scenario %s, site %s, %s, seed %d",
        proof.scenario().name(),
        proof.scenario().site(),
        hours(proof.scenario().lastsMillis()),
        proof.seed());
    text.append('\n').append(faults(proof.faults(), proof.strikes())).append('\n');
    line(
        text,
        "%-24s %9s %8s %8s %7s %16s %16s %12s",
        "figure",
        "intervals",
        "touched",
        "others",
        "absent",
        "true",
        "delivered",
        "difference");
    for (Account.Row row : account.rows()) {
      line(
          text,
          "%-24s %9d %8d %8d %7d %16s %16s %12s",
          row.metric(),
          row.intervals(),
          row.touched(),
          row.others(),
          row.absent(),
          Micros.text(row.truth()),
          Micros.text(row.delivered()),
          Micros.text(row.delivered() - row.truth()));
    }
    text.append('\n');
    line(
        text,
        "%d records of %d epochs from %d agents, %d came again; %d values compared with what the"
            + " meters served, %d readings were too old for it; %d figures had no readings beside"
            + " them to be compared by",
        account.records(),
        account.epochs(),
        proof.lives(),
        account.again(),
        account.values(),
        account.unjudged(),
        account.unchecked());
    line(
        text,
        "longer intervals compared with what is in them: %s",
        counts(new TreeMap<>(account.longer())));
    line(text, "events: %s", counts(new TreeMap<>(account.events())));
    line(text, "SHA-256 of all records: %s", proof.sha256());
    text.append(verdict(proof)).append('\n');
    account.findings().forEach(finding -> text.append("  ").append(finding).append('\n'));
    return text.toString();
  }

  /** Passed, or what it failed by. */
  public static String verdict(Proof proof) {
    return proof.isGood()
        ? "PASSED: everything delivered is true, and nothing is missing"
        : "FAILED: " + counts(new TreeMap<>(proof.account().counts()));
  }

  /** Table of the kinds of fault. */
  public static String faults(SortedMap<String, Long> planned, SortedMap<String, Long> struck) {
    StringBuilder text = new StringBuilder();
    line(text, "%-28s %8s %10s", "fault", "injected", "struck");
    for (String kind : Kinds.names()) {
      if (planned.containsKey(kind) || struck.containsKey(kind)) {
        line(text, "%-28s %8d %10d", kind, planned.getOrDefault(kind, 0L), struckBy(kind, struck));
      }
    }
    return text.toString();
  }

  /** A cut that tears counts under its own name. */
  private static long struckBy(String kind, SortedMap<String, Long> struck) {
    return struck.getOrDefault(kind, 0L) + struck.getOrDefault(kind + "_torn", 0L);
  }

  private static <K, V> String counts(SortedMap<K, V> counts) {
    return counts.entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String hours(long millis) {
    return millis % (24 * HOUR_MILLIS) == 0
        ? millis / (24 * HOUR_MILLIS) + " d"
        : String.format(Locale.ROOT, "%.1f h", (double) millis / HOUR_MILLIS);
  }

  @SuppressWarnings("AnnotateFormatMethod") // That annotation is in no library of ours.
  private static void line(StringBuilder to, String format, Object... values) {
    to.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
