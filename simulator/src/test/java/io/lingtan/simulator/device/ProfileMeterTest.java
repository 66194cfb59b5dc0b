package io.lingtan.simulator.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.simulator.device.measure.Installed;
import io.lingtan.simulator.device.measure.View;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.World;
import io.lingtan.testing.Parts;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every profile there is can be simulated, with no class of its own. */
final class ProfileMeterTest {
  private static final World WORLD = new World(Plant.demo(12));
  private static final BigDecimal COUNTED = new BigDecimal("1234.5");

  static Stream<DeviceProfile> profiles() {
    Catalogue<DeviceProfile> catalogue = Catalogue.profiles(null);
    return catalogue.names().stream()
        .map(name -> Objects.requireNonNull(catalogue.load(name).value()))
        .filter(profile -> profile.protocol() == Protocol.MODBUS || isSunSpec(profile));
  }

  private static boolean isSunSpec(DeviceProfile profile) {
    return profile.protocol() == Protocol.SUNSPEC;
  }

  private static Installed installed(DeviceProfile profile) {
    Device device =
        Parts.device(
            "dev",
            profile,
            1,
            null,
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            BigDecimal.valueOf(40),
            BigDecimal.ONE,
            Map.of(),
            null,
            List.of(),
            null,
            null,
            null);
    View view =
        switch (profile.kind()) {
          case INVERTER -> View.PV;
          case BATTERY -> View.BATTERY;
          case SENSOR -> profile.name().contains("dispenser") ? View.DISPENSER : View.TANK;
          default -> View.GRID;
        };
    Map<Point, BigDecimal> counted = new HashMap<>();
    for (Point point : Point.all()) {
      if (point.quantity().isRegister()) {
        counted.put(point, COUNTED);
      }
    }
    return new Installed(device, view, counted);
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void aDeviceOfAProfileSaysThroughItWhatTheWorldIs(DeviceProfile profile) {
    Installed installed = installed(profile);
    Meter meter = ProfileMeter.of(installed);
    Endpoint endpoint =
        new Endpoint("line", Wiring.tcp(), WORLD, new FaultPlan(), 0).with(1, meter);
    Master master = new Master(endpoint);
    long now = WORLD.stepStart();
    int base = 0;
    List<RegisterPoint> registers = profile.points();
    if (isSunSpec(profile)) {
      assertEquals(0x53756E53, master.read(1, 3, 40_000, 2, now).getInt());
      base = 40_070;
      int model = master.read(1, 3, base, 1, now).getShort();
      int words = master.read(1, 3, base + 1, 1, now).getShort();
      assertEquals((short) 0xFFFF, master.read(1, 3, base + 2 + words, 1, now).getShort());
      registers = Objects.requireNonNull(profile.models().get(model), "model " + model);
    }
    int compared = 0;
    for (RegisterPoint register : registers) {
      Point point = Objects.requireNonNull(register.point());
      if (!meter.points().contains(point) || point.quantity() == Quantity.STATE) {
        continue;
      }
      int address = base + register.address();
      ByteBuffer bytes = master.read(1, register.function(), address, register.words(), now);
      int power =
          register.scaleFrom() < 0
              ? 0
              : master.read(1, 3, base + register.scaleFrom(), 1, now).getShort();
      BigDecimal ratio =
          switch (register.ratio()) {
            case CT, CT_PT -> BigDecimal.valueOf(40);
            case NONE, PT -> BigDecimal.ONE;
          };
      BigDecimal value =
          number(register, bytes)
              .multiply(register.scale())
              .multiply(ratio)
              .scaleByPowerOfTen(power)
              .add(register.offset());
      long micros = value.movePointRight(6).setScale(0, RoundingMode.HALF_EVEN).longValueExact();
      long shown = meter.shownMicros(point, WORLD, now);
      assertNear(shown, micros, 1, profile.name() + " " + point);
      long truth = meter.trueMicros(point, WORLD, now);
      long step = meter.stepMicros(point, WORLD, now);
      if (!isAtItsEnd(register)) {
        assertNear(truth, micros, step + 1, profile.name() + " " + point);
      }
      compared++;
    }
    assertFalse(compared == 0, () -> profile.name() + " shows nothing of the world");
  }

  private static void assertNear(long expected, long actual, long by, String what) {
    assertTrue(
        Math.abs(expected - actual) <= by, what + ": expected " + expected + ", is " + actual);
  }

  /** A small meter on this site's wires stays at the end of its scale, or has rolled over. */
  private static boolean isAtItsEnd(RegisterPoint register) {
    return register.words() == 1 || register.modulus() != null;
  }

  /** Takes the bytes apart in the order of the profile. */
  private static BigDecimal number(RegisterPoint register, ByteBuffer bytes) {
    byte[] ordered = new byte[2 * register.words()];
    for (int word = 0; word < register.words(); word++) {
      int from = 2 * (register.order().isLowWordFirst() ? register.words() - 1 - word : word);
      boolean swapped = register.order().isLowByteFirst();
      ordered[2 * word] = bytes.get(from + (swapped ? 1 : 0));
      ordered[2 * word + 1] = bytes.get(from + (swapped ? 0 : 1));
    }
    ByteBuffer big = ByteBuffer.wrap(ordered);
    return switch (register.type()) {
      case INT16 -> BigDecimal.valueOf(big.getShort());
      case UINT16, ENUM16 -> BigDecimal.valueOf(big.getShort() & 0xFFFF);
      case INT32 -> BigDecimal.valueOf(big.getInt());
      case UINT32, ACC32, ENUM32 -> BigDecimal.valueOf(big.getInt() & 0xFFFF_FFFFL);
      case INT64, UINT64, ACC64 -> BigDecimal.valueOf(big.getLong());
      case FLOAT32 -> new BigDecimal(Float.toString(big.getFloat()));
      case FLOAT64 -> new BigDecimal(Double.toString(big.getDouble()));
      default -> throw new IllegalArgumentException(register.type() + " is not simulated");
    };
  }
}
