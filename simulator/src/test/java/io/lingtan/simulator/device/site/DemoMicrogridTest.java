package io.lingtan.simulator.device.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.world.Plant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DemoMicrogridTest {
  @TempDir Path folder;

  private final DemoMicrogrid site = new DemoMicrogrid(Plant.demo(1), 0);

  private Site load(Path file) {
    Loaded loaded = new SiteLoader().load(file);
    assertEquals(List.of(), loaded.problems());
    return Objects.requireNonNull(loaded.site());
  }

  @Test
  void theAgentFindsEachMeterWhereTheSimulatorHasIt() {
    Site file = load(Path.of("../config/sites/demo-microgrid.yaml"));
    assertEquals(
        site.endpoints().stream().map(Endpoint::id).toList(),
        file.lines().stream().map(Line::id).toList());
    for (int i = 0; i < file.lines().size(); i++) {
      Endpoint endpoint = site.endpoints().get(i);
      List<Device> devices = file.lines().get(i).devices();
      assertEquals(endpoint.units().size(), devices.size());
      for (Device device : devices) {
        Meter meter = Objects.requireNonNull(endpoint.units().get(device.unit()));
        assertEquals(meter.id(), device.id());
        assertEquals(meter.profile(), device.profile().name());
      }
    }
    Plant plant = Plant.demo(1);
    assertEquals(plant.lat(), file.place().lat());
    assertEquals(plant.lon(), file.place().lon());
    assertEquals(plant.zone(), file.place().zone());
  }

  @Test
  void theSiteFileIsFilledWithPortsBrokerAndPaths() throws IOException {
    Path journal = folder.resolve("a \"quoted\" journal.db");
    String text =
        DemoMicrogrid.siteFile(List.of(1_501, 1_502, 1_503, 1_504), "mqtt://h:9", journal, 8_123);
    Site file = load(Files.writeString(folder.resolve("site.yaml"), text));
    List<Integer> ports =
        file.lines().stream().map(line -> ((Line.ModbusTcp) line).port()).toList();
    assertEquals(List.of(1_501, 1_502, 1_503, 1_504), ports);
    assertEquals(List.of("mqtt://h:9"), file.mqtt().servers());
    assertEquals(journal, file.journal().path());
    assertEquals(8_123, file.status().port());
    assertTrue(file.place().simulated());
  }

  @Test
  void aMeterThatTheSiteLacksIsNamed() {
    assertEquals("gate", site.meter("gate").id());
    assertThrows(IllegalArgumentException.class, () -> site.meter("gait"));
  }
}
