package io.lingtan.archtest.arrows.packet;

import io.lingtan.archtest.arrows.reading.ReadingStage;

/** May not know reading. */
public interface PacketStage {
  void use(ReadingStage other);
}
