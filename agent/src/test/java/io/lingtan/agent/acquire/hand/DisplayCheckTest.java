package io.lingtan.agent.acquire.hand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.hand.DisplayCheck.Display;
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
    return check(device, function, address, bits, point, shown, Display.UNKNOWN, 0);
  }

  /**
   * The same of a meter that tells its own CT ratio at 0x8E.
   *
   * @param told 0 for a meter that tells none
   */
  private static DisplayCheck check(
      Device device,
      int function,
      int address,
      int bits,
      Point point,
      String shown,
      Display display,
      int told)
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
          int ct = 0x8E - read.address();
          if (read.function() == 3 && ct >= 0 && ct < read.count()) {
            value.putShort(2 * ct, (short) told);
          }
          return new Answer.Value(new Answer.Wire(new byte[0], new byte[0], 0), value.array());
        };
    DeviceReport report = DeviceReport.read(line, device, asking, 500, null);
    return Objects.requireNonNull(
        DisplayCheck.of(device, report, point, Micros.parse(shown), display));
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
    assertEquals("RATIO ct 100", first(gate("80", 12_345, "12345")));
    assertEquals("RATIO ct 60", first(gate("1", 12_345, "7407")));
  }

  @Test
  void aSecondaryDisplayAgreesWhereTheMeterTellsTheSameRatio() throws Exception {
    DisplayCheck check = toldGate("80", 12_345, "123.45", 80);
    assertEquals("SECONDARY null 80", first(check));
    assertTrue(check.isGood());
    assertFalse(check.isByPlate(), "the meter's own register proves the ratio");
    assertEquals("AGREES null 1", first(toldGate("80", 12_345, "9876", 80)));
  }

  @Test
  void aRatioThatTheMeterTellsItselfIsNotOfferedAnother() throws Exception {
    for (String shown : List.of("123.45", "12345", "7407")) {
      for (DisplayCheck.Cause cause : toldGate("80", 12_345, shown, 80).causes()) {
        assertNull(cause.key(), shown + " " + cause);
      }
    }
    assertEquals("TOLD null 100", first(toldGate("80", 12_345, "12345", 80)));
  }

  /** A meter for 220 V, 1.5(6) A, 30 on its transformers, shows 12.5 kW or 0.416 kW. */
  @Test
  void whetherADisplayIsPrimaryIsAskedWhereNothingTellsIt() throws Exception {
    DisplayCheck asked = behind(30, "416.6", Display.UNKNOWN);
    assertEquals(List.of("WHICH null 30"), all(asked));
    assertFalse(asked.isGood());
    DisplayCheck secondary = behind(30, "416.6", Display.SECONDARY);
    assertEquals(List.of("SECONDARY null 30"), all(secondary));
    assertTrue(secondary.isGood());
    assertTrue(secondary.isByPlate(), "the display agrees whatever the ratio is");
    assertEquals(List.of("RATIO ct 1"), all(behind(30, "416.6", Display.PRIMARY)));
    assertFalse(behind(30, "12500", Display.UNKNOWN).isByPlate(), "a primary display proves it");
    assertTrue(behind(1, "416.6", Display.UNKNOWN).isByPlate());
  }

  /** Its register was not read just now, but could be: an answer does not stand in for it. */
  @Test
  void aMeterThatCouldTellItsRatioIsNotOverruledWhileItDoesNot() throws Exception {
    assertEquals(List.of("WHICH null 80"), all(told("123.45", Display.PRIMARY)));
    assertEquals(List.of("WHICH null 80"), all(told("123.45", Display.UNKNOWN)));
  }

  private static DisplayCheck told(String shown, Display display) throws InterruptedException {
    return check(device("acrel-dtsd1352", "80"), 3, 0x0A, 12_345, ENERGY, shown, display, 0);
  }

  private static DisplayCheck toldGate(String ct, int counts, String shown, int told)
      throws InterruptedException {
    return check(
        device("acrel-dtsd1352", ct), 3, 0x0A, counts, ENERGY, shown, Display.UNKNOWN, told);
  }

  /** A power of 416.6 W in the registers of a meter that tells no ratio. */
  private static DisplayCheck behind(int ct, String shown, Display display)
      throws InterruptedException {
    Device device = device("chint-dtsu666", Integer.toString(ct));
    int bits = Float.floatToRawIntBits(4166f);
    return check(device, 3, 0x2012, bits, POWER, shown, display, 0);
  }

  private static List<String> all(DisplayCheck check) {
    return check.causes().stream().map(c -> c.kind() + " " + c.key() + " " + c.value()).toList();
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
    assertNull(DisplayCheck.of(device, report, POWER, 1_000_000, Display.UNKNOWN));
  }
}
