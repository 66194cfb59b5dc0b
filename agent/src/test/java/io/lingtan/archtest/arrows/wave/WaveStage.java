package io.lingtan.archtest.arrows.wave;

import io.lingtan.archtest.arrows.carbon.CarbonStage;

/** May not know carbon. */
public interface WaveStage {
  void use(CarbonStage other);
}
