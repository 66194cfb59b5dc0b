package io.lingtan.agent.acquire.line;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What no device of its kind and size can read, whatever its profile allows: a counter below 0, and
 * a power far above what the site file says of it, of a meter or a source. One such reading is no
 * reading.
 */
public final class Plausible {

  /**
   * Times the rating. A transformer ratio that is counted twice, or not at all, makes less than
   * that: commissioning finds it by the balance, for which it has to see the power. So is what a
   * hybrid inverter gives out of a battery that another device tells of.
   */
  static final double OVERLOAD = 1000;

  private static final double MICROS_PER_KILOWATT = 1e9;

  private Plausible() {}

  /**
   * The values without those, which are out of range then.
   *
   * @param bad takes why they are not there
   */
  public static Values of(Device device, Values read, Map<Point, Reason> bad) {
    double most = device.ratedKw() * OVERLOAD * MICROS_PER_KILOWATT;
    List<Point> wrong = new ArrayList<>(0);
    for (int i = 0; i < read.size(); i++) {
      Quantity quantity = read.point(i).quantity();
      boolean isBelowZero = quantity.isRegister() && read.micros(i) < 0;
      boolean isBeyond =
          quantity == Quantity.POWER && most > 0 && Math.abs((double) read.micros(i)) > most;
      if (isBelowZero || isBeyond) {
        wrong.add(read.point(i));
        bad.put(read.point(i), Reason.RANGE);
      }
    }
    return wrong.isEmpty() ? read : read.without(wrong);
  }
}
