package io.lingtan.simulator.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.device.site.SimulatedSite;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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
          new TreeMap<>(),
          List.of("roof"),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          new TreeMap<>());

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
    assertEquals(Set.of(), left, "kinds that no scenario has");
  }

  @ParameterizedTest
  @MethodSource("kept")
  void eachKeptScenarioLoads(Path file) {
    ScenarioReader.Loaded loaded = ScenarioReader.load(file);
    assertEquals(List.of(), loaded.problems());
    Scenario scenario = loaded.scenario();
    assertNotNull(scenario);
    assertEquals(List.of(), scenario.problems(targets(scenario.site())), "on its own site");
  }

  private static Targets targets(String site) {
    return Targets.of(SimulatedSite.of(site, 1, 20));
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
    Targets targets = Targets.of(SimulatedSite.of("demo-microgrid", 1, 20));
    assertEquals(
        "x.yaml:1:58: error: site_changed of 'house' cannot be ratio_halved; it can be taken_out"
            + " renamed meter_out period_changed",
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
  void whatTheSiteHasNotIsToldWithItsPlaceAndTheNearestThatItHas() {
    Scenario scenario =
        read("""
        faults:
          - {kind: silence, on: [gate, huose], at: 1h}
          - {kind: tcp_reset, on: rof, per_day: 1}
          - {kind: spike, on: [gate, tank1], point: energy_imprt, at: 1h}
          - {kind: spike, on: [gate, tank1], point: pressure, at: 1h}
          - {kind: stuck, point: presure, at: 1h}
          - {kind: stuck, point: pressure, at: 1h}
          - {kind: rollover, on: house, at: 0s}
          - {kind: rollover, on: bat1, point: energy_import, at: 0s}
          - {kind: coap_loss, per_day: 1}
        """)
            .scenario();
    assertNotNull(scenario);
    assertEquals(
        List.of(
            "x.yaml:2:32: error: silence cannot strike 'huose'; did you mean 'house'?",
            "x.yaml:3:27: error: tcp_reset cannot strike 'rof'; did you mean 'roof'?",
            "x.yaml:4:45: error: spike of 'gate' has no point 'energy_imprt'; did you mean"
                + " 'energy_import'?",
            "x.yaml:4:45: error: spike of 'tank1' has no point 'energy_imprt'; known: mass pressure"
                + " temperature",
            "x.yaml:5:45: error: spike of 'gate' has no point 'pressure'; known: ",
            "x.yaml:6:26: error: stuck finds the point 'presure' nowhere; did you mean 'pressure'?",
            "x.yaml:8:26: error: rollover cannot strike 'house'; known: bat1 ely1 pv1",
            "x.yaml:9:39: error: rollover of 'bat1' has no point 'energy_import'; known:"
                + " energy_charged energy_discharged",
            "x.yaml:10:5: warning: the site has nothing that coap_loss can strike: it never will"),
        scenario.problems(targets("demo-microgrid")).stream()
            .map(Object::toString)
            .map(problem -> problem.replaceAll("(has no point 'pressure'; known: ).*", "$1"))
            .toList());
    Scenario anybody = read("faults: [{kind: stuck, point: pressure, at: 1h}]").scenario();
    assertNotNull(anybody);
    assertEquals(
        List.of("tank1"),
        Draw.of(anybody, 1, targets("demo-microgrid")).stream().map(Planned::target).toList());
  }

  @Test
  void whatCannotBeIsToldWhateverTheSite() {
    assertEquals(
        List.of(
            "x.yaml:2:10: error: journal is a size from 300kB to 1000GB, not '3kB'",
            "x.yaml:4:24: error: at is 25h, when the run of 1d is over; see lasts"),
        problems(
            """
            lasts: 1d
            journal: 3kB
            faults:
              - {kind: killed, at: 25h}
            """));
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
    Targets targets = targets(scenario.site());
    List<Planned> drawn = Draw.of(scenario, 3, targets);
    assertTrue(drawn.size() > 20, () -> drawn.size() + " faults");
    Scenario again = read(scenario.file(86_400_000L, drawn)).scenario();
    assertNotNull(again);
    assertEquals(drawn, Draw.of(again, 99, targets));
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
