package io.lingtan.agent.publish.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AppAcksTest {

  @Test
  void whatAnApplicationAcknowledgedUpToIsKnownHoweverManyRangesFollow() {
    List<Long> acknowledged = new ArrayList<>();
    AppAcks acks = new AppAcks((epoch, seq) -> acknowledged.add(seq));
    acks.covered("e1", 1, 1000);
    for (int i = 0; i < 1024; i++) {
      acks.covered("e1", 2000 + 2L * i, 2000 + 2L * i);
    }
    acks.taken("e1", 1);
    acks.taken("e1", 1000);
    assertEquals(List.of(1L, 1000L), acknowledged);
  }
}
