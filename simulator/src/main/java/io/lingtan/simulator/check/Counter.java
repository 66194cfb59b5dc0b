package io.lingtan.simulator.check;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.device.Meter;

/** A counting register that figures rest on. */
public record Counter(Meter meter, Point point) {

  /** Of which device, and which point. */
  boolean is(String device, String name) {
    return meter.id().equals(device) && point.name().equals(name);
  }
}
