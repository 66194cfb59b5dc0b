package io.lingtan.simulator.referee;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every reading that was served, and what became of it. Main thread. */
final class Truth {

  /** More than this between a value's time and its reading's is a wrong time. */
  private static final long TOLERANCE_MILLIS = 5_000;

  private final Tally[] tallies;
  private final Map<Key, Reading> readings = new HashMap<>();
  private long unusable;

  private record Key(int unit, Place place, long counts) {}

  private static final class Reading {
    private final int phase;
    private final long atMillis;
    private final boolean marred;
    private long delivered;
    private long repeated;
    private @Nullable String key;

    Reading(int phase, long atMillis, boolean marred) {
      this.phase = phase;
      this.atMillis = atMillis;
      this.marred = marred;
    }
  }

  /** Counts of one phase. */
  private static final class Tally {
    private long wrong;
    private long mistimed;
  }

  /**
   * What became of the readings of one phase.
   *
   * @param served replies that left whole and in time, one count for each number in them
   * @param marred numbers in replies that left late, damaged or in another's name: a publisher need
   *     not have them
   * @param delivered of the served ones
   * @param marredDelivered of the marred ones: true all the same
   * @param lost served in time, and never arrived
   * @param twice arrivals of a reading beyond the first, but for repeated ones
   * @param repeated arrivals beyond the first that carry the first one's key: a receiver that keeps
   *     to the publisher's key has them once
   * @param wrong values arrived in this phase that no such unit ever served in that place
   * @param mistimed values with a time more than 5 s from their reading's
   */
  record Count(
      String phase,
      long served,
      long marred,
      long delivered,
      long marredDelivered,
      long lost,
      long twice,
      long repeated,
      long wrong,
      long mistimed) {}

  Truth(int phases) {
    tallies = new Tally[phases];
    for (int i = 0; i < phases; i++) {
      tallies[i] = new Tally();
    }
  }

  /** A number left in a reply. */
  void served(Units.Served served) {
    for (Units.Shown shown : served.shown()) {
      readings.put(
          new Key(served.unit(), shown.place(), shown.counts()),
          new Reading(served.phase(), served.atMillis(), served.marred()));
    }
  }

  /** A value arrived. */
  void delivered(Delivered value, int phase) {
    Reading reading = find(value);
    if (reading == null) {
      tallies[phase].wrong++;
      return;
    }
    if (reading.delivered > 0 && value.key() != null && value.key().equals(reading.key)) {
      reading.repeated++;
      return;
    }
    reading.delivered++;
    reading.key = value.key();
    Long time = value.timeMillis();
    if (time != null && Math.abs(time - reading.atMillis) > TOLERANCE_MILLIS) {
      tallies[reading.phase].mistimed++;
    }
  }

  private @Nullable Reading find(Delivered value) {
    BigDecimal counts = value.counts().stripTrailingZeros();
    if (counts.scale() > 0 || counts.signum() < 0 || counts.precision() - counts.scale() > 18) {
      return null;
    }
    return readings.get(new Key(value.unit(), value.place(), counts.longValueExact()));
  }

  /** A message on a mapped topic that the mapping could not read. */
  void unusable() {
    unusable++;
  }

  long unusableMessages() {
    return unusable;
  }

  /** Whether anything of a unit has arrived. */
  boolean hasDelivered() {
    return readings.values().stream().anyMatch(reading -> reading.delivered > 0);
  }

  /** Forgets all: the course begins. Readings still under way then count for nobody. */
  void begin() {
    readings.replaceAll((key, reading) -> new Reading(-1, reading.atMillis, true));
    for (Tally tally : tallies) {
      tally.wrong = 0;
      tally.mistimed = 0;
    }
  }

  /** What became of the readings of a phase. */
  Count count(int phase, String name) {
    long served = 0;
    long marred = 0;
    long delivered = 0;
    long marredDelivered = 0;
    long twice = 0;
    long repeated = 0;
    for (Reading reading : readings.values()) {
      if (reading.phase == phase) {
        served += reading.marred ? 0 : 1;
        marred += reading.marred ? 1 : 0;
        delivered += !reading.marred && reading.delivered > 0 ? 1 : 0;
        marredDelivered += reading.marred && reading.delivered > 0 ? 1 : 0;
        twice += Math.max(0, reading.delivered - 1);
        repeated += reading.repeated;
      }
    }
    return new Count(
        name,
        served,
        marred,
        delivered,
        marredDelivered,
        served - delivered,
        twice,
        repeated,
        tallies[phase].wrong,
        tallies[phase].mistimed);
  }

  /** The counts of all phases, in their order. */
  List<Count> counts(List<Phase> phases) {
    return java.util.stream.IntStream.range(0, phases.size())
        .mapToObj(i -> count(i, phases.get(i).name()))
        .toList();
  }

  /** Readings served in time that have not arrived yet. */
  long outstanding() {
    return readings.values().stream()
        .filter(reading -> reading.phase >= 0 && !reading.marred && reading.delivered == 0)
        .count();
  }
}
