package io.lingtan.archtest.cycle.meter;

import io.lingtan.archtest.cycle.carbon.Carbon;

/** Knows carbon, which knows it. */
public interface Meter {
  void use(Carbon carbon);
}
