package io.lingtan.simulator.device.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.device.Wiring;
import io.lingtan.simulator.device.measure.Installed;
import io.lingtan.simulator.device.measure.View;
import io.lingtan.simulator.world.BusState;
import io.lingtan.simulator.world.HydrogenGas;
import io.lingtan.simulator.world.Pipe;
import io.lingtan.simulator.world.Wire;
import io.lingtan.simulator.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every site that comes with the simulator, and what a person gets wrong in one of their own. */
final class SimulatedSiteTest {
  private static final long DAY = 86_400_000L;
  private static final List<String> NAMES = SimulatedSite.NAMES;

  @TempDir Path folder;

  static Stream<Arguments> sitesAndSeeds() {
    return NAMES.stream()
        .flatMap(name -> Stream.of(1L, 2L, 3L).map(seed -> Arguments.of(name, seed)));
  }

  @ParameterizedTest
  @MethodSource("sitesAndSeeds")
  void everySiteIsInBalanceAtEveryStepOfTwoDays(String name, long seed) {
    SimulatedSite site = SimulatedSite.of(name, seed, 0);
    World world = site.world();
    world.observe(
        at -> {
          int in =
              at.watts(Wire.GRID_IMPORT) + at.watts(Wire.PV) + at.watts(Wire.BATTERY_DISCHARGE);
          int out = at.watts(Wire.GRID_EXPORT) + at.watts(Wire.BATTERY_CHARGE);
          for (Wire wire :
              List.of(Wire.BUILDINGS, Wire.ELECTROLYSER, Wire.COMPRESSOR, Wire.CHARGERS)) {
            out += at.watts(wire);
          }
          assertEquals(in, out, () -> name + " at " + at.stepStart());
          at.checkBalance();
        });
    world.advanceTo(world.stepStart() + 2 * DAY);
    long end = world.stepStart();
    for (Installed one : installed(site)) {
      if (one.view().isElectric()) {
        assertTrue(one.view().plus().at(world, end) > 0, one.id() + " sees nothing flow");
      }
    }
  }

  private static List<Installed> installed(SimulatedSite site) {
    return site.site().devices().stream()
        .map(device -> new Installed(device, site.view(device.id()), Map.of()))
        .toList();
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void theMetersOfASiteAddUpToWhatItsGateSees(String name) {
    SimulatedSite site = SimulatedSite.of(name, 5, 0);
    World world = site.world();
    world.advanceTo(world.stepStart() + 7_200_000);
    long net = 0;
    Set<View> seen = EnumSet.noneOf(View.class);
    for (Installed one : installed(site)) {
      if (one.view().isElectric() && seen.add(one.view())) {
        long watts = one.view().power().at(world, world.stepStart());
        net += one.view().isSource() ? watts : one.view() == View.GRID ? watts : -watts;
      }
    }
    assertEquals(0, net, "a wire of " + name + " has no meter");
  }

  @Test
  void theBanksOfTheDepotHaveTheirOwnPressuresAndLoseNothingBetweenThem() {
    SimulatedSite site = SimulatedSite.of("hydrogen-depot", 4, 0);
    World world = site.world();
    long before = world.tankMilligrams(0, world.stepStart());
    long other = world.tankMilligrams(1, world.stepStart());
    double[] highest = {0, 0};
    world.observe(
        at -> {
          for (int group = 0; group < 2; group++) {
            highest[group] = Math.max(highest[group], at.tankPressureMpa(group, at.stepStart()));
          }
        });
    long made = world.massMilligrams(Pipe.PRODUCED, world.stepStart());
    long given = world.massMilligrams(Pipe.DISPENSED, world.stepStart());
    world.advanceTo(world.stepStart() + DAY);
    long now = world.stepStart();
    long first = world.tankMilligrams(0, now) - before;
    long second = world.tankMilligrams(1, now) - other;
    assertTrue(first != 0 && second != 0, first + " and " + second);
    assertEquals(
        world.massMilligrams(Pipe.PRODUCED, now)
            - made
            - world.massMilligrams(Pipe.DISPENSED, now)
            + given,
        first + second);
    assertTrue(highest[0] > 10 && highest[0] < 21, () -> highest[0] + " MPa");
    assertTrue(highest[1] > 25 && highest[1] < 46, () -> highest[1] + " MPa");
    // 12 m3 at 20 MPa hold 174 kg at 25 degrees (14.48 kg/m3).
    double density = world.tankMilligrams(0, now) / 1e6 / 12;
    double kelvin = world.tankMillikelvin() / 1e3;
    assertEquals(
        density, new HydrogenGas().density(world.tankPressureMpa(0, now), kelvin), 1e-6 * density);
    Meter tank2 = site.meter("tank2");
    assertEquals(
        world.tankGaugePascal(1, now),
        tank2.trueMicros(Point.of("pressure"), world, now),
        "Pa are millionths of MPa");
  }

  @Test
  void theBusesOfLine760DriveTheirTimetable() {
    World world = SimulatedSite.of("hydrogen-depot", 4, 0).world();
    world.advanceTo(world.stepStart() + DAY / 2);
    List<Long> before = world.buses().stream().map(BusState::metres).toList();
    world.advanceTo(world.stepStart() + 4 * DAY);
    List<Long> after = world.buses().stream().map(BusState::metres).toList();
    assertEquals(5, after.size());
    for (int i = 0; i < after.size(); i++) {
      long perDay = (after.get(i) - before.get(i)) / 4;
      assertTrue(perDay >= 225_000 && perDay <= 300_000, "bus " + i + " drove " + perDay + " m");
    }
    assertTrue(world.fills() > 4);
  }

  @ParameterizedTest
  @FieldSource("NAMES")
  void theAgentFindsEachDeviceWhereTheSimulatorHasIt(String named) throws IOException {
    Loaded loaded = new SiteLoader().load(Path.of("../config/sites/" + named + ".yaml"));
    assertEquals(List.of(), loaded.problems());
    SimulatedSite site = SimulatedSite.of(named, 1, 0);
    Site read = Objects.requireNonNull(loaded.site());
    assertEquals(
        read.devices().stream().map(device -> device.id() + " " + device.profile().name()).toList(),
        site.devices().stream().map(device -> device.id() + " " + device.profile()).toList());
    List<Line> lines = read.lines().stream().filter(Line::isPolled).toList();
    for (int i = 0; i < lines.size(); i++) {
      Endpoint endpoint = site.endpoints().get(i);
      assertEquals(lines.get(i).id(), endpoint.id());
      assertEquals(Wiring.of(lines.get(i)), endpoint.wiring());
      for (var device : lines.get(i).devices()) {
        String name = device.address() == null ? "" + device.unit() : device.address();
        Meter meter = Objects.requireNonNull(endpoint.unitNames().get(name));
        assertEquals(device.id(), meter.id());
        assertEquals(device.profile().name(), meter.profile());
      }
    }
    String port = lines.getFirst() instanceof Line.Serial ? "/dev/pts/777" : "777";
    String text =
        site.siteFile(Map.of(lines.getFirst().id(), port), "mqtt://h:9", Path.of("/j"), 0);
    Loaded again = new SiteLoader().load(Files.writeString(folder.resolve(named + ".yaml"), text));
    assertEquals(List.of(), again.problems());
    Line first = Objects.requireNonNull(again.site()).lines().getFirst();
    assertEquals(
        port,
        switch (first) {
          case Line.Serial serial -> serial.port();
          case Line.ModbusTcp tcp -> String.valueOf(tcp.port());
          case Line.ModbusRtuTcp tcp -> String.valueOf(tcp.port());
          default -> "";
        });
  }

  @Test
  void aSiteWithoutABrokerIsNotSimulated() throws IOException {
    Path site = folder.resolve("mine.yaml");
    String text = Files.readString(Path.of("../config/sites/pv-rooftop.yaml"));
    Files.writeString(site, text.replaceAll("(?m)^mqtt:.*$", ""));
    Files.copy(Path.of("../config/sites/pv-rooftop.world.yaml"), folder.resolve("mine.world.yaml"));
    SimulatedSite.Built built = SimulatedSite.load(site, 1, 0);
    assertEquals(null, built.site());
    assertTrue(
        built.problems().getLast().toString().contains("mine.yaml: error: names no broker in mqtt"),
        built.problems()::toString);
  }

  @Test
  void whatIsWrongWithAWorldIsToldInOneGoWithItsPlace() throws IOException {
    Path site = folder.resolve("mine.yaml");
    Files.copy(Path.of("../config/sites/pv-rooftop.yaml"), site);
    Files.writeString(
        folder.resolve("mine.world.yaml"),
        """
        world:
          start: tomorrow
          pv_mw: 3
          buses: 99
          tank_m3: 3
          tanks: [{m3: 3, mpa: 450}]
        devices:
          gate: {sees: grit}
          hause: {sees: buildings}
          pv1: {sees: tank_2, energy_generatd: 1}
        """);
    SimulatedSite.Built built = SimulatedSite.load(site, 1, 0);
    assertEquals(null, built.site());
    String told = String.join("\n", built.problems().stream().map(Problem::toString).toList());
    for (String part :
        List.of(
            "mine.world.yaml:2:10",
            "tomorrow",
            "pv_mw",
            "pv_kw",
            "buses is a whole number",
            "mine.world.yaml:5:3: error: tanks says the volume of each group",
            "mpa is a number from 1 to 100, not '450'",
            "mine.world.yaml:10:15: error: the world has only 1 group(s) of tanks",
            "'grit' is no sees",
            "grid",
            "no device hause",
            "house",
            "energy_generated",
            "device house of the site file is missing")) {
      assertTrue(told.contains(part), part + " is not in:\n" + told);
    }
  }

  @Test
  void aSiteOfOnesOwnIsBuiltFromItsTwoFiles() throws IOException {
    Path site = folder.resolve("mine.yaml");
    Files.copy(Path.of("../config/sites/pv-rooftop.yaml"), site);
    assertThrows(IOException.class, () -> SimulatedSite.load(site, 1, 0));
    Files.copy(Path.of("../config/sites/pv-rooftop.world.yaml"), folder.resolve("mine.world.yaml"));
    assertNotNull(SimulatedSite.load(site, 1, 0).site());
    assertThrows(IllegalArgumentException.class, () -> SimulatedSite.of("atlantis", 1, 0));
  }
}
