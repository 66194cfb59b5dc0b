package io.lingtan.simulator.check;

import io.lingtan.simulator.check.record.Decimals;
import io.lingtan.simulator.check.record.Received.Interval;
import io.lingtan.simulator.check.record.Received.Metric;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Hours, days, months and years: told as soon as the base intervals in them are, to the last digit
 * the sum of what these say in the end, as good as the worst of them, and seen as far as they were
 * on the average.
 */
final class RollUps {

  private static final SortedMap<String, ChronoUnit> LENGTHS =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(
              Map.of(
                  "1h", ChronoUnit.HOURS,
                  "1d", ChronoUnit.DAYS,
                  "1M", ChronoUnit.MONTHS,
                  "1Y", ChronoUnit.YEARS)));

  private static final String PARTIAL = "partial";

  /** What a sum of parts cannot be asked of: such a part does not say all that there was. */
  private static final Set<String> UNSURE = Set.of("partial", "suspect", "missing");

  private final ZoneId zone;
  private final long baseMillis;
  private final Findings findings;
  private final Map<String, NavigableMap<Long, Interval>> latest = new HashMap<>();
  private final Map<String, Integer> judged = new HashMap<>();

  /** Says of which time nothing can be asked. */
  interface Unclear {
    boolean isUnclear(long start, long end);
  }

  /** Says which records were made by a site file of other meters than those in it. */
  interface ByAnother {
    boolean isByAnother(Interval interval);
  }

  /** Says of which figures the registers at both ends were read. */
  interface Measurable {
    boolean isMeasurable(String metric, long start, long end);
  }

  RollUps(ZoneId zone, long baseMillis, Findings findings) {
    this.zone = zone;
    this.baseMillis = baseMillis;
    this.findings = findings;
    LENGTHS.keySet().forEach(length -> latest.put(length, new TreeMap<>()));
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
   * @param another which records cannot be asked for what their parts say
   * @param measurable of which figures the registers at both ends say all
   */
  void finish(
      long from,
      long until,
      NavigableMap<Long, Interval> parts,
      Unclear unclear,
      ByAnother another,
      Measurable measurable) {
    LENGTHS.forEach(
        (length, unit) -> {
          ZonedDateTime at = Instant.ofEpochMilli(from).atZone(zone).truncatedTo(ChronoUnit.HOURS);
          at =
              switch (unit) {
                case DAYS -> at.truncatedTo(unit);
                case MONTHS -> at.truncatedTo(ChronoUnit.DAYS).withDayOfMonth(1);
                case YEARS -> at.truncatedTo(ChronoUnit.DAYS).withDayOfYear(1);
                default -> at;
              };
          for (; millis(at.plus(1, unit)) <= until; at = at.plus(1, unit)) {
            long start = millis(at);
            long end = millis(at.plus(1, unit));
            List<Interval> told = List.copyOf(parts.subMap(start, end).values());
            if (start >= from
                && told.size() == (end - start) / baseMillis
                && !unclear.isUnclear(start, end)) {
              Interval rollUp = latest.getOrDefault(length, new TreeMap<>()).get(start);
              if (rollUp == null) {
                findings.add(Verdict.MISSING, start, "interval " + length + " " + start);
              } else if (!another.isByAnother(rollUp)) {
                judged.merge(length, 1, Integer::sum);
                judge(rollUp, told, name -> measurable.isMeasurable(name, start, end));
              }
            }
          }
        });
  }

  /** How many of each length were compared with what is in them. */
  Map<String, Integer> judged() {
    return Map.copyOf(judged);
  }

  private static long millis(ZonedDateTime at) {
    return at.toInstant().toEpochMilli();
  }

  private void judge(Interval rollUp, List<Interval> parts, Predicate<String> measurable) {
    Set<String> names = new TreeSet<>();
    parts.forEach(part -> names.addAll(part.metrics().keySet()));
    for (String name : names) {
      if (isSum(name)) {
        Metric said = rollUp.metrics().get(name);
        String wrong = wrong(said, name, parts);
        if (wrong == null && said != null && said.micros() != null) {
          wrong = looks(rollUp, said, name, parts, measurable);
        }
        if (wrong != null) {
          findings.add(
              Verdict.INCONSISTENT,
              rollUp.start(),
              "%s of %s (%s)".formatted(name, Intervals.name(rollUp), wrong));
        }
      }
    }
  }

  private static boolean isSure(Interval part, String name) {
    Metric metric = part.metrics().get(name);
    return metric != null && !UNSURE.contains(metric.quality());
  }

  /** What does not follow from the parts; null if all does. */
  private static @Nullable String wrong(@Nullable Metric said, String name, List<Interval> parts) {
    if (said == null) {
      return "none, its parts have it";
    }
    Long value = said.micros();
    Long sum = sum(name, parts);
    if (sum != null && !sum.equals(value)) {
      return "%s, its parts give %s"
          .formatted(value == null ? "none" : Decimals.text(value), Decimals.text(sum));
    }
    long known = parts.stream().filter(part -> isKnown(part.metrics().get(name))).count();
    if (value == null && isDifference(name) && !parts.stream().allMatch(p -> isSure(p, name))) {
      // What it compares may be known of different parts of the time, longer in all than in each.
      return null;
    }
    return (known == 0) == (value == null)
        ? null
        : value == null
            ? "none, %d of its parts are known".formatted(known)
            : "no part of it is known";
  }

  private static boolean isKnown(@Nullable Metric metric) {
    return metric != null && metric.micros() != null;
  }

  /** What looks better or worse than the parts; null if nothing does. */
  private static @Nullable String looks(
      Interval rollUp,
      Metric said,
      String name,
      List<Interval> parts,
      Predicate<String> measurable) {
    int worst = 0;
    long coverage = 0;
    for (Interval part : parts) {
      Metric own = part.metrics().get(name);
      // What some parts do not say is known of the others.
      worst = Math.max(worst, Books.rank(own != null && isKnown(own) ? own.quality() : PARTIAL));
      coverage += own != null && isKnown(own) ? own.coverage() : 0;
    }
    int rank = Books.rank(said.quality());
    // Its own two registers may say what those between could only estimate, or say in part.
    boolean own =
        rank < worst
            && (worst <= Books.rank(PARTIAL) || (isBalance(name) && hasNoSuspect(rollUp)))
            // What is worked out is of figures of the hour, each of which has been asked.
            && (isDifference(name) || measurable.test(name));
    if (rank != worst && !own) {
      return "%s, the worst of its parts is %s".formatted(said.quality(), Books.quality(worst));
    }
    double mean = (double) coverage / parts.size();
    // What is worked out is seen as far as the least seen of what it is made of, in each part.
    boolean isWrong =
        said.coverage() < mean - 1 || (said.coverage() > mean + 1 && !isDifference(name));
    return isWrong
        ? "coverage %d, its parts have %d of %d hundreds"
            .formatted(said.coverage(), coverage, parts.size())
        : null;
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

  /** Whether it is worked out from others of the same length. */
  private static boolean isDifference(String metric) {
    return metric.equals("elec.load.total")
        || metric.equals("balance.residual")
        || metric.startsWith("flow.")
        || metric.startsWith("h2.from_")
        || metric.startsWith("co2.");
  }

  /**
   * Whether it is what meters differ by: a quarter in which one was late makes it impossible there,
   * and so suspect, though every meter is right over the hour.
   */
  private static boolean isBalance(String metric) {
    return metric.equals("elec.load.total") || metric.equals("balance.residual");
  }

  private static boolean hasNoSuspect(Interval rollUp) {
    return rollUp.metrics().entrySet().stream()
        .filter(entry -> entry.getKey().startsWith("elec.") && !isDifference(entry.getKey()))
        .noneMatch(entry -> entry.getValue().quality().equals("suspect"));
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
