package io.lingtan.agent.publish.retained;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.World;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Json;
import io.lingtan.testing.Parts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Home Assistant is told of our devices, against its own rules: {@code
 * homeassistant/components/sensor/const.py} of home-assistant/core at 00eb668, tables {@code
 * DEVICE_CLASS_UNITS} and {@code DEVICE_CLASS_STATE_CLASSES}, of the classes that we use.
 */
final class HomeAssistantTest {

  /** What a device class allows; the empty unit stands for none. */
  private record Rule(Set<String> units, Set<String> stateClasses) {}

  private static final Set<String> MEASUREMENT = Set.of("measurement");
  private static final Set<String> TOTALS = Set.of("total", "total_increasing");
  private static final Set<String> ALL = Set.of("measurement", "total", "total_increasing");

  private static final Map<String, Rule> RULES =
      Map.ofEntries(
          Map.entry("apparent_power", new Rule(Set.of("mVA", "VA", "kVA"), MEASUREMENT)),
          Map.entry("battery", new Rule(Set.of("%"), MEASUREMENT)),
          Map.entry("current", new Rule(Set.of("A", "mA"), MEASUREMENT)),
          Map.entry("distance", new Rule(Set.of("km", "m", "cm", "mm", "mi"), ALL)),
          Map.entry("energy", new Rule(Set.of("Wh", "kWh", "MWh", "GWh", "J", "MJ"), TOTALS)),
          Map.entry("frequency", new Rule(Set.of("Hz", "kHz", "MHz", "GHz"), MEASUREMENT)),
          Map.entry("power", new Rule(Set.of("mW", "W", "kW", "MW"), MEASUREMENT)),
          Map.entry("power_factor", new Rule(Set.of("", "%"), MEASUREMENT)),
          Map.entry("pressure", new Rule(Set.of("Pa", "hPa", "kPa", "bar"), MEASUREMENT)),
          // Of a binary sensor, which has neither unit nor state class.
          Map.entry("problem", new Rule(Set.of(""), Set.of(""))),
          Map.entry("reactive_power", new Rule(Set.of("var"), MEASUREMENT)),
          Map.entry("temperature", new Rule(Set.of("°C", "°F", "K"), MEASUREMENT)),
          Map.entry("voltage", new Rule(Set.of("V", "mV", "kV"), MEASUREMENT)),
          Map.entry("volume_flow_rate", new Rule(Set.of("m³/h", "L/min"), MEASUREMENT)),
          Map.entry("volume_storage", new Rule(Set.of("m³", "L"), MEASUREMENT)),
          Map.entry("weight", new Rule(Set.of("kg", "g", "mg"), ALL)));

  static Stream<Path> sites() throws IOException {
    try (var files = Files.list(Path.of("../config/sites"))) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .filter(file -> !file.toString().endsWith(".world.yaml"))
          .sorted()
          .toList()
          .stream();
    }
  }

  /** A word of alarms is a binary sensor for each bit that has a name. */
  private static Stream<String> ids(Point point) {
    return point.form() instanceof Form.Bits
        ? point.bits().keySet().stream().map(bit -> point.name() + "_" + bit)
        : Stream.of(point.name());
  }

  @TempDir private Path folder;

  private static Site load(Path file) {
    return Objects.requireNonNull(new SiteLoader().load(file).site());
  }

  private static Map<String, Object> described(Site site, Device device) throws IOException {
    Message message = new HomeAssistant(site, "homeassistant").found(device, "1.0");
    assertEquals(
        "homeassistant/device/" + site.gateway() + "/" + device.id() + "/config", message.topic());
    assertTrue(message.retained());
    assertEquals(1, message.qos());
    return Json.object(message.text());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> member(Map<String, Object> object, String name) {
    return (Map<String, Object>) Objects.requireNonNull(object.get(name), name);
  }

  @ParameterizedTest
  @MethodSource("sites")
  void everySensorKeepsHomeAssistantsRules(Path file) throws IOException {
    Site site = load(file);
    for (Device device : site.devices()) {
      for (var entry : member(described(site, device), "components").entrySet()) {
        Map<String, Object> sensor =
            member(member(described(site, device), "components"), entry.getKey());
        Object deviceClass = sensor.get("device_class");
        String unit = Objects.toString(sensor.get("unit_of_measurement"), "");
        String stateClass = Objects.toString(sensor.get("state_class"), "");
        if (deviceClass == null) {
          assertTrue(stateClass.isEmpty() || ALL.contains(stateClass), entry::toString);
          continue;
        }
        Rule rule = RULES.get((String) deviceClass);
        assertNotNull(rule, () -> deviceClass + " is not among the rules");
        assertTrue(rule.units().contains(unit), entry::toString);
        assertTrue(rule.stateClasses().contains(stateClass), entry::toString);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sites")
  void everyPointOfEveryDeviceIsASensorWithAnIdOfItsOwn(Path file) throws IOException {
    Site site = load(file);
    Set<Object> ids = new HashSet<>();
    for (Device device : site.devices()) {
      Map<String, Object> components = member(described(site, device), "components");
      assertEquals(
          device.profile().pointsGiven().stream()
              .flatMap(HomeAssistantTest::ids)
              .collect(Collectors.toCollection(TreeSet::new)),
          new TreeSet<>(components.keySet()));
      for (String point : components.keySet()) {
        assertTrue(ids.add(member(components, point).get("unique_id")), point);
      }
    }
    assertTrue(ids.size() >= 3, file.toString());
  }

  @Test
  void anEnergyRegisterIsWhatTheEnergyDashboardTakes() throws IOException {
    Site site = load(Path.of("../config/sites/one-meter.yaml"));
    Map<String, Object> told = described(site, site.devices().getFirst());
    assertEquals(
        "lingtan/v1/" + site.gateway() + "/state/" + site.devices().getFirst().id(),
        told.get("state_topic"));
    Map<String, Object> sensor = member(member(told, "components"), "energy_import");
    assertEquals("energy", sensor.get("device_class"));
    assertEquals("total_increasing", sensor.get("state_class"));
    assertEquals("kWh", sensor.get("unit_of_measurement"));
    assertEquals("{{ value_json['values']['energy_import'] }}", sensor.get("value_template"));
  }

  @Test
  void aPointWithoutAValueIsUnavailableAndNeverItsLastValue() throws IOException {
    Site site = load(Path.of("../config/sites/one-meter.yaml"));
    Map<String, Object> told = described(site, site.devices().getFirst());
    Map<String, Object> sensor = member(member(told, "components"), "power");
    assertEquals("all", sensor.get("availability_mode"));
    assertEquals(
        List.of(
            Map.of("topic", "lingtan/v1/" + site.gateway() + "/status"),
            Map.of(
                "topic",
                told.get("state_topic"),
                "value_template",
                "{{ 'online' if value_json['values']['power'] is defined else 'offline' }}")),
        sensor.get("availability"));
  }

  @Test
  void aBitAndAPointOfTheSameNameAreTwoSensors() throws IOException {
    Files.writeString(
        folder.resolve("vault.yaml"),
        """
        name: vault
        kind: sensor
        defaults: {function: 3, type: uint16}
        own:
          alarms: {address: 0, bits: {3: fan, 4: door}}
          alarms_3: {address: 1, unit: Cel}
        """);
    Path file =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: g1
            site: {region: CN-JS}
            profiles: .
            lines:
              - id: a
                modbus-tcp: {host: 192.168.1.20}
                devices:
                  - {id: room, profile: vault, unit: 1}
            mqtt: {servers: ["mqtt://localhost:1883"]}
            """);
    Site site = load(file);
    Map<String, Object> components =
        member(described(site, site.devices().getFirst()), "components");
    assertEquals(Set.of("alarms-3", "alarms_4", "alarms_3"), components.keySet());
    assertEquals("binary_sensor", member(components, "alarms-3").get("platform"));
    assertEquals("sensor", member(components, "alarms_3").get("platform"));
    assertEquals("g1_room_alarms-3", member(components, "alarms-3").get("unique_id"));
    assertEquals("g1_room_alarms_3", member(components, "alarms_3").get("unique_id"));
  }

  @Test
  void aDeviceThatIsGoneIsForgottenThereToo() {
    World world = new World();
    world.broker.retained.put("lingtan/v1/gw/meta/old", "{}".getBytes(StandardCharsets.UTF_8));
    world.with(
        Parts.mqtt(
            world.mqtt.servers(),
            null,
            null,
            null,
            null,
            null,
            world.mqtt.batch(),
            60_000,
            false,
            true,
            List.of(new Site.View.HomeAssistant("ha"))));
    world.run(2_000);
    byte @Nullable [] cleared = world.broker.retained.get("ha/device/gw/old/config");
    assertArrayEquals(new byte[0], cleared);
  }
}
