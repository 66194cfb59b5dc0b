package io.lingtan.simulator.check;

import io.lingtan.simulator.check.Received.Interval;
import io.lingtan.simulator.check.Received.Metric;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Hours and days: told as soon as the base intervals in them are, and to the last digit the sum of
 * what these say in the end.
 */
final class RollUps {

  private static final Set<String> LENGTHS = Set.of("1h", "1d");

  /** What a sum of parts cannot be asked of: such a part does not say all that there was. */
  private static final Set<String> UNSURE = Set.of("partial", "suspect", "missing");

  private final ZoneId zone;
  private final long baseMillis;
  private final Findings findings;
  private final Map<String, NavigableMap<Long, Interval>> latest = new HashMap<>();

  /** Says of which time nothing can be asked. */
  interface Unclear {
    boolean isUnclear(long start, long end);
  }

  RollUps(ZoneId zone, long baseMillis, Findings findings) {
    this.zone = zone;
    this.baseMillis = baseMillis;
    this.findings = findings;
    LENGTHS.forEach(length -> latest.put(length, new TreeMap<>()));
  }

  void take(Interval interval) {
    NavigableMap<Long, Interval> ofLength = latest.get(interval.length());
    if (ofLength != null) {
      ofLength.merge(interval.start(), interval, Intervals::later);
    }
  }

  /**
   * Says what is missing or no sum within a span.
   *
   * @param parts the newest revision of each base interval
   */
  void finish(long from, long until, NavigableMap<Long, Interval> parts, Unclear unclear) {
    for (String length : LENGTHS) {
      ChronoUnit unit = length.equals("1h") ? ChronoUnit.HOURS : ChronoUnit.DAYS;
      ZonedDateTime at = Instant.ofEpochMilli(from).atZone(zone).truncatedTo(unit);
      if (at.toInstant().toEpochMilli() < from) {
        at = at.plus(1, unit);
      }
      for (; at.plus(1, unit).toInstant().toEpochMilli() <= until; at = at.plus(1, unit)) {
        long start = at.toInstant().toEpochMilli();
        long end = at.plus(1, unit).toInstant().toEpochMilli();
        List<Interval> told = List.copyOf(parts.subMap(start, end).values());
        if (told.size() == (end - start) / baseMillis && !unclear.isUnclear(start, end)) {
          judge(length, start, told);
        }
      }
    }
  }

  private void judge(String length, long start, List<Interval> parts) {
    Interval rollUp = latest.getOrDefault(length, new TreeMap<>()).get(start);
    if (rollUp == null) {
      findings.add(Verdict.MISSING, start, "interval " + length + " " + start);
      return;
    }
    for (String metric : parts.getFirst().metrics().keySet()) {
      Long sum = isSum(metric) ? sum(metric, parts) : null;
      if (sum == null) {
        continue;
      }
      Metric said = rollUp.metrics().get(metric);
      Long value = said == null ? null : said.micros();
      if (value == null || !value.equals(sum)) {
        findings.add(
            Verdict.INCONSISTENT,
            start,
            "%s of %s (%s, its parts give %s)"
                .formatted(
                    metric,
                    Intervals.name(rollUp),
                    value == null ? "none" : Decimals.text(value),
                    Decimals.text(sum)));
      }
    }
  }

  /** Whether a figure of a longer interval is the sum of those in it. */
  private static boolean isSum(String metric) {
    return metric.startsWith("elec.")
        || metric.startsWith("flow.")
        || metric.startsWith("h2.from_")
        || metric.equals("h2.produced")
        || metric.equals("h2.dispensed")
        || metric.equals("balance.residual")
        || (metric.startsWith("co2.") && !metric.equals("co2.per_load_kwh"));
  }

  private static @Nullable Long sum(String metric, List<Interval> parts) {
    long sum = 0;
    for (Interval part : parts) {
      Metric own = part.metrics().get(metric);
      Long value = own == null ? null : own.micros();
      if (own == null || value == null || UNSURE.contains(own.quality())) {
        return null;
      }
      sum += value;
    }
    return sum;
  }
}
