package io.lingtan.simulator.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lingtan.simulator.device.site.DemoMicrogrid;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.world.Plant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EndpointTest {
  private final DemoMicrogrid site = new DemoMicrogrid(Plant.demo(1), 5);
  private final Endpoint hydrogen = site.endpoints().get(3);
  private final Master master = new Master(hydrogen);
  private final long now = site.world().stepStart();

  @Test
  void whatCannotBeAnsweredIsRefusedWithItsCode() {
    assertArrayEquals(bytes(0x83, 2), master.ask(1, 3, 9, 2, now));
    assertArrayEquals(bytes(0x83, 2), master.ask(1, 3, 50_000, 1, now));
    assertArrayEquals(bytes(0x84, 2), master.ask(1, 4, 0, 1, now));
    assertArrayEquals(bytes(0x83, 3), master.ask(1, 3, 0, 0, now));
    assertArrayEquals(bytes(0x83, 3), master.ask(1, 3, 0, 126, now));
    assertArrayEquals(bytes(0x86, 1), master.ask(1, 6, 0, 1, now));
    assertArrayEquals(bytes(0x83, 11), master.ask(9, 3, 0, 1, now));
    Master switchboard = new Master(site.endpoints().get(2));
    assertArrayEquals(bytes(0x84, 3), switchboard.ask(2, 4, 0, 82, now));
    assertEquals(162, switchboard.ask(2, 4, 0, 80, now).length);
  }

  @Test
  void aSilentUnitAnswersNothingAndItsNeighboursAnswerOn() {
    site.faults().add(new WireFault.Silence("tank1", now, now + 1_000));
    assertEquals(0, master.ask(2, 4, 0, 1, now).length);
    assertEquals(4, master.ask(1, 3, 0, 1, now).length);
    assertEquals(4, master.ask(2, 4, 0, 1, now + 1_000).length);
    assertEquals(Map.of("silence", 1L), site.faults().injected());
    assertEquals(2, hydrogen.served());
  }

  @Test
  void eachThirdReplyIsLateAndShowsTheTimeOfItsRequest() {
    site.faults().add(new WireFault.LateReplies("ely1", now, now + 10_000, 3, 1_400));
    int[] late = {0};
    for (int i = 0; i < 9; i++) {
      master.ask(1, 3, 2, 2, now + i);
      assertEquals(i % 3 == 2 ? 1_405 : 5, master.delayMillis());
      late[0] += master.delayMillis() > 5 ? 1 : 0;
    }
    assertEquals(3, late[0]);
    assertEquals(Map.of("late_reply", 3L), site.faults().injected());
  }

  @Test
  void whatIsServedIsToldWithThePointsThatWereWhollyInIt() {
    List<String> told = new ArrayList<>();
    hydrogen.log(
        (meter, function, address, count, millis, reply, at) ->
            told.add(
                meter.id() + " " + meter.points(function, address, count) + " " + (millis - now)));
    master.ask(1, 3, 0, 7, now + 5);
    master.ask(1, 3, 9, 2, now + 6);
    site.faults().add(new WireFault.Silence("ely1", now + 7, now + 8));
    master.ask(1, 3, 0, 7, now + 7);
    assertEquals(List.of("ely1 [power, energy_import, energy_export] 5"), told);
  }

  @Test
  void faultsOfADeviceAddUp() {
    site.faults().add(new WireFault.Slow("ely1", now, now + 10, 200));
    site.faults().add(new WireFault.Refusal("ely1", now, now + 10, 6));
    assertArrayEquals(bytes(0x83, 6), master.ask(1, 3, 0, 1, now));
    assertEquals(205, master.delayMillis());
    site.faults().add(new WireFault.CorruptByte("ely1", now, now + 10, 1));
    byte[] damaged = master.pieces(Master.request(7, 1, 3, 0, 1), now).getFirst();
    assertEquals(9, damaged.length);
    assertFalse(Arrays.equals(damaged, new byte[] {0, 7, 0, 0, 0, 3, 1, (byte) 0x83, 6}));
    site.faults().endAll();
    assertEquals(4, master.ask(1, 3, 0, 1, now).length);
    Map<String, Long> injected = new HashMap<>(site.faults().injected());
    assertEquals(Map.of("slow", 2L, "exception", 2L, "corrupt", 1L), injected);
  }

  @Test
  void aFaultMustHaveALength() {
    assertThrows(IllegalArgumentException.class, () -> new WireFault.Silence("a", 5, 5));
    assertThrows(IllegalArgumentException.class, () -> new WireFault.Slow("a", 0, 1, 0));
    assertFalse(new WireFault.Slow("a", 0, 1, 1).isAt(1));
  }

  @Test
  void whatIsNoFrameIsToldFromWhatIsNotYetOne() {
    byte[] request = Master.request(7, 1, 3, 0, 1);
    assertEquals(0, hydrogen.requestLength(request, 0, 5));
    assertEquals(12, hydrogen.requestLength(request, 0, 12));
    request[3] = 1;
    assertEquals(-1, hydrogen.requestLength(request, 0, 12));
    request[3] = 0;
    request[4] = 2;
    assertEquals(-1, hydrogen.requestLength(request, 0, 12));
  }

  private static byte[] bytes(int first, int second) {
    return new byte[] {(byte) first, (byte) second};
  }
}
