package io.lingtan.simulator.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.device.site.SimulatedSite;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.world.World;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Heat and water meters of CJ/T 188, as they answer over the wire. */
final class Cjt188Test {

  private final SimulatedSite site = SimulatedSite.of("heat-and-water", 7, 0);
  private final World world = site.world();
  private final long now = world.stepStart();

  private Endpoint line(String id) {
    return site.endpoints().stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static byte[] sealed(String text) {
    byte[] frame = Arrays.copyOf(hex(text), hex(text).length + 2);
    for (int i = 0; i < frame.length - 2; i++) {
      frame[frame.length - 2] += frame[i];
    }
    frame[frame.length - 1] = 0x16;
    return frame;
  }

  private byte[] ask(String line, String request) {
    List<byte[]> pieces = new Master(line(line)).pieces(sealed(request), now);
    assertEquals(1, pieces.size(), request);
    byte[] reply = pieces.getFirst();
    return Arrays.copyOfRange(reply, 3, reply.length);
  }

  private static long digits(byte[] frame, int at, int bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = at + bytes - 1; i >= at; i--) {
      text.append("%02x".formatted(frame[i]));
    }
    return Long.parseLong(text.toString());
  }

  private long shown(String line, String id, String point) {
    return line(line).meters().stream()
        .filter(meter -> meter.id().equals(id))
        .findFirst()
        .orElseThrow()
        .shownMicros(Point.of(point), world, now);
  }

  @Test
  void aHeatMeterTellsTheWorldsEnergyInItsOwnUnit() {
    byte[] reply = ask("pump-room", "68 20 91 09 20 59 00 11 11 01 03 1F 90 05");
    assertEquals("6820910920590011" + "11812e1f9005", HexFormat.of().formatHex(reply, 0, 14));
    assertEquals(14 + 43 + 2, reply.length);
    assertEquals(0x05, reply[14 + 9]);
    long energy = shown("pump-room", "hall", "energy_import");
    assertEquals(energy, digits(reply, 14 + 5, 4) * 10_000);
    assertTrue(energy >= 12_345_670_000L);
    assertEquals(0x17, reply[14 + 14]);
    // The world has no supply temperature: the meter says that it has none.
    assertArrayEquals(hex("FF FF FF"), Arrays.copyOfRange(reply, 14 + 25, 14 + 28));
  }

  @Test
  void anotherOneHasItsUnitsInFrontAndTheIdentifierTurnedRound() {
    byte[] reply = ask("old-house", "68 20 38 04 21 08 00 59 42 01 03 90 1F 00");
    assertEquals(0x05, reply[14 + 5]);
    long energy = shown("old-house", "office", "energy_import");
    assertEquals(energy, digits(reply, 14 + 6, 4) * 10_000);
    byte[] refused = ask("old-house", "68 20 38 04 21 08 00 59 42 01 03 1F 90 04");
    assertEquals("c10304", HexFormat.of().formatHex(refused, 9, 12));
  }

  @Test
  void aWaterMeterTellsCubicMetresAndItsAddress() {
    byte[] reply = ask("pump-room", "68 10 44 33 22 11 00 33 78 01 03 1F 90 00");
    assertEquals(0x2C, reply[14 + 4]);
    assertEquals(shown("pump-room", "feed", "volume"), digits(reply, 14, 4) * 10_000);
    byte[] told = ask("pump-room", "68 10 AA AA AA AA AA AA AA 03 03 0A 81 00");
    assertArrayEquals(sealed("68 10 44 33 22 11 00 33 78 83 03 0A 81 00"), told);
  }

  @Test
  void whatIsNotAvailableIsAllDigitsF() {
    site.faults().add(new MeterFault.Sentinel("feed", Point.of("volume"), now, now + 1));
    byte[] reply = ask("pump-room", "68 10 44 33 22 11 00 33 78 01 03 1F 90 00");
    assertArrayEquals(hex("FF FF FF FF 2C"), Arrays.copyOfRange(reply, 14, 19));
  }

  @Test
  void nobodyAnswersABadRequestOrAnotherMeters() {
    byte[] request = sealed("68 10 44 33 22 11 00 33 78 01 03 1F 90 00");
    request[request.length - 2]++;
    Master master = new Master(line("pump-room"));
    assertEquals(List.of(), master.pieces(request, now));
    assertEquals(
        List.of(), master.pieces(sealed("68 11 44 33 22 11 00 33 78 01 03 1F 90 00"), now));
    assertEquals(
        List.of(), master.pieces(sealed("68 10 44 33 22 11 00 33 78 04 03 1F 90 00"), now));
  }
}
