package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.Line;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How a line is read, for a person to see: which requests, how long they take, how full the line
 * is.
 *
 * @param line the line's id
 * @param rounds what is asked of each device, by period
 */
public record Plan(String line, List<Round> rounds) {

  private static final SunSpecChain.Model TYPICAL_SUNSPEC_MODEL =
      new SunSpecChain.Model(40_070, 200);

  public Plan {
    rounds = List.copyOf(rounds);
  }

  /**
   * What is asked of one device with one period.
   *
   * @param assumed whether the addresses are a guess, because the device is searched for its map
   *     (SunSpec) and has not been yet
   */
  public record Round(String device, Duration every, List<Request> requests, boolean assumed) {
    public Round {
      requests = List.copyOf(requests);
    }

    /** Time that the line is in use for it. */
    public Duration time() {
      return requests.stream().map(Request::time).reduce(Duration.ZERO, Duration::plus);
    }
  }

  /**
   * One request.
   *
   * @param points the values that are taken out of the answer; registers between them are read
   *     along
   * @param time from the first character of the request to the end of the pause behind the reply
   */
  public record Request(BlockRead read, List<Point> points, Duration time) {
    public Request {
      points = List.copyOf(points);
    }
  }

  /**
   * Share of its time that the line is in use, in percent. Above 100 polls will be left out; above
   * about 80 there is little room for repetitions.
   */
  public double utilisationPercent() {
    double sum = 0;
    for (Round round : rounds) {
      sum += 100.0 * round.time().toNanos() / round.every().toNanos();
    }
    return sum;
  }

  /**
   * The plan of a Modbus line before anything is measured, with usual delays.
   *
   * @throws IllegalArgumentException if the line does not carry Modbus
   */
  public static Plan of(Line line) {
    if (!line.isPolled()) {
      throw new IllegalArgumentException("line " + line.id() + " does not carry Modbus");
    }
    List<Round> rounds = new ArrayList<>();
    for (Device device : line.devices()) {
      WireCost cost = WireCost.of(line, device.profile().turnaround().toNanos());
      boolean assumed = device.profile().protocol() == Protocol.SUNSPEC;
      List<Register> registers =
          Station.registers(
              device,
              assumed
                  ? Map.of(device.profile().models().firstEntry().getKey(), TYPICAL_SUNSPEC_MODEL)
                  : Map.of());
      for (int group = -1; group < device.groups().size(); group++) {
        List<Register> members = Station.membersOf(device, registers, group);
        rounds.add(
            round(
                device,
                group < 0 ? device.every() : device.groups().get(group).every(),
                new Planner(members, device.profile().maxWords(), cost),
                assumed));
      }
    }
    return new Plan(line.id(), rounds);
  }

  static Round round(Device device, Duration every, Planner planner, boolean assumed) {
    List<Request> requests = new ArrayList<>();
    for (Block block : planner.blocks()) {
      requests.add(
          new Request(
              block.read(),
              block.registers().stream().map(Register::point).sorted().toList(),
              Duration.ofNanos(planner.cost().nanos(block.read()))));
    }
    return new Round(device.id(), every, requests, assumed);
  }
}
