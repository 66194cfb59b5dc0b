package io.lingtan.agent.reading;

/**
 * A pulse input's total as it was kept last.
 *
 * @param pulses since the input was first counted, ≥ 0
 * @param tsMillis UTC ms up to which every pulse is in it, {@link JournalRecord#UNDATED} if the
 *     clock was not trusted then
 */
public record PulseTotal(String device, long pulses, long tsMillis) {
  public PulseTotal {
    if (pulses < 0) {
      throw new IllegalArgumentException("a total is >= 0, was " + pulses + " of " + device);
    }
  }
}
