package io.lingtan.archtest.arrows.carbon;

import io.lingtan.archtest.arrows.meter.MeterStage;

/** May not know meter. */
public interface CarbonStage {
  void use(MeterStage other);
}
