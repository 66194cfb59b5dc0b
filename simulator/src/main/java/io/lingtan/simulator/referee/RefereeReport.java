package io.lingtan.simulator.referee;

import io.lingtan.simulator.referee.Truth.Count;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * What became of every reading, by phase.
 *
 * @param unusable messages on mapped topics that the mapping could not read
 * @param overflown messages or replies that the referee itself could not keep: nothing is proven
 */
record RefereeReport(
    String publisher, String settings, List<Count> counts, long unusable, long overflown) {

  RefereeReport {
    counts = List.copyOf(counts);
  }

  long total(ToLongFunction<Count> count) {
    return counts.stream().mapToLong(count).sum();
  }

  /** The count of a phase. */
  Count phase(String name) {
    return counts.stream()
        .filter(count -> count.phase().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no phase " + name));
  }

  String text() {
    StringBuilder text = new StringBuilder();
    Formatter out = new Formatter(text, Locale.ROOT);
    out.format("%n%s: %s%n%n", publisher, settings);
    out.format(
        "%-18s %7s %9s %6s %6s %8s %6s %10s %6s%n",
        "phase",
        "served",
        "delivered",
        "lost",
        "twice",
        "repeated",
        "wrong",
        "wrong time",
        "marred");
    counts.forEach(count -> line(out, count));
    line(
        out,
        new Count(
            "all",
            total(Count::served),
            total(Count::marred),
            total(Count::delivered),
            total(Count::marredDelivered),
            total(Count::lost),
            total(Count::twice),
            total(Count::repeated),
            total(Count::wrong),
            total(Count::mistimed)));
    out.format(
        "twice: once more without a key to tell by; repeated: once more under the same key%nmarred:"
            + " numbers in replies that were kept back, damaged or sent in another's name, and may"
            + " be missing; %d of them arrived%n",
        total(Count::marredDelivered));
    if (unusable > 0) {
      out.format("%,d messages on mapped topics could not be read as mapped%n", unusable);
    }
    if (overflown > 0) {
      out.format("%,d messages overflowed the referee: these counts prove nothing%n", overflown);
    }
    return text.toString();
  }

  private static void line(Formatter out, Count count) {
    out.format(
        "%-18s %7d %9d %6d %6d %8d %6d %10d %6d%n",
        count.phase(),
        count.served(),
        count.delivered(),
        count.lost(),
        count.twice(),
        count.repeated(),
        count.wrong(),
        count.mistimed(),
        count.marred());
  }
}
