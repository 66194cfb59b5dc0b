package io.lingtan.simulator.device;

import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.world.Scenario;
import io.lingtan.simulator.world.Wire;
import io.lingtan.simulator.world.World;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The demonstration site: its world, its meters on four lines, and the site file with which an
 * agent reads them ({@code config/sites/demo-microgrid.yaml}).
 */
public final class DemoMicrogrid {

  /** Ports in the site file as it is kept, in the order of {@link #endpoints}. */
  private static final List<Integer> KEPT_PORTS = List.of(15_021, 15_022, 15_023, 15_024);

  /** Transformer ratio at the gate, as in the site file. */
  private static final int GATE_CT = 80;

  private static final String RESOURCE = "/io/lingtan/config/sites/demo-microgrid.yaml";

  private final World world;
  private final FaultPlan faults = new FaultPlan();
  private final List<Endpoint> endpoints;

  /**
   * @param replyDelayMillis of every device when nothing goes wrong, ≥ 0
   */
  public DemoMicrogrid(Scenario scenario, long replyDelayMillis) {
    this.world = new World(scenario);
    this.endpoints =
        List.of(
            endpoint("roof", replyDelayMillis)
                .with(1, Meters.sunSpecInverter("pv1", Wire.PV, 412_345_678L)),
            endpoint("storage", replyDelayMillis)
                .with(1, Meters.exampleBattery("bat1", 98_765_432L, 91_234_567L)),
            endpoint("switchboard", replyDelayMillis)
                .with(
                    1,
                    Meters.acrelDtsd1352(
                        "gate",
                        Wire.GRID_IMPORT,
                        Wire.GRID_EXPORT,
                        GATE_CT,
                        1_234_567_890L,
                        45_678_901L))
                // A float register of 4096..8192 kWh steps by 0.49 Wh; the bigger, the coarser.
                .with(2, Meters.eastronSdm630("house", Wire.BUILDINGS, 4_321_098L))
                .with(3, Meters.eastronSdm630("comp", Wire.COMPRESSOR, 987_654L)),
            endpoint("hydrogen", replyDelayMillis)
                .with(1, Meters.exampleElectrolyser("ely1", 345_678_901L, 6_432_100L))
                .with(2, Meters.exampleTank("tank1"))
                .with(3, Meters.exampleDispenser("disp1", 6_210_900L)));
  }

  private Endpoint endpoint(String line, long replyDelayMillis) {
    return new Endpoint(line, world, faults, replyDelayMillis);
  }

  public World world() {
    return world;
  }

  public FaultPlan faults() {
    return faults;
  }

  /** One for each line of the site file, in its order. */
  public List<Endpoint> endpoints() {
    return endpoints;
  }

  /**
   * The meter with this id.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Meter meter(String id) {
    return endpoints.stream()
        .flatMap(endpoint -> endpoint.units().values().stream())
        .filter(meter -> meter.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the site has no meter " + id));
  }

  /**
   * The site file for an agent.
   *
   * @param ports of {@link #endpoints}, in their order
   * @param broker such as {@code mqtt://127.0.0.1:1883}
   * @param statusPort of the agent's page, 0 for any free one
   */
  public static String siteFile(List<Integer> ports, String broker, Path journal, int statusPort) {
    String text = kept();
    for (int i = 0; i < KEPT_PORTS.size(); i++) {
      text = replace(text, "port: " + KEPT_PORTS.get(i) + ",", "port: " + ports.get(i) + ",");
    }
    text = replace(text, "mqtt://127.0.0.1:1883", broker);
    text = replace(text, "path: journal.db", "path: " + quoted(journal.toString()));
    return replace(text, "127.0.0.1:8080", "127.0.0.1:" + statusPort);
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String kept() {
    try (InputStream in = DemoMicrogrid.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE, e);
    }
  }

  private static String replace(String text, String from, String to) {
    int at = text.indexOf(from);
    if (at < 0 || text.indexOf(from, at + 1) >= 0) {
      throw new IllegalStateException(RESOURCE + " must have " + from + " exactly once");
    }
    return text.substring(0, at) + to + text.substring(at + from.length());
  }
}
