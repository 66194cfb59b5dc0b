package io.lingtan.simulator.zone.trial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the processes of gateways tell, and how many gateways one may have. */
final class GatewaysStateTest {
  private static final GatewaysState ONE =
      new GatewaysState(3, 40, 5, 6, 7, 61_000, 359_000, true, "none");
  private static final GatewaysState OTHER =
      new GatewaysState(2, 30, 1, 0, 2, 59_000, 361_000, false, "refused:\n\tnot authorised");

  @Test
  void aLineIsReadBack() {
    assertEquals(ONE, GatewaysState.read(ONE.line()));
    assertEquals("refused:  not authorised", GatewaysState.read(OTHER.line()).problem());
  }

  @Test
  void severalAreJudgedWhileAllAreRead() {
    GatewaysState both = ONE.and(OTHER);
    assertEquals(5, both.connected());
    assertEquals(70, both.numbered());
    assertEquals(6, both.waiting());
    assertEquals(120_000, both.judgedFrom());
    assertEquals(300_000, both.judgedUntil());
    assertTrue(!both.isPaused());
    assertEquals(OTHER.problem(), both.problem());
  }

  @Test
  void asManyGatewaysAsFilesMayBeOpen() throws Exception {
    assertEquals(1_250, GatewayProcesses.mostEach(files("1048576"), 5_000));
    assertEquals(1_055, GatewayProcesses.mostEach(files("10000"), 5_000));
    assertEquals(1_250, GatewayProcesses.mostEach(files("unlimited"), 5_000));
    IOException refused =
        assertThrows(IOException.class, () -> GatewayProcesses.mostEach(files("4096"), 5_000));
    assertTrue(String.valueOf(refused.getMessage()).contains("ulimit -n"), refused::toString);
  }

  private static List<String> files(String hard) {
    return List.of(
        "Limit                     Soft Limit           Hard Limit           Units",
        "Max open files            1024                 " + hard + "              files");
  }
}
