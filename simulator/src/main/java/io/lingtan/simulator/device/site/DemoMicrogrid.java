package io.lingtan.simulator.device.site;

import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.World;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The demonstration site: its world, its meters on four lines, and the site file with which an
 * agent reads them ({@code config/sites/demo-microgrid.yaml}).
 */
public final class DemoMicrogrid {

  /** Name of the site. */
  public static final String NAME = "demo-microgrid";

  private final SimulatedSite site;

  /**
   * @param replyDelayMillis of every device when nothing goes wrong, ≥ 0
   */
  public DemoMicrogrid(Plant plant, long replyDelayMillis) {
    this.site = SimulatedSite.of(NAME, plant.seed(), replyDelayMillis, own -> plant);
  }

  public World world() {
    return site.world();
  }

  public FaultPlan faults() {
    return site.faults();
  }

  /** One for each line of the site file, in its order. */
  public List<Endpoint> endpoints() {
    return site.endpoints();
  }

  /**
   * The meter with this id.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Meter meter(String id) {
    return site.meter(id);
  }

  /**
   * The site file for an agent.
   *
   * @param ports of {@link #endpoints}, in their order
   * @param broker such as {@code mqtt://127.0.0.1:1883}
   * @param statusPort of the agent's page, 0 for any free one
   */
  public static String siteFile(List<Integer> ports, String broker, Path journal, int statusPort) {
    SimulatedSite kept = SimulatedSite.of(NAME, 1, 0);
    Map<String, String> byLine = new HashMap<>();
    for (int i = 0; i < ports.size(); i++) {
      byLine.put(kept.endpoints().get(i).id(), String.valueOf(ports.get(i)));
    }
    return kept.siteFile(byLine, broker, journal, statusPort);
  }
}
