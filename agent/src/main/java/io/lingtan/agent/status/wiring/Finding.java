package io.lingtan.agent.status.wiring;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that looks wrong, with how many looks say so.
 *
 * @param meter of the balance, null where a device is meant whose meter does not matter
 * @param phases concerned, 1..3; empty where that does not matter
 * @param factor of {@link Kind#RATIO}: by which it shows too much; else 1
 * @param votes looks that say so
 * @param looks looks that could have said so
 * @param residualWatts what would be left over of the balance if it were put right; null where the
 *     balance is not what tells
 * @param isAlone whether nothing else explains the same
 */
public record Finding(
    Kind kind,
    @Nullable String meter,
    String device,
    List<Integer> phases,
    double factor,
    int votes,
    int looks,
    @Nullable Double residualWatts,
    boolean isAlone) {

  public Finding {
    phases = List.copyOf(phases);
  }

  /** Whether it is wrong, and not only perhaps: low power factors alone are no fault. */
  public boolean isSure() {
    return kind != Kind.MOVED || isAlone;
  }

  /** What. */
  public enum Kind {
    /** With its sign turned the balance closes. */
    REVERSED,
    /** With its value divided the balance closes. */
    RATIO,
    /** A load gives, or panels take. */
    AGAINST_ROLE,
    /** One or two phases are turned round. */
    TURNED,
    /** Two phases are exchanged. */
    SWAPPED,
    /** All phases are moved on by one. */
    MOVED
  }
}
