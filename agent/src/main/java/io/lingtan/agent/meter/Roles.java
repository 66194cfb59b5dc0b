package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Meter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What plus means, once. Profiles normalise registers to the two rules below; this table maps them
 * to the site's figures; {@code reverse: true} (a CT wired the wrong way round) makes a pair change
 * places; nothing else negates.
 *
 * <ul>
 *   <li>A <b>meter</b> imports into what is behind it: {@code power > 0} exactly while {@code
 *       energy_import} counts.
 *   <li>A <b>source</b> (kind inverter, battery, fuel cell) delivers: {@code power > 0} while
 *       {@code energy_generated} or {@code energy_discharged} counts, {@code < 0} while {@code
 *       energy_charged} does.
 * </ul>
 *
 * <table>
 * <caption>Register that feeds each figure. A pair in brackets changes places with reverse.</caption>
 * <tr><th>role</th><th>figure</th><th>measured by a meter</th><th>by a source</th>
 *     <th>power when neither</th></tr>
 * <tr><td>grid</td><td>elec.grid.import</td><td>[energy_import</td><td></td><td>+</td></tr>
 * <tr><td></td><td>elec.grid.export</td><td>energy_export]</td><td></td><td>−</td></tr>
 * <tr><td>pv</td><td>elec.pv.generation</td><td>[energy_export; energy_import]</td>
 *     <td>energy_generated</td><td>meter −, source +</td></tr>
 * <tr><td>pv behind a hybrid inverter</td><td>elec.pv.generation</td><td></td>
 *     <td>energy_generated_dc, or _dc1 to _dc4</td><td>power_dc, or _dc1 to _dc4</td></tr>
 * <tr><td></td><td>elec.hybrid.output</td><td></td><td>energy_generated</td><td>+</td></tr>
 * <tr><td></td><td>elec.hybrid.input</td><td></td><td>energy_absorbed</td><td>−</td></tr>
 * <tr><td>battery</td><td>elec.battery.charge</td><td>[energy_import</td><td>[energy_charged</td>
 *     <td>meter +, source −</td></tr>
 * <tr><td></td><td>elec.battery.discharge</td><td>energy_export]</td><td>energy_discharged]</td>
 *     <td>meter −, source +</td></tr>
 * <tr><td>load, charger, compressor, electrolyser, h2_dispenser</td><td>elec.load.{id}</td>
 *     <td>[energy_import; energy_export]</td><td></td><td>+ (not for a dispenser)</td></tr>
 * <tr><td>grid</td><td>reactive.import</td><td>[reactive_energy_import</td><td></td><td></td></tr>
 * <tr><td></td><td>reactive.export</td><td>reactive_energy_export]</td><td></td><td></td></tr>
 * <tr><td>chp</td><td>elec.chp.generation</td><td>[energy_export; energy_import]</td>
 *     <td>energy_generated</td><td>meter −, source +</td></tr>
 * <tr><td>gas</td><td>fuel.gas.volume</td><td>volume</td><td></td><td></td></tr>
 * <tr><td>heat</td><td>heat.energy</td><td>energy_import</td><td></td><td></td></tr>
 * <tr><td>electrolyser</td><td>h2.produced</td><td>mass</td><td>mass</td><td></td></tr>
 * <tr><td>h2_dispenser</td><td>h2.dispensed</td><td>mass</td><td>mass</td><td></td></tr>
 * <tr><td>h2_storage</td><td colspan="4">a level, not a count</td></tr>
 * </table>
 *
 * <p>A hybrid inverter's own AC is counted once, whatever number of its inputs are meters of their
 * own. What an inverter without a battery takes from the grid at night is load, so nothing counts a
 * PV meter's other direction. A figure whose register the device's profile does not offer is
 * integrated from power, and then is {@code derived}; below 0 only where the power has a sign. A
 * hydrogen figure without a mass register does not exist.
 */
final class Roles {

  /** Higher heating values make more, but no electrolyser beats the lower one: 33.33 kWh/kg. */
  private static final double KWH_PER_KG = 33.33;

  static final Point POWER = Point.of(Quantity.POWER);

  private Roles() {}

  /**
   * Where a figure comes from.
   *
   * @param register the counting register; null if power is integrated
   * @param sign of the power that is integrated: +1 or −1
   * @param ratePerHour greatest plausible count per hour in millionths, 0 if not known
   * @param power what is integrated, and with which the register is compared
   */
  record Source(Figure figure, @Nullable Point register, int sign, long ratePerHour, Point power) {}

  /** The figures that a meter gives, in the table's order. */
  static List<Source> of(Meter meter, Device device) {
    boolean source = device.profile().kind().isSource();
    List<Source> figures = new ArrayList<>();
    switch (meter.role()) {
      case GRID -> {
        add(figures, Figure.GRID_IMPORT, Quantity.ENERGY_IMPORT, 1, meter, device);
        add(figures, Figure.GRID_EXPORT, Quantity.ENERGY_EXPORT, -1, meter, device);
        add(figures, Figure.REACTIVE_IMPORT, Quantity.REACTIVE_ENERGY_IMPORT, 0, meter, device);
        add(figures, Figure.REACTIVE_EXPORT, Quantity.REACTIVE_ENERGY_EXPORT, 0, meter, device);
      }
      case PV -> {
        if (source && meter.isBehindInverter()) {
          panels(figures, meter, device);
        } else if (source) {
          add(figures, Figure.PV_GENERATION, Quantity.ENERGY_GENERATED, 1, meter, device);
        } else {
          add(figures, Figure.PV_GENERATION, Quantity.ENERGY_EXPORT, -1, meter, device);
        }
      }
      case BATTERY -> {
        Quantity in = source ? Quantity.ENERGY_CHARGED : Quantity.ENERGY_IMPORT;
        Quantity out = source ? Quantity.ENERGY_DISCHARGED : Quantity.ENERGY_EXPORT;
        add(figures, Figure.BATTERY_CHARGE, in, source ? -1 : 1, meter, device);
        add(figures, Figure.BATTERY_DISCHARGE, out, source ? 1 : -1, meter, device);
      }
      case LOAD, CHARGER, COMPRESSOR, ELECTROLYSER, H2_DISPENSER -> {
        int sign = meter.role() == Role.H2_DISPENSER ? 0 : 1;
        add(figures, Figure.LOAD, Quantity.ENERGY_IMPORT, sign, meter, device);
      }
      case CHP -> {
        Quantity out = source ? Quantity.ENERGY_GENERATED : Quantity.ENERGY_EXPORT;
        add(figures, Figure.CHP_GENERATION, out, source ? 1 : -1, meter, device);
      }
      case GAS -> add(figures, Figure.GAS, Quantity.VOLUME, 0, meter, device);
      case HEAT -> add(figures, Figure.HEAT, Quantity.ENERGY_IMPORT, 0, meter, device);
      // A tank has a level and counts nothing.
      case H2_STORAGE -> {}
    }
    Point mass = Point.of(Quantity.MASS);
    if (meter.role() == Role.ELECTROLYSER && offers(device, mass)) {
      long rate = (long) (rate(meter) / KWH_PER_KG);
      figures.add(new Source(Figure.H2_PRODUCED, mass, 1, rate, POWER));
    }
    if (meter.role() == Role.H2_DISPENSER && offers(device, mass)) {
      figures.add(new Source(Figure.H2_DISPENSED, mass, 1, rate(meter, device, mass), POWER));
    }
    return List.copyOf(figures);
  }

  private static void add(
      List<Source> to, Figure figure, Quantity quantity, int sign, Meter meter, Device device) {
    Quantity wired = meter.reverse() ? quantity.opposite() : quantity;
    Point register = Point.of(wired);
    if (offers(device, register)) {
      to.add(new Source(figure, register, 1, rate(meter, device, register), POWER));
    } else {
      int wiredSign = meter.reverse() ? -sign : sign;
      RegisterPoint power = RegisterSpec.power(device, POWER);
      // A power that is never below 0 says nothing of the other direction, and not that it is 0.
      if (power != null && (wiredSign > 0 || (wiredSign < 0 && power.isSigned()))) {
        to.add(new Source(figure, null, wiredSign, rate(meter), POWER));
      }
    }
  }

  /** The DC side of a hybrid inverter, whose AC power is the battery's as well. */
  private static void panels(List<Source> to, Meter meter, Device device) {
    Point register = Point.of(Quantity.ENERGY_GENERATED.key() + "_" + meter.input());
    Point power = Point.of(Quantity.POWER.key() + "_" + meter.input());
    if (offers(device, register)) {
      to.add(new Source(Figure.PV_GENERATION, register, 1, rate(meter, device, register), power));
    } else if (offers(device, power)) {
      to.add(new Source(Figure.PV_GENERATION, null, 1, rate(meter), power));
    }
  }

  /**
   * What a hybrid inverter gives to the busbar and takes from it.
   *
   * @param behind all meters behind hybrid inverters: what these are rated at passes it at most
   */
  static List<Source> bridge(Meter meter, Device device, List<Meter> behind) {
    List<Source> figures = new ArrayList<>();
    add(figures, Figure.HYBRID_OUTPUT, Quantity.ENERGY_GENERATED, 1, meter, device);
    if (behind.stream().anyMatch(each -> each.role() == Role.BATTERY)) {
      add(figures, Figure.HYBRID_INPUT, Quantity.ENERGY_ABSORBED, -1, meter, device);
    }
    double rated = behind.stream().mapToDouble(Meter::ratedKw).sum();
    long rate = rated > 0 ? Math.round(rated * 1e6) : 0;
    return figures.stream()
        .map(each -> new Source(each.figure, each.register, each.sign, rate, each.power))
        .toList();
  }

  /** A rating in kW counts that many kWh per hour. */
  private static long rate(Meter meter) {
    return meter.ratedKw() > 0 ? Math.round(meter.ratedKw() * 1e6) : 0;
  }

  /** The same, or else what the site file or the profile says of the register. */
  private static long rate(Meter meter, Device device, Point register) {
    if (meter.ratedKw() > 0) {
      return rate(meter);
    }
    RegisterPoint declared = RegisterSpec.find(device, register);
    return meter.maxRate() > 0
        ? Math.round(meter.maxRate() * 1e6)
        : declared == null ? 0 : declared.mostPerHour();
  }

  private static boolean offers(Device device, Point point) {
    return RegisterSpec.find(device, point) != null;
  }
}
