package io.lingtan.simulator.bench;

import org.jspecify.annotations.Nullable;

/**
 * What one candidate was found to use.
 *
 * @param absent why it was not tried, {@code not installed}, {@code keeps nothing} or {@code
 *     failed}; then there is no outcome
 */
record Measure(Candidate candidate, Plan plan, @Nullable String absent, @Nullable Outcome outcome) {

  /**
   * What was counted.
   *
   * @param used within the time that was measured; memory at its end
   * @param seconds that time
   * @param startSeconds from its start as a process to its first value at the subscriber
   * @param count what came within that time
   * @param account of readings, also of those that came after it
   * @param firstHalfMillis of its processor time
   * @param machine what all processors did meanwhile
   * @param othersMillis processor time of programs that have nothing to do with this
   */
  record Outcome(
      Load used,
      double seconds,
      double startSeconds,
      Sink.Count count,
      Readings.Account account,
      long firstHalfMillis,
      Machine machine,
      long othersMillis) {

    double cpuSecondsPerMillion() {
      return perValue(used.cpuMillis() * 1_000);
    }

    double writtenPerValue() {
      return perValue(used.writtenBytes());
    }

    double writtenPerDay() {
      return used.writtenBytes() / seconds * 86_400;
    }

    double perValue(long counted) {
      return count.values() == 0 ? Double.NaN : (double) counted / count.values();
    }
  }
}
