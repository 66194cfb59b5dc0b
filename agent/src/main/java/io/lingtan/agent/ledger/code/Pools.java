package io.lingtan.agent.ledger.code;

import io.lingtan.agent.carbon.sheet.CarbonPool;
import io.lingtan.agent.carbon.sheet.Carried;
import io.lingtan.agent.carbon.sheet.HydrogenStock;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import org.jspecify.annotations.Nullable;

/** Writes the carbon of what is stored down. */
public final class Pools {

  // Older software wrote 0 or 1.
  private static final int BATTERY = 1;
  private static final int HYDROGEN = 2;

  private Pools() {}

  public static void write(@Nullable Carried carried, CheckpointWriter to) {
    CarbonPool battery = carried == null ? null : carried.battery();
    HydrogenStock hydrogen = carried == null ? null : carried.hydrogen();
    to.number((battery == null ? 0 : BATTERY) + (hydrogen == null ? 0 : HYDROGEN));
    if (battery != null) {
      to.number(battery.milliwattHours()).number(battery.milligrams()).number(battery.doubt());
    }
    if (hydrogen != null) {
      to.number(hydrogen.held()).number(hydrogen.carbon()).number(hydrogen.doubt());
    }
  }

  public static @Nullable Carried read(CheckpointReader from) {
    long form = from.number();
    CarbonPool battery =
        (form & BATTERY) == 0 ? null : new CarbonPool(from.number(), from.number(), from.number());
    HydrogenStock hydrogen =
        (form & HYDROGEN) == 0
            ? null
            : new HydrogenStock(from.number(), from.number(), from.number());
    return Carried.of(battery, hydrogen);
  }
}
