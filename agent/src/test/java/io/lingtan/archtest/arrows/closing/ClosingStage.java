package io.lingtan.archtest.arrows.closing;

import io.lingtan.archtest.arrows.carbon.CarbonStage;

/** May not know carbon. */
public interface ClosingStage {
  void use(CarbonStage other);
}
