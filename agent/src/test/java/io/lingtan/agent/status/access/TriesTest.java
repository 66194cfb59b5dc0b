package io.lingtan.agent.status.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.MonotonicInstant;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

final class TriesTest {

  private final Tries tries = new Tries();
  private MonotonicInstant now = MonotonicInstant.ofMillis(1_000_000);

  private static InetAddress at(String address) throws UnknownHostException {
    return InetAddress.getByName(address);
  }

  @Test
  void thePauseDoublesUpToAQuarterOfAnHour() throws UnknownHostException {
    InetAddress one = at("10.0.0.1");
    long[] expected = {0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900};
    for (long seconds : expected) {
      assertEquals(0, tries.waitMillis(one, now));
      tries.wrong(one, now);
      assertEquals(seconds * 1000, tries.waitMillis(one, now));
      now = now.plusMillis(seconds * 1000);
    }
  }

  @Test
  void anotherPlaceIsNotKeptOut() throws UnknownHostException {
    for (int i = 0; i < 5; i++) {
      tries.wrong(at("10.0.0.1"), now);
    }
    assertTrue(tries.waitMillis(at("10.0.0.1"), now) > 0);
    assertEquals(0, tries.waitMillis(at("10.0.0.2"), now));
  }

  @Test
  void theAddressesOfOneNetworkAreOnePlace() throws UnknownHostException {
    for (int i = 0; i < 5; i++) {
      tries.wrong(at("fd00:1:2:3::" + i), now);
    }
    assertTrue(tries.waitMillis(at("fd00:1:2:3::99"), now) > 0);
    assertEquals(0, tries.waitMillis(at("fd00:1:2:4::1"), now));
  }

  @Test
  void manyPlacesTogetherHaveTwentyAMinute() throws UnknownHostException {
    for (int i = 0; i < 20; i++) {
      assertEquals(0, tries.waitMillis(at("10.0.1." + i), now));
      tries.wrong(at("10.0.1." + i), now);
    }
    assertEquals(60_000, tries.waitMillis(at("10.0.2.1"), now));
    now = now.plusMillis(60_000);
    assertEquals(0, tries.waitMillis(at("10.0.2.1"), now));
  }

  @Test
  void wrongOnesOfAnHourAgoAreForgotten() throws UnknownHostException {
    for (int i = 0; i < 5; i++) {
      tries.wrong(at("10.0.0.1"), now);
    }
    now = now.plusMillis(60 * 60_000 + 1);
    assertEquals(4, tries.wrong(at("10.0.0.1"), now));
  }
}
