package io.lingtan.archtest.cycle.carbon;

import io.lingtan.archtest.cycle.meter.Meter;

/** Knows meter, which knows it. */
public interface Carbon {
  void use(Meter meter);
}
