package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.testing.Parts;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A serial line with the wire's own times on virtual time, so that every figure is exact: how near
 * it comes to {@code T = (8 + 5 + 2·words)·bits/baud + device delay + max(3.5 characters, 1.75 ms
 * above 19,200 baud)} per request, and what dead units cost it.
 */
final class LineBenchTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  /** How the line is when 16 of 20 units answer. */
  enum Kind {
    TCP,
    RTU,
    RTU_OVER_TCP,
    DLT645
  }

  private static RegisterPoint register(String point, int address) {
    return Bench.register(point, 3, address, DeviceProfile.Type.UINT16, "1");
  }

  /** Three blocks, the last two with holes that are worth bridging. */
  private static final DeviceProfile METER =
      Bench.profile(
          register("power", 0),
          register("power_l1", 1),
          register("power_l2", 2),
          register("power_l3", 3),
          register("voltage_l1", 200),
          register("voltage_l2", 204),
          register("voltage_l3", 208),
          register("current_l1", 600),
          register("current_l2", 610),
          register("current_l3", 620));

  private static int words(String asked) {
    return Integer.parseInt(asked.substring(asked.lastIndexOf('/') + 1));
  }

  @ParameterizedTest
  @CsvSource({
    "9600, NONE, 5",
    "9600, EVEN, 20",
    "9600, NONE, 50",
    "115200, NONE, 5",
    "115200, EVEN, 20",
    "115200, NONE, 50"
  })
  void aBusyLineCarriesWhatTheWireLets(int baud, Line.Parity parity, int delayMillis) {
    var format = new CharacterFormat(baud, parity, 1);
    double character = 1e9 * format.bits() / baud;
    double gap = baud > 19_200 ? 1.75e6 : 3.5 * character;
    double delay = delayMillis * 1e6;
    var units = new FakeUnits(Framing.RTU);
    List<Device> devices = new ArrayList<>();
    for (int unit = 1; unit <= 5; unit++) {
      devices.add(Bench.device("m" + unit, unit, METER, Duration.ofMillis(50), SECOND));
      units.unit(unit).fill(0, 700).delayNanos =
          () -> (long) ((13 + 2 * words(units.asked.getLast())) * character + delay);
    }
    var line =
        new Line.Serial("bench", "/dev/ttyTEST", format, "auto", false, SECOND, devices, null);
    var bench = new Bench(line, units, units);
    // The plan settles with the delays that are measured.
    bench.run(Duration.ofSeconds(30));
    units.asked.clear();
    Duration measured = Duration.ofSeconds(60);
    bench.run(measured);
    double limit = 0;
    for (String asked : units.asked) {
      limit += (13 + 2 * words(asked)) * character + delay + gap;
    }
    double share = limit / measured.toNanos();
    System.out.printf(
        Locale.ROOT,
        "%d baud %s, devices take %d ms: %d requests, the formula's limit %.1f, %.2f %%%n",
        baud,
        parity,
        delayMillis,
        units.asked.size(),
        units.asked.size() / share,
        100 * share);
    assertTrue(share >= 0.998, "share of the limit: " + share);
    assertTrue(share <= 1.001, "faster than the wire: " + share);
    int percent = bench.step.snapshot().busyPercent();
    assertTrue(percent >= 80, "in use " + percent + " %");
    assertTrue(bench.samples.stream().allMatch(sample -> sample.failed() == null));
  }

  @Test
  void theSnapshotsPlanIsWhatTheLineDoes() {
    var format = new CharacterFormat(9600, Line.Parity.NONE, 1);
    double character = 1e9 * 10 / 9600;
    var units = new FakeUnits(Framing.RTU);
    List<Device> devices = new ArrayList<>();
    for (int unit = 1; unit <= 3; unit++) {
      devices.add(Bench.device("m" + unit, unit, METER, SECOND, SECOND));
      units.unit(unit).fill(0, 700).delayNanos =
          () -> (long) ((13 + 2 * words(units.asked.getLast())) * character + 10e6);
    }
    var line =
        new Line.Serial("bench", "/dev/ttyTEST", format, "auto", false, SECOND, devices, null);
    var bench = new Bench(line, units, units);
    bench.run(Duration.ofMinutes(2));
    var snapshot = bench.step.snapshot();
    var schedule = snapshot.schedule();
    assertTrue(schedule != null);
    assertEquals(10_000, (double) snapshot.devices().getFirst().delayMicros(), 20.0);
    assertEquals(schedule.blocks(), snapshot.devices().stream().mapToInt(d -> d.blocks()).sum());
    // What the plan predicts of a round is what the last one took.
    int asked = units.asked.size();
    bench.run(SECOND);
    double took = 0;
    for (String each : units.asked.subList(asked, units.asked.size())) {
      took += (13 + 2 * words(each)) * character + 10e6 + 3.5 * character;
    }
    assertEquals(took / 1000, (double) schedule.cycleMicros(), 100.0);
    assertEquals(100.0 * took / 1e9, (double) schedule.utilisationPercent(), 1.0);
  }

  private static Line line(Kind kind, List<Device> devices) {
    return kind == Kind.DLT645
        ? Bench.line(Framing.RTU, SECOND, devices.toArray(new Device[0]))
        : Bench.line(Framing.valueOf(kind.name()), SECOND, devices.toArray(new Device[0]));
  }

  private static Device dlt645(String id, int unit, Duration every) {
    return Parts.device(
        id,
        Bench.profile(
            DeviceProfile.Protocol.DLT645,
            Parts.register(
                Point.of("energy_import"),
                RegisterPoint.ITEM,
                0x00010000,
                DeviceProfile.Type.DIGITS,
                4,
                DeviceProfile.WordOrder.LITTLE,
                new BigDecimal("0.01"),
                -1,
                DeviceProfile.Ratio.NONE,
                List.of(),
                null,
                SECOND,
                Long.MIN_VALUE,
                Long.MAX_VALUE,
                Map.of())),
        -1,
        "%012d".formatted(unit),
        every,
        every,
        BigDecimal.ONE,
        BigDecimal.ONE,
        Map.of(),
        null,
        List.of(),
        null,
        null,
        null);
  }

  @ParameterizedTest
  @CsvSource({"TCP, 1", "RTU, 2", "RTU_OVER_TCP, 2", "DLT645, 4"})
  void sixteenOfTwentyUnitsKeepTheirReadingsWhileFourAreDead(Kind kind, int everySeconds) {
    Duration every = Duration.ofSeconds(everySeconds);
    double character = 1e9 * 10 / 9600;
    List<Integer> dead = List.of(3, 8, 13, 18);
    var units = new FakeUnits(kind == Kind.TCP ? Framing.TCP : Framing.RTU);
    var meters = new FakeMeters();
    List<Device> devices = new ArrayList<>();
    for (int unit = 1; unit <= 20; unit++) {
      String id = "m" + unit;
      if (kind == Kind.DLT645) {
        devices.add(dlt645(id, unit, every));
        FakeMeters.Meter meter = meters.meter("%012d".formatted(unit));
        meter.set(0x00010000, "01 00 00 00").set(0x04000102, "00 30 14");
        meter.delayNanos = () -> (long) (44 * character + 30e6);
      } else {
        DeviceProfile small = Bench.profile(register("power", 0), register("power_l1", 1));
        devices.add(Bench.device(id, unit, small, every, every));
        units.unit(unit).fill(0, 10).delayNanos =
            () ->
                kind == Kind.TCP
                    ? 15_000_000L
                    : (long) ((13 + 2 * words(units.asked.getLast())) * character + 15e6);
      }
    }
    var bench = new Bench(line(kind, devices), units, kind == Kind.DLT645 ? meters : units);
    bench.run(Duration.ofMinutes(2));
    for (int unit : dead) {
      units.unit(unit).silent = true;
      meters.meter("%012d".formatted(unit)).silent = true;
    }
    bench.samples.clear();
    units.asked.clear();
    meters.asked.clear();
    Duration measured = Duration.ofMinutes(30);
    bench.run(measured);
    long expected = measured.toSeconds() / everySeconds;
    double worst = 1;
    for (Device device : devices) {
      if (dead.contains(Integer.parseInt(device.id().substring(1)))) {
        continue;
      }
      long good = bench.samplesOf(device.id()).stream().filter(LineBenchTest::isGood).count();
      worst = Math.min(worst, (double) good / expected);
    }
    List<String> asked = kind == Kind.DLT645 ? meters.asked : units.asked;
    long inVain = asked.stream().filter(each -> isOf(each, dead)).count();
    // The polls that found out that they are dead are no probes: three of each, at most.
    long probes = Math.max(0, inVain - 3L * dead.size());
    long costNanos = kind == Kind.TCP ? 1_000_000_000L : 1_300_000_000L;
    double share = (double) probes * costNanos / measured.toNanos();
    System.out.printf(
        Locale.ROOT,
        "%s: worst of 16 has %.2f %% of its readings; %d probes, %.2f %% of the line%n",
        kind,
        100 * worst,
        probes,
        100 * share);
    assertTrue(worst >= 0.983, "worst: " + worst);
    assertTrue(share <= 0.02, "probes take " + share);
    assertTrue(probes > 0, "dead units are still looked for");
  }

  private static boolean isGood(Sample sample) {
    return sample.failed() == null && sample.bad().isEmpty();
  }

  private static boolean isOf(@Nullable String asked, List<Integer> units) {
    if (asked == null) {
      return false;
    }
    int unit = Integer.parseInt(asked.substring(0, asked.indexOf('/')));
    return IntStream.range(0, units.size()).anyMatch(i -> units.get(i) == unit);
  }
}
