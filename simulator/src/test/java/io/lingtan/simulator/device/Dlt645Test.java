package io.lingtan.simulator.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;
import io.lingtan.simulator.device.measure.Installed;
import io.lingtan.simulator.device.measure.View;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.World;
import io.lingtan.testing.Parts;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Meters of DL/T 645-2007 beside Modbus units on one serial line. */
final class Dlt645Test {
  private static final HexFormat HEX = HexFormat.of();
  private static final CharacterFormat LINE = new CharacterFormat(9_600, Parity.NONE, 1);
  private static final CharacterFormat SLOW = new CharacterFormat(2_400, Parity.EVEN, 1);

  private final World world = new World(Plant.demo(9));
  private final FaultPlan faults = new FaultPlan();
  private final long now = world.stepStart();
  private final Endpoint line =
      new Endpoint("rs485", Wiring.rtu(LINE), world, faults, 20)
          .with(1, Meters.exampleBattery("bat1", 0, 0))
          .with(meter("m1", "000000123456", SLOW));
  private final Master master = new Master(line);

  private static Dlt645Meter meter(String id, String address, @Nullable CharacterFormat format) {
    DeviceProfile profile =
        Parts.profile(
            "dlt645-2007",
            DeviceProfile.Kind.METER,
            DeviceProfile.Protocol.DLT645,
            "any",
            "DL/T 645-2007",
            "",
            false,
            List.of(),
            new LinkedHashMap<>(),
            Map.of(),
            125,
            Duration.ZERO,
            false);
    Device device =
        Parts.device(
            id,
            profile,
            -1,
            address,
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            BigDecimal.TEN,
            BigDecimal.ONE,
            Map.of(),
            null,
            List.of(),
            format,
            null,
            null);
    return Dlt645Meter.of(
        new Installed(
            device,
            View.GRID,
            Map.of(
                Point.of("energy_import"), new BigDecimal("123456.70"),
                Point.of("energy_export"), new BigDecimal("77.00"))));
  }

  /** A request as a master sends it. */
  private static byte[] request(String address, int control, int... item) {
    byte[] data = new byte[item.length == 0 ? 0 : 4];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (item[0] >>> (8 * i));
    }
    byte[] bytes = address.equals("any") ? HEX.parseHex("aaaaaaaaaaaa") : Dlt645.address(address);
    return Dlt645.frame(bytes, control, data);
  }

  /** The reply's parts; null if nobody answered, or not with one good frame. */
  private Dlt645.@Nullable Request ask(byte[] request) {
    List<byte[]> pieces = master.pieces(request, now);
    return pieces.size() != 1 ? null : Dlt645.parse(pieces.getFirst(), pieces.getFirst().length);
  }

  private static long digits(byte[] data, int from, int bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = from + bytes - 1; i >= from; i--) {
      text.append("%02x".formatted(data[i] & 0xFF));
    }
    return Long.parseLong(text.toString());
  }

  @Test
  void theFrameIsThatOfPublishedOnes() {
    byte[] frame = request("112233445566", 0x11, 0x0001_0000);
    assertEquals("fefefefe6866554433221168110433333433" + "1716", HEX.formatHex(frame));
    // A reply of the 1997 edition, which is framed in the same way.
    byte[] seen = HEX.parseHex("68111111531235688107" + "43c3bc76463334" + "0a16");
    Dlt645.Request parsed = Objects.requireNonNull(Dlt645.parse(seen, seen.length));
    assertEquals("10908943130001", HEX.formatHex(parsed.data()));
    // 123456.78 kWh on the wire.
    assertArrayEquals(HEX.parseHex("78563412"), Dlt645.digits(12_345_678, 4, false));
    assertArrayEquals(HEX.parseHex("010080"), Dlt645.digits(-1, 3, true));
    assertArrayEquals(HEX.parseHex("999979"), Dlt645.digits(5_000_000, 3, true));
    assertEquals(20, Dlt645.requestLength(frame, 0, 20));
    assertEquals(0, Dlt645.requestLength(frame, 0, 8));
    assertEquals(-1, Dlt645.requestLength(new byte[] {1, 3, 0}, 0, 3));
    assertEquals(-1, Dlt645.requestLength(Master.rtu(0x68, 3, 0, 1), 0, 8));
  }

  @Test
  void energyIsReadInHundredthsBehindTheTransformers() {
    Dlt645.Request reply = Objects.requireNonNull(ask(request("000000123456", 0x11, 0x0001_0000)));
    assertEquals(0x91, reply.control());
    assertEquals(0x0001_0000, reply.item());
    assertEquals(8, reply.data().length);
    Meter meter = line.meters().get(1);
    long shown = meter.shownMicros(Point.of("energy_import"), world, now);
    assertEquals(shown, digits(reply.data(), 4, 4) * 100_000);
    assertTrue(shown >= 123_456_700_000L);
    assertTrue(
        meter.trueMicros(Point.of("energy_import"), world, now) - shown < 100_000,
        "a step is 0.1 kWh");
  }

  @Test
  void theTopBitOfPowerIsItsDirection() {
    long at = now;
    boolean in = false;
    boolean out = false;
    for (int i = 0; i < 96 && !(in && out); i++, at += 900_000) {
      world.advanceTo(at);
      long net = line.meters().get(1).trueMicros(Point.of("power"), world, at);
      byte[] frame = master.pieces(request("000000123456", 0x11, 0x0203_0000), at).getFirst();
      byte[] data = Objects.requireNonNull(Dlt645.parse(frame, frame.length)).data();
      boolean exports = (data[6] & 0x80) != 0;
      assertEquals(net < 0, exports);
      data[6] &= 0x7F;
      assertTrue(Math.abs(Math.abs(net) / 1_000_000 - digits(data, 4, 3)) <= 1);
      in |= !exports;
      out |= exports;
    }
    assertTrue(in && out, "the site never turned round");
  }

  @Test
  void aBlockIsAllOfItsItems() {
    byte[] all = Objects.requireNonNull(ask(request("000000123456", 0x11, 0x0201_FF00))).data();
    byte[] second = Objects.requireNonNull(ask(request("000000123456", 0x11, 0x0201_0200))).data();
    assertEquals(10, all.length);
    assertArrayEquals(Arrays.copyOfRange(second, 4, 6), Arrays.copyOfRange(all, 6, 8));
  }

  @Test
  void whatIsNotThereIsRefusedAndWhatIsWrongIsNotHeard() {
    Dlt645.Request refused =
        Objects.requireNonNull(ask(request("000000123456", 0x11, 0x0999_0000)));
    assertEquals(0xD1, refused.control());
    assertArrayEquals(new byte[] {2}, refused.data());
    assertNull(ask(request("000000999999", 0x11, 0x0001_0000)));
    byte[] broken = request("000000123456", 0x11, 0x0001_0000);
    broken[broken.length - 2]++;
    assertNull(ask(broken));
    // Nothing that writes is answered.
    assertNull(ask(request("000000123456", 0x14, 0x0001_0000)));
  }

  @Test
  void theOnlyMeterTellsItsAddressAndTwoTalkIntoEachOther() {
    Dlt645.Request reply = Objects.requireNonNull(ask(request("any", 0x13)));
    assertEquals(0x93, reply.control());
    assertArrayEquals(Dlt645.address("000000123456"), reply.data());
    line.with(meter("m2", "000000654321", null));
    assertNull(ask(request("any", 0x13)));
    assertNotNull(ask(request("000000654321", 0x11, 0x0001_0000)));
  }

  @Test
  void anAnswerTakesAsLongAsItsCharactersAtItsOwnSpeed() {
    assertNotNull(ask(request("000000123456", 0x11, 0x0001_0000)));
    // 20 characters there, 24 back, of 11 bits at 2400 baud, and 20 ms of the meter's.
    assertEquals(44 * 11 * 1_000 / 2_400 + 20, master.delayMillis());
  }

  @Test
  void itsFaultsAreThoseOfAnyDevice() {
    faults.add(new WireFault.CorruptByte("m1", now, now + 1, 1));
    for (int i = 0; i < 60; i++) {
      assertNull(ask(request("000000123456", 0x11, 0x0001_0000)));
    }
    faults.endAll();
    faults.add(new MeterFault.Sentinel("m1", Point.of("energy_import"), now, now + 1));
    byte[] data = Objects.requireNonNull(ask(request("000000123456", 0x11, 0x0001_0000))).data();
    assertArrayEquals(HEX.parseHex("ffffffff"), Arrays.copyOfRange(data, 4, 8));
    faults.endAll();
    faults.add(new MeterFault.Exchange("m1", now, now + 1, 5));
    assertEquals(
        5,
        digits(
            Objects.requireNonNull(ask(request("000000123456", 0x11, 0x0001_0000))).data(), 4, 4));
    assertEquals(
        123_457,
        digits(
            Objects.requireNonNull(ask(request("000000123456", 0x11, 0x0400_0402))).data(), 4, 6));
  }
}
