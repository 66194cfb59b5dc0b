package io.lingtan.agent.carbon.sheet;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * The carbon in a battery as one mix: charging adds what the energy's sources carry, discharging
 * takes out the share of the stored energy that leaves, so that losses ride on what is discharged.
 * Carbon in = carbon out + carbon stored, to the milligram.
 *
 * <p>Stored energy is what was counted at the AC side less losses. It never exceeds the capacity:
 * what is counted beyond it must have been lost, and its carbon stays.
 *
 * <p>What is in a battery when counting begins, or is not counted in between, has an unknown mix.
 * The pool is believed again once a full capacity has been discharged.
 *
 * @param milliwattHours stored, ≥ 0
 * @param milligrams CO2 stored with it, ≥ 0
 * @param doubt milliwatt-hours yet to be discharged before the mix is believed, ≥ 0
 */
public record CarbonPool(long milliwattHours, long milligrams, long doubt) {

  public CarbonPool {
    if (milliwattHours < 0 || milligrams < 0 || doubt < 0) {
      throw new IllegalArgumentException(
          "a pool holds nothing negative: %d mWh, %d mg, doubt %d mWh"
              .formatted(milliwattHours, milligrams, doubt));
    }
  }

  /**
   * What a battery does with energy.
   *
   * @param charging stored per AC energy taken, 0 < x ≤ 1
   * @param discharging AC energy given per stored energy taken, 0 < x ≤ 1
   * @param capacityMilliwattHours most that it stores, 0 if not known
   */
  public record Battery(BigDecimal charging, BigDecimal discharging, long capacityMilliwattHours) {
    public Battery {
      if (!isShare(charging) || !isShare(discharging) || capacityMilliwattHours < 0) {
        throw new IllegalArgumentException(
            "efficiencies are above 0 and at most 1, capacity is not negative: %s, %s, %d mWh"
                .formatted(charging, discharging, capacityMilliwattHours));
      }
    }

    private static boolean isShare(BigDecimal share) {
      return share.signum() > 0 && share.compareTo(BigDecimal.ONE) <= 0;
    }

    private long fullCycle() {
      return capacityMilliwattHours > 0 ? capacityMilliwattHours : Long.MAX_VALUE;
    }
  }

  /** Before anything was counted. */
  public static CarbonPool unknown(Battery battery) {
    return new CarbonPool(0, 0, battery.fullCycle());
  }

  /** Something was not counted: the books go on, but are not believed for a while. */
  public CarbonPool doubted(Battery battery) {
    return new CarbonPool(milliwattHours, milligrams, battery.fullCycle());
  }

  public boolean isBelieved() {
    return doubt == 0;
  }

  /**
   * Energy goes in.
   *
   * @param acMilliwattHours counted at the battery's AC side
   * @param carbonMilligrams what it carries
   */
  public CarbonPool charged(Battery battery, long acMilliwattHours, long carbonMilligrams) {
    long stored =
        milliwattHours
            + Rounding.whole(battery.charging.multiply(BigDecimal.valueOf(acMilliwattHours)));
    long most = battery.capacityMilliwattHours;
    return new CarbonPool(
        most > 0 ? Math.min(stored, most) : stored, milligrams + carbonMilligrams, doubt);
  }

  /**
   * What is left and what went out.
   *
   * @param carbonMilligrams carried by the energy that left
   */
  public record Discharged(CarbonPool left, long carbonMilligrams) {}

  /** Energy goes out. More than is stored takes all that is left and no carbon beside it. */
  public Discharged discharged(Battery battery, long acMilliwattHours) {
    if (acMilliwattHours == 0) {
      return new Discharged(this, 0);
    }
    long taken =
        BigDecimal.valueOf(acMilliwattHours)
            .divide(battery.discharging, 0, RoundingMode.HALF_EVEN)
            .longValueExact();
    long rest = doubt == Long.MAX_VALUE ? doubt : Math.max(0, doubt - acMilliwattHours);
    if (taken >= milliwattHours) {
      return new Discharged(new CarbonPool(0, 0, rest), milligrams);
    }
    long carbon = Rounding.share(milligrams, taken, milliwattHours);
    return new Discharged(
        new CarbonPool(milliwattHours - taken, milligrams - carbon, rest), carbon);
  }

  /** The same energy with more carbon. */
  public CarbonPool with(long moreMilligrams) {
    return new CarbonPool(milliwattHours, milligrams + moreMilligrams, doubt);
  }

  /** kg per stored kWh in millionths; 0 for an empty pool. */
  public long intensityMicros() {
    return milliwattHours == 0 ? 0 : Rounding.millionths(milligrams, milliwattHours);
  }
}
