package io.lingtan.archtest.arrows.meter;

import io.lingtan.archtest.arrows.run.RunStage;

/** May not know run. */
public interface MeterStage {
  void use(RunStage other);
}
