package io.lingtan.simulator.device.measure;

import io.lingtan.simulator.world.Wire;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where on the site a device measures: the wire or the vessel that it sees.
 *
 * <p>{@link #plus} is what counts as imported: from the grid into the site, or into a load. Of a
 * source it is what the source delivers, which a meter of its own at that place counts as exported.
 */
public enum View {
  GRID(Wire.GRID_IMPORT, Wire.GRID_EXPORT, false),
  PV(Wire.PV, null, true),
  BATTERY(Wire.BATTERY_DISCHARGE, Wire.BATTERY_CHARGE, true),
  BUILDINGS(Wire.BUILDINGS, null, false),
  ELECTROLYSER(Wire.ELECTROLYSER, null, false),
  COMPRESSOR(Wire.COMPRESSOR, null, false),
  CHARGERS(Wire.CHARGERS, null, false),
  TANK(null, null, false),
  TANK_2(null, null, false),
  TANK_3(null, null, false),
  DISPENSER(null, null, false);

  private final @Nullable Wire plus;
  private final @Nullable Wire minus;
  private final boolean source;

  View(@Nullable Wire plus, @Nullable Wire minus, boolean source) {
    this.plus = plus;
    this.minus = minus;
    this.source = source;
  }

  /** By the words that world files use. */
  public static Map<String, View> byWord() {
    Map<String, View> words = new LinkedHashMap<>();
    for (View view : values()) {
      words.put(view.name().toLowerCase(Locale.ROOT), view);
    }
    return words;
  }

  /** Which group of tanks it sees, from 0; -1 for none. */
  public int tankGroup() {
    return switch (this) {
      case TANK -> 0;
      case TANK_2 -> 1;
      case TANK_3 -> 2;
      case GRID, PV, BATTERY, BUILDINGS, ELECTROLYSER, COMPRESSOR, CHARGERS, DISPENSER -> -1;
    };
  }

  public boolean isElectric() {
    return plus != null;
  }

  public boolean isSource() {
    return source;
  }

  /** Power through {@link #plus}, negative through the other. */
  public Gauge power() {
    return minus == null ? Gauges.power(wire()) : Gauges.power(wire(), minus);
  }

  public Gauge plus() {
    return Gauges.energy(wire());
  }

  public Gauge minus() {
    return minus == null ? Gauges.constant(0) : Gauges.energy(minus);
  }

  private Wire wire() {
    if (plus == null) {
      throw new IllegalStateException(this + " is no wire");
    }
    return plus;
  }
}
