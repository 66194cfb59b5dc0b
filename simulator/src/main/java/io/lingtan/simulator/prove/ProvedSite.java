package io.lingtan.simulator.prove;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Measuring;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.device.SimulatedSite;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.scenario.Targets;
import io.lingtan.simulator.world.World;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A simulated site with the site file that an agent reads it by. Records every ten seconds and
 * quarters of an hour, as a gateway in the field has them, whatever the kept file says.
 */
final class ProvedSite {

  /** Of every device, from request to reply. */
  private static final long REPLY_MILLIS = 20;

  private final SimulatedSite simulated;
  private final SortedMap<String, Measuring> devices = new TreeMap<>();

  private ProvedSite(SimulatedSite simulated) {
    this.simulated = simulated;
    simulated.devices().forEach(device -> devices.put(device.id(), device));
  }

  /**
   * The site of a name, or of a site file with a world file beside it, at its beginning.
   *
   * @throws IllegalArgumentException saying what is wrong, if there is no such site
   */
  static ProvedSite of(String name, long seed) {
    if (!name.endsWith(".yaml")) {
      return new ProvedSite(SimulatedSite.of(name, seed, REPLY_MILLIS));
    }
    try {
      SimulatedSite.Built built = SimulatedSite.load(Path.of(name), seed, REPLY_MILLIS);
      SimulatedSite site = built.site();
      if (site == null) {
        throw new IllegalArgumentException(
            built.problems().stream().map(Object::toString).collect(Collectors.joining("\n")));
      }
      return new ProvedSite(site);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read the site " + name + ": " + e.getMessage(), e);
    }
  }

  World world() {
    return simulated.world();
  }

  FaultPlan faults() {
    return simulated.faults();
  }

  List<Endpoint> endpoints() {
    return simulated.endpoints();
  }

  SimulatedSite simulated() {
    return simulated;
  }

  /** Every device by its id. */
  SortedMap<String, Measuring> devices() {
    return devices;
  }

  /** What faults can strike. */
  Targets targets() {
    Map<Meter, List<Point>> silent = new LinkedHashMap<>();
    for (Endpoint endpoint : endpoints()) {
      for (Meter meter : endpoint.meters()) {
        DeviceProfile profile = device(meter.id()).profile();
        silent.put(
            meter,
            profile.protocol() == DeviceProfile.Protocol.DLT645
                ? meter.pointsWithSentinel()
                : meter.points().stream().filter(point -> canBeAbsent(profile, point)).toList());
      }
    }
    return Targets.of(simulated.site(), silent);
  }

  /** Ids of the devices on the same line. */
  List<String> neighbours(String device) {
    return simulated.site().lines().stream()
        .map(line -> line.devices().stream().map(Device::id).toList())
        .filter(ids -> ids.contains(device))
        .findFirst()
        .orElseThrow();
  }

  private Device device(String id) {
    return simulated.site().devices().stream()
        .filter(device -> device.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  /** Whether the maker's document gives the point a way to say "not available". */
  private static boolean canBeAbsent(DeviceProfile profile, Point point) {
    for (RegisterPoint register : profile.allPoints()) {
      if (register.point() == point) {
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

  /**
   * The site as an agent loads it.
   *
   * @param folder where its file is written
   */
  SiteVersions load(Path folder, Path journal) {
    return new SiteVersions(
        simulated
            .siteFile(Map.of(), "mqtt://127.0.0.1:1883", journal, 0)
            .replace("interval: 1m", "interval: 15m")
            .replace("record: 1s", "record: 10s"),
        folder);
  }
}
