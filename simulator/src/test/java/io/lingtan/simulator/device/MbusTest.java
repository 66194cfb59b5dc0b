package io.lingtan.simulator.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.device.site.SimulatedSite;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.world.World;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Heat and water meters on wired M-Bus, as they answer over the wire. */
final class MbusTest {

  private final SimulatedSite site = SimulatedSite.of("heat-and-water", 7, 0);
  private final World world = site.world();
  private final long now = world.stepStart();
  private final Endpoint line =
      site.endpoints().stream().filter(each -> each.id().equals("m-bus")).findFirst().orElseThrow();

  private String ask(String request) {
    byte[] bytes = HexFormat.of().parseHex(request.replace(" ", ""));
    List<byte[]> pieces = new Master(line).pieces(bytes, now);
    return pieces.isEmpty() ? "" : HexFormat.of().formatHex(pieces.getFirst());
  }

  private long shown(String id, String point) {
    return line.meters().stream()
        .filter(meter -> meter.id().equals(id))
        .findFirst()
        .orElseThrow()
        .shownMicros(Point.of(point), world, now);
  }

  /** Eight digits behind a DIF and a VIF. */
  private static long digits(String frame, String head) {
    int at = frame.indexOf(head) + head.length();
    StringBuilder digits = new StringBuilder();
    for (int i = 3; i >= 0; i--) {
      digits.append(frame, at + 2 * i, at + 2 * i + 2);
    }
    return Long.parseLong(digits.toString());
  }

  @Test
  void aMeterAcknowledgesAndTellsTheWorldsEnergy() {
    assertEquals("e5", ask("10 40 11 51 16"));
    String first = ask("10 7B 11 8C 16");
    assertTrue(
        first.startsWith("68") && first.substring(8).startsWith("081172" + "17000000"), first);
    assertEquals(shown("flat", "energy_import"), digits(first, "0c04") * 10_000);
  }

  @Test
  void theSameTelegramComesAgainUntilTheFrameCountBitIsTurned() {
    ask("10 40 11 51 16");
    String first = ask("10 7B 11 8C 16");
    assertEquals(first, ask("10 7B 11 8C 16"));
  }

  @Test
  void aSecondaryAddressSelectsOneMeterAndNoOther() {
    assertEquals("", ask("10 7B FD 78 16"));
    assertEquals("e5", ask("68 0B 0B 68 53 FD 52 78 56 04 20 FF FF FF FF 90 16"));
    String water = ask("10 7B FD 78 16");
    assertTrue(water.contains("72" + "78560420"), water);
    assertEquals(shown("well", "volume"), digits(water, "0c13") * 1_000);
    // Other masters set the frame count bit of a selection.
    assertEquals("e5", ask("68 0B 0B 68 73 FD 52 78 56 04 20 FF FF FF FF B0 16"));
    assertEquals("", ask("68 0B 0B 68 53 FD 52 79 56 04 20 FF FF FF FF 91 16"));
    assertEquals("", ask("10 7B FD 78 16"));
  }

  @Test
  void whatIsNotAvailableIsNoNumber() {
    site.faults().add(new MeterFault.Sentinel("flat", Point.of("energy_import"), now, now + 1));
    ask("10 40 11 51 16");
    assertTrue(ask("10 7B 11 8C 16").contains("0c04ffffffff"));
  }

  @Test
  void nobodyAnswersABadRequestOrWhatSetsAnything() {
    assertEquals("", ask("10 40 11 52 16"));
    assertEquals("", ask("10 40 12 52 16"));
    assertEquals("", ask("10 53 11 64 16"));
  }
}
