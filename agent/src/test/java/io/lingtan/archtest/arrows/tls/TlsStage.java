package io.lingtan.archtest.arrows.tls;

import io.lingtan.archtest.arrows.reading.ReadingStage;

/** May not know reading. */
public interface TlsStage {
  void use(ReadingStage other);
}
