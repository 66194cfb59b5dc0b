package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Site;
import io.lingtan.simulator.scenario.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Site files as a proof runs them. */
class SiteEditsTest {

  private static final String SITE =
      """
      gateway: mine
      site: {name: mine, zone: Asia/Shanghai, region: CN-JS, lat: 31.49, lon: 120.31}
      profiles: own
      lines:
        - id: one
          modbus-tcp: {host: 192.168.1.20}
          devices:
            - {id: gate, profile: my-meter, unit: 1, every: 1s, record: 2s}
            - {id: hall, profile: my-meter, unit: 2, every: 10s, record: 30s}
            - {id: roof, profile: my-meter, unit: 3, every: 1s}
      metering:
        interval: 5m
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 400}
      mqtt: {servers: ["mqtts://broker.example:8883", "mqtt://10.0.0.2:1883"]}
      """;

  @TempDir private Path folder;

  private Path mine() throws IOException {
    Path file = folder.resolve("mine.yaml");
    Files.writeString(file, SITE);
    Files.writeString(
        folder.resolve("mine.world.yaml"),
        """
        world: {pv_kw: 20}
        devices:
          gate: {sees: grid}
          hall: {sees: buildings}
          roof: {sees: pv}
        """);
    Path profiles = Files.createDirectories(folder.resolve("own"));
    String meter = Files.readString(Path.of("..", "config", "profiles", "eastron-sdm630.yaml"));
    Files.writeString(
        profiles.resolve("my-meter.yaml"), meter.replace("eastron-sdm630", "my-meter"));
    return file;
  }

  @Test
  void aSiteOfOnesOwnWithProfilesBesideItIsLoadedFromElsewhere() throws IOException {
    ProvedSite proved = ProvedSite.of(mine().toString(), 1);
    Path elsewhere = Files.createDirectories(folder.resolve("run"));
    Site site = proved.load(elsewhere, elsewhere.resolve("journal.db"), 300_000L).now().site();
    assertEquals(Duration.ofMinutes(15), site.metering().base());
    assertEquals(
        "[10, 30, 10]",
        site.devices().stream().map(Device::record).map(Duration::toSeconds).toList().toString());
    assertEquals("[mqtt://127.0.0.1:1883]", site.mqtt().servers().toString());
    assertEquals(elsewhere.resolve("journal.db"), site.journal().path());
    assertEquals(300_000L, site.journal().maxSize());
  }

  @Test
  void aSiteThatNoAgentCanLoadIsNoCrash() throws IOException {
    ProvedSite proved = ProvedSite.of(mine().toString(), 1);
    Files.delete(folder.resolve("own").resolve("my-meter.yaml"));
    IllegalArgumentException wrong =
        assertThrows(
            IllegalArgumentException.class,
            () -> proved.load(folder, folder.resolve("journal.db"), null));
    assertTrue(String.valueOf(wrong.getMessage()).contains("my-meter"), wrong::toString);
  }

  @Test
  void nothingGoesWrongOnSuchASite() throws IOException {
    Proof proof =
        Rehearsal.of(Scenario.calm(mine().toString(), 1_200_000L), 1, Rehearsal.Watch.nobody());
    assertTrue(proof.isGood(), () -> ProofText.of(proof));
  }
}
