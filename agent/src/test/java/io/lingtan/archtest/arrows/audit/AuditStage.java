package io.lingtan.archtest.arrows.audit;

import io.lingtan.archtest.arrows.carbon.CarbonStage;

/** May not know carbon. */
public interface AuditStage {
  void use(CarbonStage other);
}
