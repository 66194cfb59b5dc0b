package io.lingtan.archtest.arrows.bill;

import io.lingtan.archtest.arrows.meter.MeterStage;

/** May not know meter. */
public interface BillStage {
  void use(MeterStage other);
}
