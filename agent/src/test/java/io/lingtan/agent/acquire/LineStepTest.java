package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LineStepTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Point POWER = Point.of("power");
  private static final Point IMPORT = Point.of("energy_import");

  private static final DeviceProfile PROFILE =
      Bench.profile(
          Bench.register("power", 4, 0x34, DeviceProfile.Type.FLOAT32, "1"),
          Bench.register("energy_import", 4, 0x48, DeviceProfile.Type.FLOAT32, "1"));

  private static Device device(String id, int unit, int recordSeconds) {
    return Bench.device(id, unit, PROFILE, SECOND, Duration.ofSeconds(recordSeconds));
  }

  private static void serve(Bench bench, int unit, float power, float energy) {
    bench.units.unit(unit).fill(0, 0x60).setFloat(0x34, power).setFloat(0x48, energy);
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aMeterIsReadEachSecondAndRecordedEachTen(Framing framing) {
    var bench = new Bench(framing, device("gate", 1, 10));
    serve(bench, 1, 1234.5f, 12345.678f);
    bench.run(Duration.ofSeconds(60));
    List<Sample> samples = bench.samplesOf("gate");
    // The first poll at once, then one for each period of ten seconds.
    assertEquals(1 + 6, samples.size());
    for (Sample sample : samples) {
      assertEquals(1_234_500_000L, sample.values().micros(POWER));
      assertEquals(12_345_678_000L, sample.values().micros(IMPORT));
    }
    assertEquals(0, bench.step.snapshot().skipped());
    assertEquals(60, bench.step.snapshot().devices().getFirst().polls());
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aDeadUnitLeavesTheOthersTheirSamples(Framing framing) {
    var bench =
        new Bench(
            framing, device("a", 1, 1), device("dead", 2, 1), device("b", 3, 1), device("c", 4, 1));
    for (int unit : new int[] {1, 3, 4}) {
      serve(bench, unit, 1000 * unit, unit);
    }
    bench.run(Duration.ofMinutes(10));
    for (String id : List.of("a", "b", "c")) {
      long good = bench.samplesOf(id).stream().filter(s -> s.failed() == null).count();
      assertTrue(good >= 570, id + " kept " + good + " of 600 samples, " + framing);
    }
    List<Sample> dead = bench.samplesOf("dead");
    assertEquals(Reason.TIMEOUT, dead.getFirst().failed());
    assertEquals(Reason.OFFLINE, dead.getLast().failed());
    assertTrue(dead.size() >= 10 && dead.size() <= 12, "one a minute, were " + dead.size());
    assertEquals(List.of("meter.offline"), bench.eventNames());
    assertTrue(bench.step.snapshot().devices().get(1).offline());
  }
}
