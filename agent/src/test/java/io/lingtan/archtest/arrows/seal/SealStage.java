package io.lingtan.archtest.arrows.seal;

import io.lingtan.archtest.arrows.reading.ReadingStage;

/** May not know reading. */
public interface SealStage {
  void use(ReadingStage other);
}
