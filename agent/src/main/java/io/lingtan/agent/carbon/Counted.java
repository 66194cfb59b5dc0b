package io.lingtan.agent.carbon;

import java.util.List;

/**
 * What the meters say of an interval.
 *
 * @param length its name, such as {@code 15m}
 * @param startMillis UTC ms
 * @param counts between its two ends
 * @param levels at its two ends
 */
public record Counted(String length, long startMillis, List<Count> counts, List<Level> levels) {
  public Counted {
    counts = List.copyOf(counts);
    levels = List.copyOf(levels);
  }
}
