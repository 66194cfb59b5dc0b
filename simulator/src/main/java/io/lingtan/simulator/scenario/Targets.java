package io.lingtan.simulator.scenario;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.GpioInput;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.fault.HostFault.SiteChanged.Change;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What on a site can be struck.
 *
 * @param points names of the points of each device, by its id
 * @param absent those of them that have a way to say "not available"
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
    lines = List.copyOf(lines);
    nodes = List.copyOf(nodes);
    asked = List.copyOf(asked);
    observed = List.copyOf(observed);
    inputs = List.copyOf(inputs);
    pulses = List.copyOf(pulses);
    changes = copy(changes);
  }

  /** A site whose lines all carry frames of bytes. */
  public Targets(
      SortedMap<String, List<String>> points,
      SortedMap<String, List<String>> absent,
      List<String> lines) {
    this(
        points,
        absent,
        lines,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Collections.emptySortedMap());
  }

  /**
   * What there is on a site.
   *
   * @param meters those on lines that carry frames of bytes, with those points that can say "not
   *     available"
   */
  public static Targets of(Site site, Map<Meter, List<Point>> meters) {
    SortedMap<String, List<String>> points = new TreeMap<>();
    SortedMap<String, List<String>> absent = new TreeMap<>();
    meters.forEach(
        (meter, silent) -> {
          points.put(meter.id(), names(meter.points()));
          absent.put(meter.id(), names(silent));
        });
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
    return new Targets(points, absent, lines, nodes, asked, observed, inputs, pulses, changes);
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
      case ABSENT -> absent.getOrDefault(device, List.of());
      case DEVICE, POINT, LINE, SITE, NODE, ASKED, OBSERVED, INPUT, PULSES -> all;
    };
  }

  /** Whether a knob can stand at a value where a device is struck. */
  boolean allows(Knob knob, String device, long value) {
    return knob.unit() != Knob.Unit.WORD
        || changes.getOrDefault(device, List.of()).contains(knob.text(value));
  }

  /** Ids of everybody whom a kind can strike; one empty id for the site itself. */
  List<String> of(Kind kind) {
    return switch (kind.strikes()) {
      case DEVICE, POINT -> new ArrayList<>(points.keySet());
      case COUNTER, ABSENT ->
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
