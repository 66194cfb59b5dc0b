package io.lingtan.archtest.arrows.enrol;

import io.lingtan.archtest.arrows.carbon.CarbonStage;

/** May not know carbon. */
public interface EnrolStage {
  void use(CarbonStage other);
}
