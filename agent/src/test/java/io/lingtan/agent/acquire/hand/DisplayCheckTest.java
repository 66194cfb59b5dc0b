package io.lingtan.agent.acquire.hand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Parts;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A display beside registers, and what is made of the difference. */
final class DisplayCheckTest {

  private static final Point POWER = Point.of("power");
  private static final Point ENERGY = Point.of("energy_import");

  private static Device device(String profile, String ct) {
    DeviceProfile loaded =
        Objects.requireNonNull(Catalogue.profiles(null).load(profile).value(), profile);
    return Parts.device(
        "m",
        loaded,
        1,
        null,
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        new BigDecimal(ct),
        BigDecimal.ONE,
        Map.of(),
        null,
        List.of(),
        null,
        null,
        null);
  }

  /**
   * Reads a meter whose registers are 0 but for one value of two registers, and compares it.
   *
   * @param bits of the value, as they stand on the wire
   */
  private static DisplayCheck check(
      Device device, int function, int address, int bits, Point point, String shown)
      throws InterruptedException {
    Line line =
        new Line.ModbusTcp(
            "l", "127.0.0.1", 502, false, false, 1, false, Duration.ofSeconds(1), List.of(), null);
    LineAccess asking =
        (request, timeout, form) -> {
          Request.Registers read = (Request.Registers) request;
          ByteBuffer value = ByteBuffer.allocate(2 * read.count());
          int at = address - read.address();
          if (read.function() == function && at >= 0 && at + 2 <= read.count()) {
            value.putInt(2 * at, bits);
          }
          return new Answer.Value(new Answer.Wire(new byte[0], new byte[0], 0), value.array());
        };
    DeviceReport report = DeviceReport.read(line, device, asking, 500, null);
    return Objects.requireNonNull(DisplayCheck.of(device, report, point, Micros.parse(shown)));
  }

  private static DisplayCheck house(float watts, String shown) throws InterruptedException {
    return check(
        device("eastron-sdm630", "1"), 4, 0x34, Float.floatToRawIntBits(watts), POWER, shown);
  }

  /** Energy of a meter whose registers are secondary, in steps of 0.01 kWh. */
  private static DisplayCheck gate(String ct, int counts, String shown)
      throws InterruptedException {
    return check(device("acrel-dtsd1352", ct), 3, 0x0A, counts, ENERGY, shown);
  }

  private static String first(DisplayCheck check) {
    DisplayCheck.Cause cause = check.causes().getFirst();
    return cause.kind() + " " + cause.key() + " " + cause.value();
  }

  @Test
  void theSameIsTheSameAlthoughAPowerMovesWhileOneTypes() throws Exception {
    assertTrue(house(32_100, "32100").isGood());
    assertTrue(house(34_000, "32100").isGood());
    assertFalse(house(41_000, "32100").isGood());
  }

  @Test
  void aHundredTimesIsTheMetersOwnRatioWhereRegistersArePrimary() throws Exception {
    DisplayCheck check = house(3_210_000, "32100");
    assertEquals(100, check.factor(), 0.001);
    assertEquals("METER_RATIO null 100", first(check));
    assertEquals("METER_RATIO null 1/80", first(house(400, "32000")));
  }

  @Test
  void theOtherSignIsTold() throws Exception {
    assertEquals("SIGN null -1", first(house(-32_100, "32000")));
  }

  @Test
  void aRatioOfTheSiteFileIsProposed() throws Exception {
    assertEquals("AGREES null 1", first(gate("80", 12_345, "9876")));
    assertEquals("RATIO ct 1", first(gate("80", 12_345, "123.45")));
    assertEquals("RATIO ct 100", first(gate("80", 12_345, "12345")));
    assertEquals("RATIO ct 60", first(gate("1", 12_345, "7407")));
  }

  @Test
  void aDecimalPointIsTold() throws Exception {
    DisplayCheck check = house(321, "0.0321");
    assertEquals(List.of(), check.causes().stream().filter(c -> c.key() != null).toList());
    assertEquals("DECIMALS null 4", first(check));
  }

  @Test
  void registersInTheOtherOrderAreTold() throws Exception {
    int bits = Float.floatToRawIntBits(32_100);
    int turned = bits << 16 | bits >>> 16;
    DisplayCheck check = check(device("eastron-sdm630", "1"), 4, 0x34, turned, POWER, "32100");
    assertTrue(
        check.causes().contains(new DisplayCheck.Cause(DisplayCheck.Kind.ORDER, null, "CDAB")),
        check.toString());
  }

  @Test
  void whatNothingExplainsIsNotExplained() throws Exception {
    assertEquals(List.of(), house(32_100, "23900").causes());
  }

  @Test
  void nothingFlowingTellsNothing() {
    assertThrows(IllegalArgumentException.class, () -> house(0, "0"));
    assertThrows(IllegalArgumentException.class, () -> house(32_100, "0.005"));
  }

  @Test
  void aPointThatWasNotReadIsNotCompared() throws Exception {
    Device device = device("eastron-sdm630", "1");
    Line line =
        new Line.ModbusTcp(
            "l", "127.0.0.1", 502, false, false, 1, false, Duration.ofSeconds(1), List.of(), null);
    LineAccess silent =
        (request, timeout, form) -> new Answer.Silent(new Answer.Wire(new byte[0], new byte[0], 0));
    DeviceReport report = DeviceReport.read(line, device, silent, 500, null);
    assertNull(DisplayCheck.of(device, report, POWER, 1_000_000));
  }
}
