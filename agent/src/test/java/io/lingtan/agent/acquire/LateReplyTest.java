package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import java.time.Duration;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each register of each unit holds a number that stands nowhere else. A value recorded for a point
 * is therefore either the right one, or was taken from another request's answer.
 */
final class LateReplyTest {

  private static final Duration TIMEOUT = Duration.ofMillis(400);
  private static final long MILLI = 1_000_000L;

  /** Two blocks of equal length, far apart, so that their answers look alike. */
  private static final Map<String, Integer> FIRST =
      Map.of("voltage_l1", 100, "voltage_l2", 101, "current_l1", 900, "current_l2", 901);

  private static final Map<String, Integer> SECOND =
      Map.of("voltage_l1", 200, "voltage_l2", 201, "current_l1", 1000, "current_l2", 1001);

  private static DeviceProfile profile(Map<String, Integer> addresses) {
    return Bench.profile(
        addresses.entrySet().stream()
            .map(
                entry ->
                    Bench.register(
                        entry.getKey(), 3, entry.getValue(), DeviceProfile.Type.UINT16, "1"))
            .toArray(RegisterPoint[]::new));
  }

  private static Device device(String id, int unit, Map<String, Integer> addresses) {
    Duration second = Duration.ofSeconds(1);
    return Bench.device(id, unit, profile(addresses), second, second);
  }

  /** Mostly prompt, often late by anything up to several timeouts, sometimes never. */
  private static long delay(RandomGenerator random) {
    return switch (random.nextInt(8)) {
      case 0, 1 -> random.nextLong(400, 900) * MILLI;
      case 2 -> random.nextLong(400, 4_000) * MILLI;
      case 3 -> random.nextLong(395, 405) * MILLI;
      default -> random.nextLong(2, 300) * MILLI;
    };
  }

  private static int number(int unit, int address) {
    return unit * 10_000 + address;
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aReplyThatArrivesAfterTheTimeoutNeverYieldsAValue(Framing framing) {
    long seed = 20_261_125_001L;
    System.out.println("seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    var bench =
        new Bench(
            framing,
            1_000_000,
            TIMEOUT,
            device("one", 1, FIRST),
            device("two", 2, SECOND),
            device("three", 3, FIRST));
    bench.channel.keepingOverReconnection();
    int[] late = new int[1];
    for (int unit = 1; unit <= 3; unit++) {
      var served = bench.units.unit(unit);
      for (int address = 0; address < 1100; address++) {
        served.set(address, number(unit, address));
      }
      served.delayNanos =
          () -> {
            long delay = delay(random);
            late[0] += delay > TIMEOUT.toNanos() ? 1 : 0;
            return delay;
          };
    }
    bench.run(Duration.ofHours(2));

    int values = 0;
    for (Sample sample : bench.samples) {
      int unit =
          switch (sample.device()) {
            case "one" -> 1;
            case "two" -> 2;
            default -> 3;
          };
      Map<String, Integer> addresses = unit == 2 ? SECOND : FIRST;
      for (int i = 0; i < sample.values().size(); i++) {
        Point point = sample.values().point(i);
        Integer address = addresses.get(point.name());
        assertEquals(
            number(unit, address == null ? -1 : address) * 1_000_000L,
            sample.values().micros(i),
            () -> sample.toString());
        values++;
      }
    }
    System.out.println(framing + ": " + late[0] + " late replies, " + values + " values");
    assertTrue(late[0] >= 2_000, "only " + late[0] + " replies were late");
    assertTrue(values >= 2_000, "only " + values + " values came");
    assertTrue(bench.step.snapshot().foreign() > 0, "late replies were counted");
  }
}
