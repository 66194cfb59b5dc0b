package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.FakeUnits.Served;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Line;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * In each block one register holds a number that stands nowhere else, and one the number of the
 * request that asks for it. A recorded value therefore tells from which request's answer it was
 * taken, be it another block's or the same block's of the poll before.
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

  private static final long GIVES_UP_NANOS = 300 * MILLI;

  private static final Set<String> NUMBERED = Set.of("voltage_l2", "current_l2");

  private static int number(int unit, int address) {
    return unit * 10_000 + address;
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aReplyThatArrivesAfterTheTimeoutNeverYieldsAValue(Framing framing) {
    var bench = new Bench(framing, 1_000_000, TIMEOUT, units());
    bench.channel.keepingOverReconnection();
    assertNoLateReplyYieldsAValue(bench, framing.toString());
    assertTrue(bench.step.snapshot().foreign() > 0, "late replies were counted");
  }

  private static Device[] units() {
    return new Device[] {
      device("one", 1, FIRST), device("two", 2, SECOND), device("three", 3, FIRST)
    };
  }

  private static Bench behindAConverter(FakeChannel.Peer peer, FakeUnits units) {
    var line =
        new Line.ModbusTcp(
            "test", "127.0.0.1", 502, false, false, 1, true, TIMEOUT, List.of(units()), null);
    var bench = new Bench(line, units, peer);
    bench.channel.keepingOverReconnection().relabelling();
    return bench;
  }

  /** Its transaction ids are worth nothing, which the site file says. */
  @Test
  void neitherDoesOneThatAConverterGivesTheTransactionOfAnotherRequest() {
    var units = new FakeUnits(Framing.TCP);
    assertNoLateReplyYieldsAValue(behindAConverter(units, units), "relabelled");
  }

  /** The converter gives up before we do, says so, and hands on what the unit still answers. */
  @Test
  void neitherDoesOneThatComesAfterTheConverterHasGivenItsUnitUp() {
    var units = new FakeUnits(Framing.TCP);
    FakeChannel.Peer converter =
        (channel, frame) -> {
          int before = units.served.size();
          units.request(channel, frame);
          boolean served = units.served.size() > before;
          Served last = served ? units.served.getLast() : null;
          if (last == null || last.arrivesNanos() - last.sentNanos() > GIVES_UP_NANOS) {
            int function = frame[7] & 0xFF;
            byte[] pdu = {(byte) (function | 0x80), 11};
            channel.deliver(GIVES_UP_NANOS, units.frame(0, frame[6] & 0xFF, pdu));
          }
        };
    assertNoLateReplyYieldsAValue(behindAConverter(converter, units), "given up");
  }

  private static void assertNoLateReplyYieldsAValue(Bench bench, String what) {
    long seed = 20_261_125_001L;
    System.out.println("seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    int[] late = new int[1];
    for (int unit = 1; unit <= 3; unit++) {
      var served = bench.units.unit(unit);
      for (int address = 0; address < 1100; address++) {
        served.set(address, number(unit, address));
      }
      Map<String, Integer> addresses = unit == 2 ? SECOND : FIRST;
      NUMBERED.forEach(point -> served.numbered.add(addresses.get(point)));
      served.delayNanos =
          () -> {
            long delay = delay(random);
            late[0] += delay > TIMEOUT.toNanos() ? 1 : 0;
            return delay;
          };
    }
    bench.run(Duration.ofHours(2));
    assertTrue(bench.units.served.size() < 65_536, "request numbers fit into a register");

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
        int address = Objects.requireNonNull(addresses.get(point.name()), point.name());
        long taken = sample.values().micros(i) / 1_000_000L;
        if (NUMBERED.contains(point.name())) {
          assertOutstanding(bench, (int) taken, unit, address, sample);
        } else {
          assertEquals(number(unit, address), taken, sample::toString);
        }
        values++;
      }
    }
    System.out.println(what + ": " + late[0] + " late replies, " + values + " values");
    assertTrue(late[0] >= 2_000, "only " + late[0] + " replies were late");
    assertTrue(values >= 2_000, "only " + values + " values came");
  }

  /** The request was the last one sent, and not given up yet, when its answer came. */
  private static void assertOutstanding(
      Bench bench, int number, int unit, int address, Sample sample) {
    Served request = bench.units.served.get(number);
    Supplier<@Nullable String> what =
        () ->
            "%s holds the answer to request %d, %s, which took %d ms"
                .formatted(
                    sample,
                    number,
                    request,
                    (request.arrivesNanos() - request.sentNanos()) / MILLI);
    assertEquals(unit, request.unit(), what);
    assertTrue(request.read().covers(new BlockRead(3, address, 1)), what);
    long wire = WireCost.of(bench.line, null, 0).wireNanos(new Ask.Registers(request.read()));
    long givenUpNanos = request.sentNanos() + TIMEOUT.toNanos() + wire;
    assertTrue(request.arrivesNanos() <= givenUpNanos, what);
    if (number + 1 < bench.units.served.size()) {
      long nextNanos = bench.units.served.get(number + 1).sentNanos();
      assertTrue(request.arrivesNanos() <= nextNanos, what);
    }
  }
}
