package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Dump;
import io.lingtan.testing.Dump.Typed;
import io.lingtan.testing.Parts;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is typed from the makers' documents, read by the agent's own line step. */
final class ProfileDumpTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  static Stream<String> profiles() {
    return Catalogue.profiles(null).names().stream()
        .filter(
            name -> {
              Protocol protocol = profile(name).protocol();
              return protocol == Protocol.MODBUS || protocol == Protocol.SUNSPEC;
            });
  }

  private static DeviceProfile profile(String name) {
    return Objects.requireNonNull(Catalogue.profiles(null).load(name).value(), name);
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void everyTypedRegisterComesOutAsItsPoint(String name) throws IOException {
    DeviceProfile profile = profile(name);
    int read = 0;
    for (Typed line : Dump.of(name).lines()) {
      if (Point.find(line.point()) != null) {
        check(line, read(profile, line));
        read++;
      }
    }
    assertTrue(read > 0, "nothing was read");
  }

  private static Sample read(DeviceProfile profile, Typed line) {
    var bench = new Bench(Framing.TCP, device(profile, line.ct(), line.pt()));
    FakeUnits.Unit unit = bench.units.unit(1);
    unit.zeros = true;
    Image.of(profile, List.of(line)).words().values().forEach(unit.registers::putAll);
    bench.run(SECOND);
    return bench.samplesOf("meter").getFirst();
  }

  private static Device device(DeviceProfile profile, BigDecimal ct, BigDecimal pt) {
    return Parts.device(
        "meter", profile, 1, null, SECOND, SECOND, ct, pt, Map.of(), null, List.of(), null, null,
        null);
  }

  static void check(Typed line, Sample sample) {
    Point point = Point.of(line.point());
    String about = line + " in " + sample;
    if (line.value().equals("absent")) {
      assertTrue(sample.bad().containsKey(point), about);
      assertFalse(sample.values().has(point), about);
    } else if (point.name().equals("state")) {
      assertEquals(line.value(), sample.values().state(), about);
    } else {
      assertTrue(sample.values().has(point), about);
      assertEquals(line.value(), Micros.text(sample.values().micros(point)), about);
    }
  }
}
