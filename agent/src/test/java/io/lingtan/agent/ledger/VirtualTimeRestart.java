package io.lingtan.agent.ledger;

import io.lingtan.agent.run.VirtualTime;

/** Sets virtual time back for a second run of the same story. */
final class VirtualTimeRestart {

  private VirtualTimeRestart() {}

  /** Makes the present boot one that began at {@code bootedMillis}. */
  static void to(VirtualTime time, long bootedMillis) {
    time.stepWallMillis(bootedMillis - time.wall().offsetMillis());
  }
}
