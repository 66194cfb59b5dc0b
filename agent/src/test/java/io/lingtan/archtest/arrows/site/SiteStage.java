package io.lingtan.archtest.arrows.site;

import io.lingtan.archtest.arrows.run.RunStage;

/** May not know run. */
public interface SiteStage {
  void use(RunStage other);
}
