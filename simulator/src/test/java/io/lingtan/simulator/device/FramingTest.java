package io.lingtan.simulator.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;
import io.lingtan.simulator.device.site.DemoMicrogrid;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.world.Plant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The same units over a serial line, and what can happen to their frames. */
final class FramingTest {
  private static final CharacterFormat EVEN = new CharacterFormat(19_200, Parity.EVEN, 1);

  private final DemoMicrogrid site = new DemoMicrogrid(Plant.demo(1), 5);
  private final long now = site.world().stepStart();
  private final Endpoint tcp = site.endpoints().get(1);
  private final Meter battery = Objects.requireNonNull(tcp.units().get(1));
  private final Endpoint line =
      new Endpoint("storage", Wiring.rtu(EVEN), site.world(), site.faults(), 5).with(1, battery);
  private final Master master = new Master(line);

  private List<byte[]> ask() {
    return master.pieces(Master.rtu(1, 3, 0, 10), now);
  }

  private static boolean isWhole(byte[] frame) {
    return Framing.RTU.isChecked(frame, 0, frame.length);
  }

  @Test
  void theCheckSumIsThatOfThePublishedExample() {
    // Modbus over Serial Line V1.02, appendix B: 02 07 gives 0x1241, sent as 41 12.
    assertEquals(0x1241, Framing.crc(new byte[] {2, 7}, 0, 2));
    assertArrayEquals(HexFormat.of().parseHex("01030000000ac5cd"), Master.rtu(1, 3, 0, 10));
  }

  @Test
  void aSerialLineCarriesTheSameValuesInItsOwnFrame() {
    byte[] overTcp = new Master(tcp).ask(1, 3, 0, 10, now);
    byte[] frame = ask().getFirst();
    assertTrue(isWhole(frame));
    assertArrayEquals(overTcp, Arrays.copyOfRange(frame, 1, frame.length - 2));
  }

  @Test
  void nobodyAnswersForAUnitThatIsNotThere() {
    assertEquals(List.of(), master.pieces(Master.rtu(9, 3, 0, 10), now));
    byte[] broken = Master.rtu(1, 3, 0, 10);
    broken[3] ^= 4;
    assertEquals(List.of(), master.pieces(broken, now));
  }

  @Test
  void everyCharacterHasItsTimeOnTheWire() {
    ask();
    // (8 + 25) characters of 11 bits at 19,200 baud are 18.906 ms, and the device takes 5 ms.
    assertEquals(23, master.delayMillis());
  }

  @Test
  void whatIsNotARequestEndsWithThePause() {
    byte[] request = Master.rtu(1, 3, 0, 10);
    assertEquals(0, line.requestLength(request, 0, 1));
    assertEquals(8, line.requestLength(request, 0, 5));
    assertEquals(8, line.requestLength(request, 0, 8));
    assertEquals(12, line.requestLength(Arrays.copyOf(new byte[] {1, 0x2B}, 12), 0, 12));
    assertEquals(11, line.requestLength(Arrays.copyOf(new byte[] {1, 3, 9}, 11), 0, 11));
  }

  @Test
  void aDamagedByteIsFoundByTheCheckSumWhereverItIs() {
    byte[] whole = ask().getFirst();
    site.faults().add(new WireFault.CorruptByte("bat1", now, now + 1, 1));
    boolean[] damaged = new boolean[whole.length];
    for (int i = 0; i < 2 * whole.length; i++) {
      byte[] frame = ask().getFirst();
      int at = Arrays.mismatch(whole, frame);
      damaged[at] = true;
      assertFalse(isWhole(frame), "byte " + at);
    }
    for (int i = 0; i < damaged.length; i++) {
      assertTrue(damaged[i], "byte " + i + " was never damaged");
    }
  }

  @Test
  void aDamagedHeadOnTcpIsNeverAGoodReply() {
    byte[] request = Master.request(7, 1, 3, 0, 10);
    Master reader = new Master(tcp);
    byte[] whole = reader.pieces(request, now).getFirst();
    site.faults().add(new WireFault.CorruptByte("bat1", now, now + 1, 1));
    for (int i = 0; i < 100; i++) {
      int at = Arrays.mismatch(whole, reader.pieces(request, now).getFirst());
      assertTrue(at >= 0 && at < 9, "byte " + at);
    }
  }

  @Test
  void repliesCanBeCutShortDoubledSplitGluedAndInAnothersName() {
    byte[] whole = ask().getFirst();
    strike(new WireFault.Truncated("bat1", now, now + 1, 1));
    byte[] cut = ask().getFirst();
    assertTrue(cut.length >= 1 && cut.length < whole.length);
    strike(new WireFault.DuplicateReply("bat1", now, now + 1, 1));
    List<byte[]> twice = ask();
    assertEquals(2, twice.size());
    assertArrayEquals(whole, twice.get(1));
    strike(new WireFault.SplitReply("bat1", now, now + 1, 1, 1_000));
    assertEquals(whole.length, ask().size());
    // 24 gaps of 1 ms more than in one piece.
    assertEquals(47, master.delayMillis());
    strike(new WireFault.GluedNoise("bat1", now, now + 1, 1));
    byte[] glued = ask().getFirst();
    assertTrue(glued.length > whole.length);
    assertArrayEquals(whole, Arrays.copyOfRange(glued, glued.length - whole.length, glued.length));
    strike(new WireFault.ForeignUnit("bat1", now, now + 1, 1));
    byte[] foreign = ask().getFirst();
    assertEquals(2, foreign[0]);
    assertTrue(isWhole(foreign));
  }

  private void strike(WireFault fault) {
    site.faults().endAll();
    site.faults().add(fault);
  }

  @Test
  void aLineMakesNoiseSwallowsRequestsOrEndsTheConnection() {
    strike(new WireFault.LineNoise("storage", now, now + 1, 2, 200));
    assertEquals(1, ask().size());
    List<byte[]> noisy = ask();
    assertEquals(2, noisy.size());
    assertTrue(master.delayMillis() >= 200);
    strike(new WireFault.ConnectionReset("storage", now, now + 1, 1));
    assertEquals(1, ask().size(), "a serial port has no connection");
    Master connected = new Master(tcp);
    assertEquals(List.of(), connected.pieces(Master.request(1, 1, 3, 0, 1), now));
    assertTrue(connected.wasReset());
    strike(new WireFault.BlackHole("storage", now, now + 1));
    assertEquals(List.of(), ask());
  }

  @Test
  void aGatewayForOneClientRefusesOrThrowsOut() {
    assertTrue(tcp.admits(now));
    strike(new WireFault.SingleClient("storage", now + 10, now + 60_000, false));
    assertFalse(tcp.cuts(now, now + 9));
    assertTrue(tcp.cuts(now, now + 10));
    assertFalse(tcp.admits(now + 11));
    strike(new WireFault.SingleClient("storage", now + 10, now + 60_000, true));
    assertTrue(tcp.admits(now + 20));
    assertFalse(tcp.cuts(now + 20, now + 20 + WireFault.SingleClient.BACK_MILLIS - 1));
    assertTrue(tcp.cuts(now + 20, now + 20 + WireFault.SingleClient.BACK_MILLIS));
    assertTrue(tcp.admits(now + 60_000));
    assertEquals(3, site.faults().injected().get("single_client"));
  }
}
