package io.lingtan.simulator.device.measure;

import java.math.BigDecimal;

/** The whole-number unit of a gauge, and how it becomes millionths of the unit of a point. */
public enum Measure {
  /** Energy; the point is in kWh. */
  MILLIJOULE(1, 3_600),
  /** Power; W, var or VA. */
  WATT(1_000_000, 1),
  /** V. */
  MILLIVOLT(1_000, 1),
  /** A. */
  MILLIAMPERE(1_000, 1),
  /** Hz. */
  MILLIHERTZ(1_000, 1),
  /** kg. */
  MILLIGRAM(1, 1),
  /** MPa. */
  PASCAL(1, 1),
  /** °C. */
  MILLICELSIUS(1_000, 1),
  /** Hundredths of a percent; the point is in %. */
  BASIS_POINT(10_000, 1),
  /** m³. */
  MILLILITRE(1, 1),
  /** Normal litres an hour; the point is in m³/h. */
  LITRE_PER_HOUR(1_000, 1),
  /** Thousandths of one. */
  THOUSANDTH(1_000, 1),
  /** A code or a count. */
  ONE(1_000_000, 1);

  private final long times;
  private final long over;

  Measure(long times, long over) {
    this.times = times;
    this.over = over;
  }

  /** Millionths of the point's unit in {@link #partsOfOne} of this. */
  public BigDecimal microsOfOne() {
    return BigDecimal.valueOf(times);
  }

  public BigDecimal partsOfOne() {
    return BigDecimal.valueOf(over);
  }

  /** This many in one of the point's unit. */
  public BigDecimal inOne() {
    return BigDecimal.valueOf(1_000_000L).multiply(partsOfOne()).divide(microsOfOne());
  }

  /** Millionths of the point's unit, rounded down. */
  public long micros(long value) {
    return Math.floorDiv(Math.multiplyExact(value, times), over);
  }
}
