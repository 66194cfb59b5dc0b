package io.lingtan.agent.acquire.poll;

import io.lingtan.agent.acquire.plan.Block;
import io.lingtan.agent.acquire.plan.Planning;
import io.lingtan.agent.acquire.plan.SunSpecChain;
import io.lingtan.agent.acquire.plan.WireValue;
import io.lingtan.agent.acquire.wire.WireCost;
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
public record ReadPlan(String line, List<Round> rounds) {

  private static final SunSpecChain.Model TYPICAL_SUNSPEC_MODEL =
      new SunSpecChain.Model(40_070, 200);

  public ReadPlan {
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
   * @param what function, first register and number of registers, or the data item
   * @param points the values that are taken out of the answer; registers between them are read
   *     along
   * @param time from the first character of the request to the end of the pause behind the reply
   */
  public record Request(String what, List<Point> points, Duration time) {
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
   * The plan of a polled line before anything is measured, with usual delays.
   *
   * @throws IllegalArgumentException if the line is not polled
   */
  public static ReadPlan of(Line line) {
    if (!line.isPolled()) {
      throw new IllegalArgumentException("line " + line.id() + " is not polled");
    }
    List<Round> rounds = new ArrayList<>();
    for (Device device : line.devices()) {
      WireCost cost = WireCost.of(line, device);
      boolean assumed = device.profile().protocol() == Protocol.SUNSPEC;
      List<WireValue> values =
          Station.values(
              device,
              assumed
                  ? Map.of(device.profile().models().firstEntry().getKey(), TYPICAL_SUNSPEC_MODEL)
                  : Map.of());
      for (int group = -1; group < device.groups().size(); group++) {
        List<WireValue> members = Station.membersOf(device, values, group);
        rounds.add(
            round(
                device,
                group < 0 ? device.every() : device.groups().get(group).every(),
                Planning.of(members, device.profile().maxWords(), cost),
                assumed));
      }
    }
    return new ReadPlan(line.id(), rounds);
  }

  static Round round(Device device, Duration every, Planning planner, boolean assumed) {
    List<Request> requests = new ArrayList<>();
    for (Block block : planner.blocks()) {
      requests.add(
          new Request(
              block.ask().toString(),
              block.values().stream().map(WireValue::point).sorted().toList(),
              Duration.ofNanos(planner.cost().nanos(block.ask()))));
    }
    return new Round(device.id(), every, requests, assumed);
  }
}
