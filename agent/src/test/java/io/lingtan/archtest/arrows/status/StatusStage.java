package io.lingtan.archtest.arrows.status;

import io.lingtan.archtest.arrows.journal.JournalStage;

/** May not know journal. */
public interface StatusStage {
  void use(JournalStage other);
}
