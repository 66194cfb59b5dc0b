package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a device must measure to stand in a role. */
final class RoleNeeds {

  /** What an inverter may count of each DC input. */
  private static final Set<String> INPUTS =
      Stream.of("_dc1", "_dc2", "_dc3", "_dc4")
          .map(input -> Quantity.ENERGY_GENERATED.key() + input)
          .collect(Collectors.toSet());

  private RoleNeeds() {}

  /**
   * What the profile lacks for the role; null if it suits. What a gate gives to the grid is asked
   * for apart, by {@link #cannotExport}, because only a site with sources has any.
   *
   * @param reverse the meter's import and export change places
   */
  static @Nullable String lacking(Role role, DeviceProfile profile, boolean reverse) {
    Kind kind = profile.kind();
    return switch (role) {
      case GRID, LOAD, ELECTROLYSER, COMPRESSOR, CHARGER ->
          kind.isSource()
              ? "a source counts what it delivers, this wants kind meter"
              : uncounted(profile, Quantity.ENERGY_IMPORT, reverse);
      case PV -> kind == Kind.BATTERY ? "it is a battery" : uncounted(profile, out(kind), reverse);
      case CHP ->
          kind == Kind.BATTERY || kind == Kind.INVERTER
              ? "it wants kind fuel_cell or meter"
              : uncounted(profile, out(kind), reverse);
      case BATTERY -> {
        boolean source = kind.isSource();
        Quantity in = source ? Quantity.ENERGY_CHARGED : Quantity.ENERGY_IMPORT;
        Quantity out = source ? Quantity.ENERGY_DISCHARGED : Quantity.ENERGY_EXPORT;
        String lacks = uncounted(profile, out, reverse);
        yield kind == Kind.INVERTER || kind == Kind.FUEL_CELL
            ? "it wants kind battery or meter"
            : lacks != null ? lacks : uncounted(profile, in, reverse);
      }
      case H2_STORAGE ->
          measures(profile, Quantity.PRESSURE) || measures(profile, Quantity.MASS)
              ? null
              : "it has neither pressure nor mass";
      case H2_DISPENSER -> measures(profile, Quantity.MASS) ? null : "it has no mass";
      case GAS -> measures(profile, Quantity.VOLUME) ? null : "it has no volume";
      case HEAT -> measures(profile, Quantity.ENERGY_IMPORT) ? null : "it has no energy_import";
    };
  }

  /** What a gate's profile lacks to know what goes to the grid; null if it can. */
  static @Nullable String cannotExport(DeviceProfile profile, boolean reverse) {
    return uncounted(profile, Quantity.ENERGY_EXPORT, reverse);
  }

  /**
   * What a hybrid inverter's profile lacks to be balanced; null if nothing.
   *
   * @param input which DC input is the panels': {@code dc}, {@code dc1} to {@code dc4}
   */
  static @Nullable Sentence lackingBehindInverter(DeviceProfile profile, String input) {
    String energy = Quantity.ENERGY_GENERATED.key() + "_" + input;
    String power = Quantity.POWER.key() + "_" + input;
    if (profile.kind() != Kind.INVERTER) {
      return new Sentence("coupling: dc wants kind inverter", "coupling: dc 只用于 inverter 类设备");
    }
    boolean counts = find(profile, Point.of(energy)) != null;
    String inputs =
        profile.allPoints().stream()
            .map(RegisterPoint::point)
            .filter(point -> point != null && INPUTS.contains(point.name()))
            .map(point -> point.name().substring(point.name().lastIndexOf('_') + 1))
            .distinct()
            .sorted()
            .collect(Collectors.joining(" "));
    boolean isOne = input.equals(Site.Meter.ALL_INPUTS) && !inputs.isEmpty();
    if (!counts && isOne) {
      return new Sentence(
          "say which of its inputs are panels, one meter each: input: " + inputs,
          "请写明哪些输入接光伏组件，每路一个计量点：input: " + inputs);
    }
    if (!counts && find(profile, Point.of(power)) == null) {
      return new Sentence(
          "it has neither " + energy + " nor " + power, "既没有 " + energy + " 也没有 " + power);
    }
    String output = uncounted(profile, Quantity.ENERGY_GENERATED, false);
    return output == null ? null : new Sentence(output, "交流侧既没有 energy_generated 也没有 power");
  }

  /** Whether nothing tells what a hybrid inverter takes from the busbar. */
  static boolean cannotAbsorb(DeviceProfile profile) {
    return uncounted(profile, Quantity.ENERGY_ABSORBED, false) != null;
  }

  /** Whether a dispenser's device measures what tells how full a vehicle is. */
  static boolean tellsFullness(DeviceProfile profile) {
    return measures(profile, Quantity.PRESSURE) && measures(profile, Quantity.TEMPERATURE);
  }

  /** Whether the profile says how much the role's counter can count in an hour. */
  static boolean isBound(Role role, DeviceProfile profile) {
    Quantity quantity =
        switch (role) {
          case GAS -> Quantity.VOLUME;
          case H2_DISPENSER -> Quantity.MASS;
          default -> Quantity.ENERGY_IMPORT;
        };
    RegisterPoint register = find(profile, quantity);
    return register == null || register.mostPerHour() > 0;
  }

  /** Whether the profile has the quantity's point, of the whole. */
  static boolean measures(DeviceProfile profile, Quantity quantity) {
    return find(profile, quantity) != null;
  }

  private static Quantity out(Kind kind) {
    return kind.isSource() ? Quantity.ENERGY_GENERATED : Quantity.ENERGY_EXPORT;
  }

  /**
   * Says that neither a register counts an energy nor a power tells its direction from the other;
   * null if one does.
   */
  private static @Nullable String uncounted(
      DeviceProfile profile, Quantity energy, boolean reverse) {
    Quantity wired = reverse ? energy.opposite() : energy;
    if (find(profile, wired) != null) {
      return null;
    }
    RegisterPoint power = profile.measuresPower() ? find(profile, Quantity.POWER) : null;
    if (power == null) {
      return "it has neither " + wired.key() + " nor power";
    }
    return power.isSigned() || energy.isWithPositivePower() != reverse
        ? null
        : "it has no " + wired.key() + ", and its power is never below 0";
  }

  /** The register of the whole, because one of a phase or of a tariff is not all of it. */
  private static @Nullable RegisterPoint find(DeviceProfile profile, Quantity quantity) {
    return find(profile, Point.of(quantity));
  }

  private static @Nullable RegisterPoint find(DeviceProfile profile, Point point) {
    for (RegisterPoint register : profile.allPoints()) {
      if (point.equals(register.point())) {
        return register;
      }
    }
    return null;
  }

  /** Names the registers that a role takes of its device. */
  static String registers(Role role) {
    return switch (role) {
      case H2_STORAGE -> "vessel";
      case H2_DISPENSER -> "dispensed";
      case GAS -> "volume";
      default -> "energy";
    };
  }
}
