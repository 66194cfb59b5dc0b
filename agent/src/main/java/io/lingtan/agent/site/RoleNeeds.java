package io.lingtan.agent.site;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a device must measure to stand in a role. */
final class RoleNeeds {

  private RoleNeeds() {}

  /** What the profile lacks for the role; null if it suits. */
  static @Nullable String lacking(Role role, DeviceProfile profile) {
    Set<Quantity> has =
        profile.allPoints().stream()
            .map(RegisterPoint::point)
            .filter(point -> point != null)
            .map(Point::quantity)
            .collect(Collectors.toSet());
    Kind kind = profile.kind();
    return switch (role) {
      case GRID, LOAD, ELECTROLYSER, COMPRESSOR, CHARGER ->
          kind.isSource()
              ? "a source counts what it delivers, this wants kind meter"
              : electric(has, Quantity.ENERGY_IMPORT);
      case PV ->
          kind == Kind.BATTERY
              ? "it is a battery"
              : electric(has, kind.isSource() ? Quantity.ENERGY_GENERATED : Quantity.ENERGY_EXPORT);
      case CHP ->
          kind == Kind.BATTERY || kind == Kind.INVERTER
              ? "it wants kind fuel_cell or meter"
              : electric(has, kind.isSource() ? Quantity.ENERGY_GENERATED : Quantity.ENERGY_EXPORT);
      case BATTERY ->
          kind == Kind.INVERTER || kind == Kind.FUEL_CELL
              ? "it wants kind battery or meter"
              : electric(
                  has, kind.isSource() ? Quantity.ENERGY_DISCHARGED : Quantity.ENERGY_EXPORT);
      case H2_STORAGE ->
          has.contains(Quantity.PRESSURE) || has.contains(Quantity.MASS)
              ? null
              : "it has neither pressure nor mass";
      case H2_DISPENSER -> has.contains(Quantity.MASS) ? null : "it has no mass";
      case GAS -> has.contains(Quantity.VOLUME) ? null : "it has no volume";
      case HEAT -> has.contains(Quantity.ENERGY_IMPORT) ? null : "it has no energy_import";
    };
  }

  private static @Nullable String electric(Set<Quantity> has, Quantity energy) {
    return has.contains(energy) || has.contains(Quantity.POWER)
        ? null
        : "it has neither " + energy.key() + " nor power";
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
