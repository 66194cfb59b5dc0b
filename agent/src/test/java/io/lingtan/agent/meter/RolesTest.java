package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which figures a meter gives, from what its profile offers; and which sites that is too few for.
 */
final class RolesTest {

  private static final String PROFILE =
      """
      name: %s
      kind: meter
      maker: Somebody
      document: "A document"
      source: "An address"
      points:
        power: {address: 0, type: %s, unit: W}
        energy_import: {address: 10, type: uint32, unit: kW.h}
      """;

  @TempDir private Path folder;

  private Loaded load(String gate, String meters) throws IOException {
    Path profiles = Files.createDirectories(folder.resolve("profiles"));
    Files.writeString(profiles.resolve("signed.yaml"), PROFILE.formatted("signed", "int32"));
    Files.writeString(profiles.resolve("unsigned.yaml"), PROFILE.formatted("unsigned", "uint32"));
    Files.writeString(
        profiles.resolve("floored.yaml"),
        PROFILE.formatted("floored", "int32").replace("unit: W}", "unit: W, min: 0}"));
    Files.writeString(
        profiles.resolve("phase.yaml"),
        PROFILE.formatted("phase", "uint32")
            + "  energy_export_l1: {address: 20, type: uint32, unit: kW.h}\n");
    String file =
        """
        gateway: g1
        site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: a
            modbus-tcp: {host: 192.168.1.20}
            devices:
              - {id: gate, profile: %s, unit: 1}
              - {id: inv, profile: sunspec, unit: 2}
              - {id: bat, profile: signed, unit: 3}
        metering:
          meters:
            - %s
        mqtt: {servers: ["mqtt://localhost:1883"]}
        profiles: profiles
        """
            .formatted(gate, meters.replace("\n", "\n    - "));
    return new SiteLoader()
        .read(folder.resolve("site.yaml"), file.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> errors(Loaded loaded) {
    return loaded.problems().stream()
        .filter(problem -> problem.severity() == Problem.Severity.ERROR)
        .map(problem -> problem.line() + ": " + problem.message())
        .toList();
  }

  private static List<String> figures(Loaded loaded) {
    assertEquals(List.of(), errors(loaded));
    Site site = loaded.site();
    assertNotNull(site);
    Meter gate = site.metering().meters().getFirst();
    return Roles.of(gate, site.devices().getFirst()).stream()
        .map(source -> source.figure().metric() + " " + source.sign())
        .toList();
  }

  private static final String GATE = "{id: grid, device: gate, role: grid, rated_kw: 60";
  private static final String PV = "\n{id: pv, device: inv, role: pv, rated_kw: 50}";

  @Test
  void aPowerWithoutASignGivesNoExport() throws IOException {
    assertEquals(List.of("elec.grid.import 1"), figures(load("unsigned", GATE + "}")));
    assertEquals(List.of("elec.grid.import 1"), figures(load("floored", GATE + "}")));
    assertEquals(
        List.of("elec.grid.import 1", "elec.grid.export -1"), figures(load("signed", GATE + "}")));
  }

  @Test
  void withASourceBehindItAGateThatCannotTellExportIsRefused() throws IOException {
    assertEquals(
        List.of(
            "12: meter pv, role pv in line 13, may give to the grid, and profile unsigned cannot"
                + " tell: it has no energy_export, and its power is never below 0; take a gate"
                + " meter that counts both directions"),
        errors(load("unsigned", GATE + "}" + PV)));
    assertEquals(1, errors(load("floored", GATE + "}" + PV)).size());
    assertEquals(1, errors(load("phase", GATE + "}" + PV)).size(), "one phase is not all of it");
    assertEquals(List.of(), errors(load("signed", GATE + "}" + PV)));
    String battery = "\n{id: b, device: bat, role: battery, rated_kw: 50}";
    assertEquals(1, errors(load("unsigned", GATE + "}" + battery)).size());
    assertEquals(List.of(), errors(load("signed", GATE + "}" + battery)));
  }

  @Test
  void theWrongWayRoundAnUnsignedPowerCountsNoImport() throws IOException {
    List<String> told = errors(load("unsigned", GATE + ", reverse: true}"));
    assertEquals(1, told.size(), told::toString);
    assertTrue(told.getFirst().contains("it has no energy_export"), told::toString);
  }

  private Loaded pulses(String point, String role) {
    String file =
        """
        gateway: g1
        site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: header
            gpio: {chip: auto}
            devices:
              - {id: in, profile: s0, offset: 17, per_pulse: 0.001, point: %s}
        metering:
          meters:
            - {id: m, device: in, role: %s, rated_kw: 60}
        mqtt: {servers: ["mqtt://localhost:1883"]}
        """
            .formatted(point, role);
    return new SiteLoader()
        .read(folder.resolve("site.yaml"), file.getBytes(StandardCharsets.UTF_8));
  }

  /** A power that is made of the same pulses tells nothing of another direction. */
  @Test
  void thePowerOfPulsesIsNeitherIntegratedNorComparedWithTheirCount() throws IOException {
    Loaded loaded = pulses("energy_import", "grid");
    assertEquals(List.of("elec.grid.import 1"), figures(loaded));
    Site site = loaded.site();
    assertNotNull(site);
    assertNotNull(RegisterSpec.find(site.devices().getFirst(), Roles.POWER), "it is told");
    assertNull(RegisterSpec.power(site.devices().getFirst(), Roles.POWER));
    String why = "it has neither energy_import nor power";
    List<String> told = errors(pulses("energy_export", "load"));
    assertTrue(told.getLast().contains(why), told::toString);
    List<String> suits = errors(pulses("energy_import", "load"));
    assertEquals(told.size() - 1, suits.size(), "all but that there is no gate: " + suits);
  }
}
