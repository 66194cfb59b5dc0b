package io.lingtan.archtest.arrows.ledger;

import io.lingtan.archtest.arrows.publish.PublishStage;

/** May not know publish. */
public interface LedgerStage {
  void use(PublishStage other);
}
