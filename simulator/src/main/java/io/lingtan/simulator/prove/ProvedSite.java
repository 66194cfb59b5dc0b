package io.lingtan.simulator.prove;

import io.lingtan.agent.site.Device;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Measuring;
import io.lingtan.simulator.device.site.SimulatedSite;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.scenario.Targets;
import io.lingtan.simulator.world.World;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A simulated site with the site file that an agent reads it by: the kept one as {@link
 * SiteEdits#proved} has it.
 */
final class ProvedSite {

  /** Of every device, from request to reply. */
  private static final long REPLY_MILLIS = 20;

  private final SimulatedSite simulated;

  /** Where relative paths in the kept file begin; null where it lies in no folder. */
  private final @Nullable Path home;

  private final SortedMap<String, Measuring> devices = new TreeMap<>();

  private ProvedSite(SimulatedSite simulated, @Nullable Path home) {
    this.simulated = simulated;
    this.home = home;
    simulated.devices().forEach(device -> devices.put(device.id(), device));
  }

  /**
   * The site of a name, or of a site file with a world file beside it, at its beginning.
   *
   * @throws IllegalArgumentException saying what is wrong, if there is no such site
   */
  static ProvedSite of(String name, long seed) {
    if (!name.endsWith(".yaml")) {
      return new ProvedSite(SimulatedSite.of(name, seed, REPLY_MILLIS), null);
    }
    try {
      SimulatedSite.Built built = SimulatedSite.load(Path.of(name), seed, REPLY_MILLIS);
      SimulatedSite site = built.site();
      if (site == null) {
        throw new IllegalArgumentException(
            built.problems().stream().map(Object::toString).collect(Collectors.joining("\n")));
      }
      return new ProvedSite(site, Path.of(name).toAbsolutePath().getParent());
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
    return Targets.of(simulated);
  }

  /** Ids of the devices on the same line. */
  List<String> neighbours(String device) {
    return simulated.site().lines().stream()
        .map(line -> line.devices().stream().map(Device::id).toList())
        .filter(ids -> ids.contains(device))
        .findFirst()
        .orElseThrow();
  }

  /**
   * The site as an agent loads it.
   *
   * @param folder where its file is written
   * @param journalBytes most that its journal keeps; null for what the kept file says
   * @throws IllegalArgumentException saying what is wrong, if an agent cannot load it
   */
  SiteVersions load(Path folder, Path journal, @Nullable Long journalBytes) {
    return new SiteVersions(
        SiteEdits.proved(simulated.text(), home, journal), folder, journalBytes);
  }
}
