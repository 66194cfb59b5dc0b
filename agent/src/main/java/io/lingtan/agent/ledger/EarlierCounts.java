package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.Count;
import io.lingtan.agent.meter.Channel;
import io.lingtan.agent.meter.Stretch;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What meters counted between the beginnings of open intervals and where the ledger still knows
 * what their registers said: added up of the base intervals that are kept.
 */
final class EarlierCounts {

  private static final int PERCENT = 100;

  /** What was added up until now. */
  private static final class Tally {
    private long counted;
    private long covered;
    private long broken;
  }

  private final NavigableSet<Long> starts;
  private final long end;
  private final Map<String, Tally> tallies = new HashMap<>();

  /** What had been added up at each beginning, and when the first base interval after it began. */
  private final SequencedMap<Long, Begun> begun = new TreeMap<>();

  private long at = Long.MIN_VALUE;

  private record Begun(long since, Map<String, Stretch> before) {}

  /**
   * @param starts where intervals begin, at least one, none after {@code end}
   * @param end where registers are known
   */
  EarlierCounts(NavigableSet<Long> starts, long end) {
    this.starts = starts;
    this.end = end;
  }

  /** From where on base intervals have to be added. */
  long from() {
    return starts.first();
  }

  long end() {
    return end;
  }

  /**
   * Adds the next one.
   *
   * @param millis how long it is
   */
  void add(KeptInterval next, long millis) {
    long start = next.startMillis();
    long hole = at == Long.MIN_VALUE ? 0 : start - at;
    tallies.values().forEach(tally -> tally.broken += hole);
    for (Long one : starts.headSet(start, true)) {
      begun.computeIfAbsent(one, begins -> new Begun(start, now()));
    }
    Map<String, Metric> amounts = new HashMap<>();
    for (Count count : next.counts()) {
      String name = name(count.meter().id(), count.figure().name());
      amounts.put(name, count.amount());
      tallies.computeIfAbsent(name, first -> new Tally());
    }
    tallies.forEach((name, tally) -> add(tally, amounts.get(name), millis));
    at = start + millis;
  }

  private static void add(Tally tally, @Nullable Metric amount, long millis) {
    Long micros = amount == null ? null : amount.micros();
    if (amount == null || micros == null) {
      tally.broken += millis;
      return;
    }
    long covered = millis * amount.coverage() / PERCENT;
    tally.counted += micros;
    tally.covered += covered;
    if (amount.quality() == Quality.PARTIAL) {
      tally.broken += Math.max(1, millis - covered);
    }
  }

  private Map<String, Stretch> now() {
    Map<String, Stretch> now = new HashMap<>();
    tallies.forEach(
        (name, tally) -> now.put(name, new Stretch(tally.counted, tally.covered, tally.broken)));
    return now;
  }

  /** Lets a channel know again what its register had counted where each interval begins. */
  void tell(Channel channel) {
    String name = name(channel.meter().id(), channel.figure().name());
    Tally all = tallies.get(name);
    if (all == null || at != end) {
      return;
    }
    begun.forEach(
        (start, from) -> {
          Stretch before = from.before.getOrDefault(name, Stretch.NOTHING);
          channel.putBack(
              start,
              from.since,
              end,
              new Stretch(
                  all.counted - before.counted(),
                  all.covered - before.coveredMillis(),
                  all.broken - before.brokenMillis()));
        });
  }

  private static String name(String meter, String figure) {
    return meter + " " + figure;
  }
}
