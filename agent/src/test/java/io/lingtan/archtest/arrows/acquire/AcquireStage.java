package io.lingtan.archtest.arrows.acquire;

import io.lingtan.archtest.arrows.journal.JournalStage;

/** May not know journal. */
public interface AcquireStage {
  void use(JournalStage other);
}
