package io.lingtan.archtest.arrows.desk;

import io.lingtan.archtest.arrows.carbon.CarbonStage;

/** May not know carbon. */
public interface DeskStage {
  void use(CarbonStage other);
}
