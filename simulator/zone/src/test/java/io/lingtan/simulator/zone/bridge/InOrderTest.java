package io.lingtan.simulator.zone.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The order of acknowledgements. */
final class InOrderTest {
  private final InOrder<String> underWay = new InOrder<>();

  @Test
  void nothingIsAcknowledgedBeforeWhatCameBeforeItIsDone() {
    InOrder<String>.Slot first = underWay.add("a");
    InOrder<String>.Slot second = underWay.add("b");
    InOrder<String>.Slot third = underWay.add("c");
    third.done();
    second.done();
    assertEquals(List.of(), underWay.takeDone());
    first.done();
    assertEquals(List.of("a", "b", "c"), underWay.takeDone());
    assertEquals(List.of(), underWay.takeDone());
  }

  @Test
  void recordsAreSharedAndWhatIsRetainedGoesToEachBridge() {
    for (String filter : BridgeStep.filters("zone")) {
      boolean isRetained = filter.contains("/store") || filter.contains("/meta");
      assertTrue(isRetained != filter.startsWith("$share/zone/"), filter);
      assertFalse(filter.contains("#"), filter);
    }
  }
}
