package io.lingtan.agent.status.wiring;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the site's meters show at one moment.
 *
 * @param parts of the balance at the busbar, those whose power is the present one
 * @param residualWatts what the parts leave over, below 0 where they take more than there is; null
 *     while some are lacking
 * @param lacking ids of meters that the balance lacks
 * @param phases of devices that tell voltage, current and power of all three
 */
public record Look(
    List<Part> parts, @Nullable Double residualWatts, List<String> lacking, List<Phases> phases) {

  private static final double LEAST_TOLERANCE_WATTS = 500;
  private static final double SHARE = 0.04;

  /** Fewer looks say nothing. */
  static final int LEAST = 3;

  /** The share of looks that "most of them" is. */
  static final double MOST = 0.8;

  public Look {
    parts = List.copyOf(parts);
    lacking = List.copyOf(lacking);
    phases = List.copyOf(phases);
  }

  /**
   * A meter of the balance.
   *
   * @param intoWatts power into the busbar
   * @param ratedWatts greatest power, 0 if not given
   * @param reversed whether the site file turns it round already
   * @param ct ratio by which the site file multiplies what the device says, 1 for none
   */
  public record Part(
      String meter,
      String device,
      String role,
      double intoWatts,
      double ratedWatts,
      boolean reversed,
      double ct) {}

  /**
   * The phases of a device, L1 first.
   *
   * @param volts against neutral
   * @param amps without sign
   * @param watts with the sign that the device gives
   * @param vars reactive power of all three together; null if the device does not tell it
   */
  public record Phases(
      String device,
      List<Double> volts,
      List<Double> amps,
      List<Double> watts,
      @Nullable Double vars) {
    public Phases {
      volts = List.copyOf(volts);
      amps = List.copyOf(amps);
      watts = List.copyOf(watts);
      if (volts.size() != 3 || amps.size() != 3 || watts.size() != 3) {
        throw new IllegalArgumentException("there are three phases");
      }
    }

    double allWatts() {
      return watts.get(0) + watts.get(1) + watts.get(2);
    }
  }

  /**
   * A residual within this is none: meters are not read at one instant, and have errors. The
   * greatest part is left out, because one that is wrong by its ratio must not excuse all others.
   */
  public double toleranceWatts() {
    double greatest = 0;
    double sum = 0;
    for (Part part : parts) {
      double size = Math.abs(part.intoWatts);
      greatest = Math.max(greatest, size);
      sum += size;
    }
    return Math.max(LEAST_TOLERANCE_WATTS, SHARE * (sum - greatest));
  }

  /** Whether the balance leaves nothing over, or is not known. */
  boolean isClosed() {
    return residualWatts == null || Math.abs(residualWatts) <= toleranceWatts();
  }

  /** Whether enough looks of all agree to be no chance. */
  static boolean agree(int votes, int looks) {
    return votes >= LEAST && votes >= MOST * looks;
  }
}
