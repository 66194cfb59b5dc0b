package io.lingtan.simulator.campaign;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Meters;
import io.lingtan.simulator.device.TcpStep;
import io.lingtan.simulator.device.Wiring;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.World;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The witness: meters on real sockets whose energy goes up by one with each reading, so that no two
 * readings of a meter are the same, and a log of everything that they served.
 */
final class CountingMeters implements AutoCloseable {

  static final int LINES = 2;
  static final int UNITS = 4;

  /** No two meters ever show the same number. */
  private static final long SPAN = 10_000_000;

  private final long[] numbers = new long[LINES * UNITS];
  private final ConcurrentLinkedQueue<Served> served = new ConcurrentLinkedQueue<>();
  private final List<Integer> ports = new ArrayList<>();
  private final Loop loop;

  /**
   * @param atMillis UTC ms at which it was served
   */
  record Served(String device, long counts, long atMillis) {}

  CountingMeters(String address) throws IOException {
    Time time = new SystemTime(List.of("system"));
    MonotonicInstant now = time.now();
    World world = new World(Plant.demo(1));
    TcpStep step = new TcpStep(world, WorldClock.realTime(now, world.stepStart()), now);
    for (int line = 0; line < LINES; line++) {
      Endpoint endpoint =
          new Endpoint("line" + (line + 1), Wiring.tcp(), world, new FaultPlan(), 2);
      for (int unit = 1; unit <= UNITS; unit++) {
        int index = line * UNITS + unit - 1;
        numbers[index] = (index + 1) * SPAN;
        endpoint.with(
            unit,
            Meters.counting(
                device(index), (w, millis) -> numbers[index], (w, millis) -> 1_000 + index));
      }
      endpoint.log(
          (meter, function, at, words, millis, reply, from) -> {
            if (meter.points(function, at, words).contains(Point.of("energy_import"))) {
              int index = Integer.parseInt(meter.id().substring(1)) - 1;
              served.add(new Served(meter.id(), numbers[index]++, System.currentTimeMillis()));
            }
          });
      ports.add(step.listen(endpoint, new InetSocketAddress(InetAddress.ofLiteral(address), 0)));
    }
    loop = new Loop(step, time);
    loop.start();
  }

  private static String device(int index) {
    return "m" + (index + 1);
  }

  /** The site file's lines. */
  String lines(String address) {
    StringBuilder text = new StringBuilder("lines:\n");
    for (int line = 0; line < LINES; line++) {
      text.append(
          """
            - id: line%d
              modbus-tcp: {host: %s, port: %d, timeout: 1s}
              devices:
          """
              .formatted(line + 1, address, ports.get(line)));
      for (int unit = 1; unit <= UNITS; unit++) {
        text.append(
            "      - {id: %s, profile: counting-meter, unit: %d, every: 1s, record: 1s}\n"
                .formatted(device(line * UNITS + unit - 1), unit));
      }
    }
    return text.toString();
  }

  /** The profile that reads them. */
  static String profile() {
    return """
    name: counting-meter
    kind: meter
    maker: none
    document: "the campaign's own"
    source: https://www.modbus.org/modbus-specifications
    example: true
    defaults: {function: 3, type: uint32, update: 1s}
    points:
      energy_import: {address: 0, unit: 0.001kW.h}
      power: {address: 100, unit: W}
    """;
  }

  /** Everything served so far, in order. */
  List<Served> served() {
    return List.copyOf(served);
  }

  @Override
  public void close() {
    loop.stop(Duration.ofSeconds(5));
  }
}
