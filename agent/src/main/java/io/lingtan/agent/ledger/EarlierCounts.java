package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.meter.MeterChannel;
import io.lingtan.agent.meter.Stretch;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What meters counted between the beginnings of open intervals and where the ledger still knows
 * what their registers said: added up of the base intervals that are kept.
 */
final class EarlierCounts {

  private static final int PERCENT = 100;

  /** Longest base interval. */
  private static final long LONGEST_MILLIS = 30 * 60_000L;

  /** What was added up since an interval began. */
  private static final class Tally {
    private final Quality quality;
    private long counted;
    private long covered;
    private long broken;
    private long estimated;
    private boolean suspect;

    /** Whether the gap in which it begins is not over. */
    private boolean inGap;

    /**
     * @param before the base interval before the beginning; null if it is not known
     * @param first the one after it
     * @param unknown of how long after the beginning nothing was told, ms
     */
    Tally(@Nullable Metric before, Metric first, long unknown) {
      // A boundary is in a gap only if it is estimated on both sides of it.
      quality =
          Stream.of(before == null ? first : before, first)
              .map(Metric::quality)
              .min(Comparator.naturalOrder())
              .filter(better -> better != Quality.MISSING)
              .orElse(Quality.PARTIAL);
      inGap = quality.compareTo(Quality.DERIVED) > 0;
      broken = unknown;
    }

    void add(@Nullable Metric amount, long millis) {
      Long micros = amount == null ? null : amount.micros();
      if (amount == null || micros == null) {
        broken += millis;
        return;
      }
      long close = millis * amount.coverage() / PERCENT;
      counted += micros;
      covered += close;
      broken += amount.isWhole() ? 0 : Math.max(1, millis - close);
      suspect |= amount.quality() == Quality.SUSPECT;
      if (inGap) {
        estimated += Math.ceilDiv(micros * amount.estimated(), PERCENT);
        inGap = amount.estimated() == PERCENT || micros == 0;
      }
    }

    Stretch stretch() {
      return new Stretch(counted, covered, broken, suspect ? Quality.SUSPECT : quality, estimated);
    }
  }

  private final NavigableSet<Long> starts;
  private final long end;

  /** What was added up since each beginning, and when the first base interval after it began. */
  private final SequencedMap<Long, Begun> begun = new TreeMap<>();

  /** What the last base interval said. */
  private Map<String, Metric> last = Map.of();

  private long at = Long.MIN_VALUE;

  private record Begun(long since, Map<String, Tally> tallies) {}

  /**
   * @param starts where intervals begin, at least one, none after {@code end}
   * @param end where registers are known
   */
  EarlierCounts(NavigableSet<Long> starts, long end) {
    this.starts = starts;
    this.end = end;
  }

  /** From where on base intervals have to be added: with the last one before any begins. */
  long from() {
    return starts.first() - LONGEST_MILLIS;
  }

  long end() {
    return end;
  }

  /**
   * Adds the next one.
   *
   * @param millis how long it is
   */
  void add(BaseRow next, long millis) {
    long start = next.startMillis();
    long hole = at == Long.MIN_VALUE ? 0 : start - at;
    Map<String, Metric> before = start == at ? last : Map.of();
    for (Long one : starts.headSet(start, true)) {
      begun.computeIfAbsent(one, begins -> new Begun(start, new HashMap<>()));
    }
    Map<String, Metric> amounts = new HashMap<>();
    for (Count count : next.counts()) {
      amounts.put(name(count.meter().id(), count.figure().name()), count.amount());
    }
    for (Begun each : begun.values()) {
      each.tallies.values().forEach(tally -> tally.broken += hole);
      amounts.forEach(
          (name, amount) ->
              each.tallies.computeIfAbsent(
                  name, first -> new Tally(before.get(name), amount, start - each.since)));
      each.tallies.forEach((name, tally) -> tally.add(amounts.get(name), millis));
    }
    last = amounts;
    at = start + millis;
  }

  /** Lets a channel know again what its register had counted where each interval begins. */
  void tell(MeterChannel channel) {
    String name = name(channel.meter().id(), channel.figure().name());
    if (at != end) {
      return;
    }
    begun.forEach(
        (start, from) -> {
          Tally tally = from.tallies.get(name);
          if (tally != null) {
            channel.putBack(start, from.since, end, tally.stretch());
          }
        });
  }

  private static String name(String meter, String figure) {
    return meter + " " + figure;
  }
}
