package io.lingtan.simulator.scenario;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.GpioInput;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.device.site.SimulatedSite;
import io.lingtan.simulator.fault.HostFault.SiteChanged.Change;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What on a site can be struck.
 *
 * @param points names of the points of each device, by its id
 * @param absent those of them that have a way to say "not available"
 * @param round those of them that count energy and begin again at 0 where they are full
 * @param lines ids of the lines that carry frames of bytes
 * @param nodes devices on CoAP lines
 * @param asked those of them that are asked, and do not push
 * @param observed those of these that are observed
 * @param inputs devices at GPIO inputs
 * @param pulses those of them whose pulses are counted
 * @param changes what can be changed about each device in the site file, in words
 */
public record Targets(
    SortedMap<String, List<String>> points,
    SortedMap<String, List<String>> absent,
    SortedMap<String, List<String>> round,
    List<String> lines,
    List<String> nodes,
    List<String> asked,
    List<String> observed,
    List<String> inputs,
    List<String> pulses,
    SortedMap<String, List<String>> changes) {

  public Targets {
    points = copy(points);
    absent = copy(absent);
    round = copy(round);
    lines = List.copyOf(lines);
    nodes = List.copyOf(nodes);
    asked = List.copyOf(asked);
    observed = List.copyOf(observed);
    inputs = List.copyOf(inputs);
    pulses = List.copyOf(pulses);
    changes = copy(changes);
  }

  /** What there is on a site. */
  public static Targets of(SimulatedSite simulated) {
    Site site = simulated.site();
    SortedMap<String, List<String>> points = new TreeMap<>();
    SortedMap<String, List<String>> absent = new TreeMap<>();
    SortedMap<String, List<String>> round = new TreeMap<>();
    for (Endpoint endpoint : simulated.endpoints()) {
      for (Meter meter : endpoint.meters()) {
        points.put(meter.id(), names(meter.points()));
        absent.put(meter.id(), names(absent(site, meter)));
        round.put(
            meter.id(),
            names(
                meter.points().stream()
                    .filter(Targets::countsEnergy)
                    .filter(meter::isRound)
                    .toList()));
      }
    }
    List<String> lines = new ArrayList<>();
    List<String> nodes = new ArrayList<>();
    List<String> asked = new ArrayList<>();
    List<String> observed = new ArrayList<>();
    List<String> inputs = new ArrayList<>();
    List<String> pulses = new ArrayList<>();
    for (Line line : site.lines()) {
      if (line.isPolled()) {
        lines.add(line.id());
      }
      for (Device device : line.devices()) {
        CoapResource resource = device.coap();
        if (resource != null) {
          nodes.add(device.id());
          if (line instanceof Line.Coap) {
            asked.add(device.id());
          }
          if (resource.observe()) {
            observed.add(device.id());
          }
        }
        if (device.gpio() != null) {
          inputs.add(device.id());
        }
        if (device.gpio() instanceof GpioInput.Pulses) {
          pulses.add(device.id());
        }
      }
    }
    SortedMap<String, List<String>> changes = new TreeMap<>();
    site.devices().forEach(device -> changes.put(device.id(), changes(device, site)));
    return new Targets(
        points, absent, round, lines, nodes, asked, observed, inputs, pulses, changes);
  }

  /** Points for which the maker's document has a way to say "not available". */
  private static List<Point> absent(Site site, Meter meter) {
    DeviceProfile profile =
        site.devices().stream()
            .filter(device -> device.id().equals(meter.id()))
            .map(Device::profile)
            .findFirst()
            .orElseThrow();
    return meter.pointsWithSentinel().stream()
        .filter(point -> canBeAbsent(profile, point))
        .toList();
  }

  private static boolean canBeAbsent(DeviceProfile profile, Point point) {
    if (profile.protocol() == DeviceProfile.Protocol.DLT645
        || profile.protocol() == DeviceProfile.Protocol.CJT188
        || profile.protocol() == DeviceProfile.Protocol.MBUS) {
      return true;
    }
    for (RegisterPoint register : profile.allPoints()) {
      if (point.equals(register.point())) {
        return switch (register.type()) {
          case FLOAT32, FLOAT64 -> true;
          case INT16, UINT16, INT32, UINT32, INT64, UINT64 -> !register.sentinels().isEmpty();
          // An accumulator says so with 0, which the simulated ones never do.
          default -> false;
        };
      }
    }
    return false;
  }

  private static boolean countsEnergy(Point point) {
    return point.name().startsWith("energy_");
  }

  private static List<String> changes(Device device, Site site) {
    List<Site.Meter> own =
        site.metering().meters().stream()
            .filter(meter -> meter.device().equals(device.id()))
            .toList();
    // Every site has a gate.
    boolean gate = own.stream().anyMatch(meter -> meter.role() == Role.GRID);
    boolean ratio =
        device.ct().compareTo(BigDecimal.ONE) != 0
            && device.profile().allPoints().stream()
                .anyMatch(point -> point.ratio() == Ratio.CT || point.ratio() == Ratio.CT_PT);
    return Stream.of(Change.values())
        .filter(
            change ->
                switch (change) {
                  case TAKEN_OUT -> !gate;
                  case METER_OUT -> !gate && !own.isEmpty();
                  case RATIO_HALVED -> ratio;
                  case RENAMED, PERIOD_CHANGED -> true;
                })
        .map(Change::word)
        .toList();
  }

  private static List<String> names(List<Point> points) {
    return points.stream().map(Point::name).toList();
  }

  private static SortedMap<String, List<String>> copy(SortedMap<String, List<String>> lists) {
    TreeMap<String, List<String>> copy = new TreeMap<>();
    for (Map.Entry<String, List<String>> device : lists.entrySet()) {
      copy.put(device.getKey(), List.copyOf(device.getValue()));
    }
    return Collections.unmodifiableSortedMap(copy);
  }

  /** Points of a device that a kind can strike. */
  List<String> points(Kind kind, String device) {
    List<String> all = points.getOrDefault(device, List.of());
    return switch (kind.strikes()) {
      case COUNTER -> all.stream().filter(point -> point.startsWith("energy_")).toList();
      case ROUND -> round.getOrDefault(device, List.of());
      case ABSENT -> absent.getOrDefault(device, List.of());
      case DEVICE, POINT, LINE, SITE, NODE, ASKED, OBSERVED, INPUT, PULSES -> all;
    };
  }

  /** Where in a range a knob that stands at words can stand, where a device is struck. */
  List<Long> values(Knob knob, Range range, String device) {
    List<String> possible = changes.getOrDefault(device, List.of());
    return LongStream.rangeClosed(range.low(), range.high())
        .filter(value -> possible.contains(knob.text(value)))
        .boxed()
        .toList();
  }

  /** Ids of everybody whom a kind can strike; one empty id for the site itself. */
  List<String> of(Kind kind) {
    return switch (kind.strikes()) {
      case DEVICE, POINT -> new ArrayList<>(points.keySet());
      case COUNTER, ROUND, ABSENT ->
          points.keySet().stream().filter(id -> !points(kind, id).isEmpty()).toList();
      case LINE -> lines;
      case NODE -> nodes;
      case ASKED -> asked;
      case OBSERVED -> observed;
      case INPUT -> inputs;
      case PULSES -> pulses;
      case SITE -> List.of("");
    };
  }
}
