package io.lingtan.agent.site;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import org.jspecify.annotations.Nullable;

/** What a device must measure to stand in a role. */
final class RoleNeeds {

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
          has(profile, Quantity.PRESSURE) || has(profile, Quantity.MASS)
              ? null
              : "it has neither pressure nor mass";
      case H2_DISPENSER -> has(profile, Quantity.MASS) ? null : "it has no mass";
      case GAS -> has(profile, Quantity.VOLUME) ? null : "it has no volume";
      case HEAT -> has(profile, Quantity.ENERGY_IMPORT) ? null : "it has no energy_import";
    };
  }

  /** What a gate's profile lacks to know what goes to the grid; null if it can. */
  static @Nullable String cannotExport(DeviceProfile profile, boolean reverse) {
    return uncounted(profile, Quantity.ENERGY_EXPORT, reverse);
  }

  private static boolean has(DeviceProfile profile, Quantity quantity) {
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
    RegisterPoint power = find(profile, Quantity.POWER);
    if (power == null) {
      return "it has neither " + wired.key() + " nor power";
    }
    return power.isSigned() || energy.isWithPositivePower() != reverse
        ? null
        : "it has no " + wired.key() + ", and its power is never below 0";
  }

  /** The register of the whole, because one of a phase or of a tariff is not all of it. */
  private static @Nullable RegisterPoint find(DeviceProfile profile, Quantity quantity) {
    for (RegisterPoint register : profile.allPoints()) {
      if (register.point() == Point.of(quantity)) {
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
