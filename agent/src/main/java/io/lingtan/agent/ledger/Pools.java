package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.sheet.CarbonPool;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import org.jspecify.annotations.Nullable;

/** Writes the carbon in a battery down. */
final class Pools {

  private Pools() {}

  static void write(@Nullable CarbonPool pool, CheckpointWriter to) {
    to.flag(pool != null);
    if (pool != null) {
      to.number(pool.milliwattHours()).number(pool.milligrams()).number(pool.doubt());
    }
  }

  static @Nullable CarbonPool read(CheckpointReader from) {
    return from.flag() ? new CarbonPool(from.number(), from.number(), from.number()) : null;
  }
}
