package io.lingtan.simulator.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.device.SimulatedSite;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScenarioReaderTest {

  private static final Path KEPT = Path.of("..", "config", "scenarios");
  private static final Targets TARGETS =
      new Targets(
          new TreeMap<>(Map.of("pv1", List.of("power", "energy_generated"))),
          new TreeMap<>(Map.of("pv1", List.of("power"))),
          List.of("roof"));

  static Stream<Path> kept() throws IOException {
    try (Stream<Path> files = Files.list(KEPT)) {
      return files.sorted().toList().stream();
    }
  }

  @Test
  void betweenThemTheKeptScenariosHaveEveryKindOfFault() throws IOException {
    Set<String> left = new TreeSet<>(Kinds.names());
    for (Path file : kept().toList()) {
      Scenario scenario = ScenarioReader.load(file).scenario();
      assertNotNull(scenario);
      scenario.rules().forEach(rule -> left.remove(rule.kind().name()));
    }
    // A register that stands still cannot be told from a load that is off by its readings alone.
    assertEquals(Set.of("stuck"), left, "kinds that no scenario has");
  }

  @ParameterizedTest
  @MethodSource("kept")
  void eachKeptScenarioLoads(Path file) {
    ScenarioReader.Loaded loaded = ScenarioReader.load(file);
    assertEquals(List.of(), loaded.problems());
    assertNotNull(loaded.scenario());
  }

  private static ScenarioReader.Loaded read(String text) {
    return ScenarioReader.read(Path.of("x.yaml"), text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> problems(String text) {
    ScenarioReader.Loaded loaded = read(text);
    assertNull(loaded.scenario());
    return loaded.problems().stream().map(Object::toString).toList();
  }

  @Test
  void whatIsWrongIsToldWithItsPlaceAndTheNearestRightWord() {
    assertEquals(
        List.of(
            "x.yaml:1:1: error: 'last' is no key of scenario; did you mean 'lasts'?",
            "x.yaml:3:12: error: 'silense' is no kind of fault; did you mean 'silence'?",
            "x.yaml:4:21: error: 'delay' does not belong to silence, which has none such",
            "x.yaml:5:5: error: a fault has either a time (at: 3h25m) or a rate (per_day: 2)",
            "x.yaml:6:34: error: for is a duration from 1ms to 400d, not '5'",
            "x.yaml:7:26: error: point strikes no single point: delete this key"
                .replace("point strikes", "slow strikes"),
            "x.yaml:8:33: error: delay goes from low to high"),
        problems(
            """
            last: 3d
            faults:
              - {kind: silense, per_day: 1}
              - {kind: silence, delay: 1s, per_day: 1}
              - {kind: silence}
              - {kind: silence, at: 1h, for: 5}
              - {kind: slow, at: 1h, point: power}
              - {kind: slow, at: 1h, delay: [2s, 1s]}
            """));
  }

  @Test
  void aChangeOfTheSiteFileIsOneOfAFewAndOneThatTheDeviceAllows() {
    assertEquals(
        List.of(
            "x.yaml:1:56: error: change is one of taken_out renamed meter_out ratio_halved"
                + " period_changed, not 'gone'"),
        problems("faults: [{kind: site_changed, on: pv1, at: 1h, change: gone}]"));
    Scenario ratio =
        read("faults: [{kind: site_changed, on: house, at: 1h, change: ratio_halved}]").scenario();
    assertNotNull(ratio);
    Targets targets =
        Targets.of(
            SimulatedSite.of("demo-microgrid", 1, 20).site(),
            SimulatedSite.of("demo-microgrid", 1, 20).endpoints().stream()
                .flatMap(endpoint -> endpoint.meters().stream())
                .collect(Collectors.toMap(meter -> meter, Meter::points)));
    assertEquals(
        "site_changed of 'house' cannot be ratio_halved",
        assertThrows(IllegalArgumentException.class, () -> Draw.of(ratio, 1, targets))
            .getMessage());
    Scenario any = read("faults: [{kind: site_changed, per_day: 60}]").scenario();
    assertNotNull(any);
    Set<String> drawn = new TreeSet<>();
    for (Planned one : Draw.of(any, 1, targets)) {
      drawn.add(one.toString().replaceAll(".*on: (\\w+),.*change: (\\w+).*", "$1 $2"));
    }
    assertTrue(drawn.contains("gate ratio_halved") && drawn.contains("pv1 taken_out"));
    assertTrue(drawn.stream().noneMatch(Set.of("gate taken_out", "gate meter_out")::contains));
    assertTrue(drawn.stream().noneMatch("pv1 ratio_halved"::equals));
  }

  @Test
  void aScenarioThatIsNotThereOrNoYamlIsAProblemAndNoException() {
    assertTrue(
        ScenarioReader.load(Path.of("nowhere.yaml"))
            .problems()
            .toString()
            .contains("does not exist"));
    assertTrue(problems("faults: [").getFirst().contains("not YAML"));
    assertTrue(problems("site: x").getFirst().contains("needs faults"));
    assertTrue(problems("lasts: 2\nfaults: []").getFirst().contains("x.yaml:1:8"));
  }

  @Test
  void whatIsDrawnCanBeWrittenDownAndReadAgain() {
    Scenario scenario = ScenarioReader.load(KEPT.resolve("everything.yaml")).scenario();
    assertNotNull(scenario);
    List<Planned> drawn = Draw.of(scenario, 3, TARGETS);
    assertTrue(drawn.size() > 20, () -> drawn.size() + " faults");
    Scenario again = read(Scenario.file("demo-microgrid", 86_400_000L, drawn)).scenario();
    assertNotNull(again);
    assertEquals(drawn, Draw.of(again, 99, TARGETS));
  }

  @Test
  void theSameSeedDrawsTheSameAndOneRuleChangesNoOther() {
    Scenario one = read("faults: [{kind: silence, per_day: 9}]").scenario();
    Scenario two =
        read("faults: [{kind: silence, per_day: 9}, {kind: slow, per_day: 9}]").scenario();
    assertNotNull(one);
    assertNotNull(two);
    assertEquals(Draw.of(one, 5, TARGETS), Draw.of(one, 5, TARGETS));
    assertEquals(
        Draw.of(one, 5, TARGETS),
        Draw.of(two, 5, TARGETS).stream()
            .filter(fault -> fault.kind().name().equals("silence"))
            .toList());
  }
}
