package io.lingtan.archtest.arrows.publish;

import io.lingtan.archtest.arrows.carbon.CarbonStage;

/** May not know carbon. */
public interface PublishStage {
  void use(CarbonStage other);
}
