package io.lingtan.simulator.check;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.device.Measuring;

/** A counter that figures rest on. */
record Counter(Measuring meter, Point point) {

  /** Of which device, and which point. */
  boolean is(String device, String name) {
    return meter.id().equals(device) && point.name().equals(name);
  }
}
