package io.lingtan.agent.acquire.hand;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.coap.CoapSignal;
import io.lingtan.agent.run.Randomness;
import io.lingtan.testing.HostileText;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

final class CoapVisitTest {

  private static String shown(String payload) {
    return CoapVisit.shown(new CoapSignal.Answered(1, 205, 0, 60, 0, payload.getBytes(UTF_8)));
  }

  @Test
  void aNodeDoesNothingToATerminal() {
    RandomGenerator random = Randomness.seeded(4);
    for (int i = 0; i < 200; i++) {
      HostileText.assertPlain(shown(HostileText.of(random)));
    }
    assertTrue(shown("a\u009b8m").contains("61 c2 9b 38 6d"), shown("a\u009b8m"));
    assertEquals("  2.05, 5 bytes, content format 0\n  a\n  \u7535\n", shown("a\n\u7535"));
  }
}
