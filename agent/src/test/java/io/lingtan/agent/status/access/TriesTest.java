package io.lingtan.agent.status.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.MonotonicInstant;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

final class TriesTest {

  private final Tries tries = new Tries(from -> from.getAddress()[0] == 10);
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

  /** As many as a day lets, each from an address of its own: none is ever paused. */
  private int guesses(String network) throws UnknownHostException {
    int guesses = 0;
    MonotonicInstant until = now.plusMillis(24 * 60 * 60_000);
    for (int i = 0; now.isBefore(until); i++) {
      InetAddress from = at(network + "." + (i / 250 % 250) + "." + (i % 250));
      long wait = tries.waitMillis(from, now);
      if (wait == 0) {
        tries.wrong(from, now);
        guesses++;
      } else {
        now = now.plusMillis(wait);
      }
    }
    return guesses;
  }

  /** What can be had at once. */
  private void guessAll(String network) throws UnknownHostException {
    for (int i = 1; i < 50 && tries.waitMillis(at(network + i), now) == 0; i++) {
      tries.wrong(at(network + i), now);
    }
  }

  @Test
  void whoHasManyAddressesGuessesNoMoreThanSevenHundredAndFortyADay() throws UnknownHostException {
    int guesses = guesses("192.168");
    assertTrue(guesses >= 739 && guesses <= 741, () -> "guesses: " + guesses);
  }

  @Test
  void whoComesOverARouterLocksNoNeighbourOut() throws UnknownHostException {
    guessAll("203.0.113.");
    assertTrue(tries.waitMillis(at("203.0.114.1"), now) > 0);
    assertEquals(0, tries.waitMillis(at("10.0.0.7"), now));
  }

  @Test
  void whoGaveTheRightOneGoesOnWhileNeighboursGuess() throws UnknownHostException {
    InetAddress technician = at("10.0.0.7");
    tries.right(technician, now);
    guesses("10.0");
    guessAll("10.0.9.");
    assertTrue(tries.waitMillis(at("10.0.0.8"), now) > 0);
    assertEquals(0, tries.waitMillis(technician, now));
    assertEquals(4, tries.wrong(technician, now));
    now = now.plusMillis(7 * 24 * 60 * 60_000L);
    guessAll("10.0.9.");
    assertTrue(tries.waitMillis(technician, now) > 0, "a week later it is as others are");
  }

  @Test
  void wrongOnesOfAnHourAgoAreForgotten() throws UnknownHostException {
    for (int i = 0; i < 5; i++) {
      tries.wrong(at("10.0.0.1"), now);
    }
    now = now.plusMillis(60 * 60_000 + 1);
    assertEquals(4, tries.wrong(at("10.0.0.1"), now));
  }

  @Test
  void aNetworkIsTheFirstBitsOfAnAddress() throws UnknownHostException {
    byte[] own = at("192.168.4.1").getAddress();
    assertTrue(Neighbourhood.isSame(own, at("192.168.7.9").getAddress(), 22));
    assertFalse(Neighbourhood.isSame(own, at("192.168.8.9").getAddress(), 22));
    assertFalse(Neighbourhood.isSame(own, at("fe80::1").getAddress(), 0));
    assertFalse(Neighbourhood.has(InetAddress.getLoopbackAddress()), "tunnels end there");
  }
}
