package io.lingtan.archtest.arrows.run;

import io.lingtan.archtest.arrows.reading.ReadingStage;

/** May not know reading. */
public interface RunStage {
  void use(ReadingStage other);
}
