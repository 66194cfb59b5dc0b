package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Parts;
import io.lingtan.testing.Recording;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Devices as others recorded them. What was not recorded is refused. */
final class RecordedDevicesTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  /** Reads until a refused block is split. */
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

  static List<Recording> recordings() throws IOException {
    return Recording.all();
  }

  @ParameterizedTest
  @MethodSource("recordings")
  void aRecordedDeviceIsReadAsOthersReadIt(Recording recording) {
    assertFalse(recording.expected().isEmpty());
    recording
        .expected()
        .forEach(
            (profile, values) -> {
              Sample sample = read(profile, recording.registers());
              values.forEach((point, value) -> check(Point.of(point), value, sample));
            });
  }

  private static Sample read(String name, Map<Integer, Integer> registers) {
    DeviceProfile profile = Objects.requireNonNull(Catalogue.profiles(null).load(name).value());
    BigDecimal one = BigDecimal.ONE;
    Bench bench =
        new Bench(
            Framing.TCP,
            Parts.device(
                "meter", profile, 1, null, SECOND, SECOND, one, one, Map.of(), null, List.of(),
                null, null, null));
    bench.units.unit(1).registers.putAll(registers);
    bench.run(LONG_ENOUGH);
    return bench.samplesOf("meter").getLast();
  }

  static void check(Point point, String value, Sample sample) {
    String about = point.name() + " in " + sample;
    if (value.equals("absent")) {
      assertFalse(sample.values().has(point), about);
    } else if (point.name().equals("state")) {
      assertEquals(value, sample.values().state(), about);
    } else {
      assertTrue(sample.values().has(point), about);
      BigDecimal told = new BigDecimal(Micros.text(sample.values().micros(point)));
      if (value.startsWith("~")) {
        BigDecimal rounded = new BigDecimal(value.substring(1));
        assertEquals(rounded, told.setScale(rounded.scale(), RoundingMode.HALF_EVEN), about);
      } else {
        assertEquals(value, told.toPlainString(), about);
      }
    }
  }
}
