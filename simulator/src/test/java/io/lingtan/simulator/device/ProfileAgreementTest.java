package io.lingtan.simulator.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.simulator.device.site.SimulatedSite;
import io.lingtan.simulator.world.World;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The simulator's maps are typed from the makers' tables, the profiles too, by other hands: reading
 * a meter through its profile must give what the meter shows.
 */
final class ProfileAgreementTest {
  private static final int SUNSPEC_MODEL_103 = 40_070;

  record Case(SimulatedSite site, Endpoint endpoint, int unit, Meter meter) {
    @Override
    public String toString() {
      return meter.id() + " as " + meter.profile() + " on " + endpoint.wiring().framing();
    }

    Device device() {
      return site.site().devices().stream()
          .filter(device -> device.id().equals(meter.id()))
          .findFirst()
          .orElseThrow();
    }
  }

  static Stream<Case> meters() {
    return SimulatedSite.NAMES.stream()
        .map(name -> SimulatedSite.of(name, 12, 0))
        .flatMap(
            site ->
                site.endpoints().stream()
                    .flatMap(
                        endpoint ->
                            endpoint.units().entrySet().stream()
                                .map(
                                    unit ->
                                        new Case(site, endpoint, unit.getKey(), unit.getValue()))));
  }

  @ParameterizedTest
  @MethodSource("meters")
  void aMeterReadThroughItsProfileSaysWhatItShows(Case meter) {
    DeviceProfile profile = meter.device().profile();
    assertEquals(meter.meter.profile(), profile.name());
    World world = meter.site.world();
    boolean sunSpec = profile.points().isEmpty();
    int base = sunSpec ? SUNSPEC_MODEL_103 : 0;
    List<RegisterPoint> registers =
        sunSpec ? Objects.requireNonNull(profile.models().get(103)) : profile.points();
    Set<Point> shown = new HashSet<>(meter.meter.points());
    for (RegisterPoint register : registers) {
      Point point = Objects.requireNonNull(register.point());
      ByteBuffer words = read(meter, register, base + register.address(), register.words());
      if (!shown.remove(point) || point.equals(Point.of(Quantity.STATE))) {
        continue;
      }
      BigDecimal value =
          raw(register, words)
              .multiply(register.scale())
              .multiply(ratio(register, meter.device()))
              .scaleByPowerOfTen(power(meter, register, base));
      assertEquals(
          meter.meter.shownMicros(point, world, world.stepStart()),
          value.movePointRight(6).setScale(0, RoundingMode.HALF_EVEN).longValueExact(),
          () -> meter + " " + point);
    }
    assertTrue(shown.isEmpty(), () -> meter + " shows what its profile does not read: " + shown);
  }

  private static ByteBuffer read(Case meter, RegisterPoint register, int address, int words) {
    long now = meter.site.world().stepStart();
    return new Master(meter.endpoint).read(meter.unit, register.function(), address, words, now);
  }

  private static int power(Case meter, RegisterPoint register, int base) {
    return register.scaleFrom() < 0
        ? 0
        : read(meter, register, base + register.scaleFrom(), 1).getShort();
  }

  private static BigDecimal ratio(RegisterPoint register, Device device) {
    return switch (register.ratio()) {
      case NONE -> BigDecimal.ONE;
      case CT -> device.ct();
      case PT -> device.pt();
      case CT_PT -> device.ct().multiply(device.pt());
    };
  }

  private static BigDecimal raw(RegisterPoint register, ByteBuffer words) {
    return switch (register.type()) {
      case INT16 -> BigDecimal.valueOf(words.getShort());
      case UINT16, ENUM16 -> BigDecimal.valueOf(words.getShort() & 0xFFFF);
      case INT32 -> BigDecimal.valueOf(words.getInt());
      case UINT32, ACC32 -> BigDecimal.valueOf(words.getInt() & 0xFFFF_FFFFL);
      case FLOAT32 -> new BigDecimal(Float.toString(words.getFloat()));
      default -> throw new IllegalArgumentException("no meter of the site has " + register.type());
    };
  }
}
