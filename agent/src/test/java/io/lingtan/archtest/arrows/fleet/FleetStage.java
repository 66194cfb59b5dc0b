package io.lingtan.archtest.arrows.fleet;

import io.lingtan.archtest.arrows.carbon.CarbonStage;

/** May not know carbon. */
public interface FleetStage {
  void use(CarbonStage other);
}
