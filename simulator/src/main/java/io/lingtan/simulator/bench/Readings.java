package io.lingtan.simulator.bench;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Each reading that a meter served, and whether it has come to the subscriber. A reading is a meter
 * and the moment that it says. Thread-safe. Some 100 bytes a reading.
 */
final class Readings implements WideMeters.Served {

  /**
   * What became of them.
   *
   * @param served while they counted
   * @param lost of these, how many never came
   * @param twice came more than once, and nothing tells that it is the same
   * @param again came more than once under one key, by which a receiver has it once
   * @param strange came, and no meter ever served it
   * @param p50Millis from the register to the subscriber, of half of them; -1 if none came
   * @param p99Millis the same of 99 in 100
   */
  record Account(
      long served,
      long lost,
      long twice,
      long again,
      long strange,
      long p50Millis,
      long p99Millis) {}

  private static final int UNITS = 256;

  private static final class Fate {
    private final boolean live;
    private long tookMillis = -1;
    private @Nullable String key;

    private Fate(boolean live) {
      this.live = live;
    }
  }

  private final Map<Long, Fate> fates = new HashMap<>();
  private long waiting;
  private long sinceMillis = Long.MIN_VALUE;
  private long untilMillis = Long.MAX_VALUE;
  private long twice;
  private long again;
  private long strange;

  /** From this moment on readings count. */
  synchronized void since(long millis) {
    sinceMillis = millis;
  }

  /** From this moment on they count no more. */
  synchronized void until(long millis) {
    untilMillis = millis;
  }

  @Override
  public synchronized void served(int unit, long millis) {
    fates.put(millis * UNITS + unit, new Fate(true));
  }

  /** One that waits in a journal already: it has to come, but nobody asks how soon. */
  synchronized void kept(int unit, long millis) {
    fates.put(millis * UNITS + unit, new Fate(false));
    waiting++;
  }

  /**
   * It is there.
   *
   * @param key of the record that it came in, null where there is none
   * @return whether it is there for the first time
   */
  synchronized boolean arrived(int unit, long millis, @Nullable String key, long atMillis) {
    Fate fate = fates.get(millis * UNITS + unit);
    if (fate == null) {
      strange++;
      return false;
    }
    if (fate.tookMillis < 0) {
      fate.tookMillis = Math.max(0, atMillis - millis);
      fate.key = key;
      waiting -= fate.live ? 0 : 1;
      return true;
    }
    if (key != null && key.equals(fate.key)) {
      again++;
    } else {
      twice++;
    }
    return false;
  }

  /** How many have been served and have not come, of those that count. */
  synchronized long missing() {
    return fates.entrySet().stream().filter(this::counts).filter(Readings::isMissing).count();
  }

  /** How many of a backlog have not come. */
  synchronized long waiting() {
    return waiting;
  }

  private boolean counts(Map.Entry<Long, Fate> reading) {
    long millis = Math.floorDiv(reading.getKey(), UNITS);
    return !reading.getValue().live || (millis >= sinceMillis && millis < untilMillis);
  }

  private static boolean isMissing(Map.Entry<Long, Fate> reading) {
    return reading.getValue().tookMillis < 0;
  }

  synchronized Account account() {
    long[] took =
        fates.entrySet().stream()
            .filter(this::counts)
            .map(Map.Entry::getValue)
            .filter(fate -> fate.live && fate.tookMillis >= 0)
            .mapToLong(fate -> fate.tookMillis)
            .sorted()
            .toArray();
    long counted = fates.entrySet().stream().filter(this::counts).count();
    return new Account(
        counted, missing(), twice, again, strange, quantile(took, 0.5), quantile(took, 0.99));
  }

  private static long quantile(long[] sorted, double share) {
    return sorted.length == 0
        ? -1
        : Arrays.stream(sorted).skip((long) (share * (sorted.length - 1))).findFirst().orElse(-1);
  }
}
