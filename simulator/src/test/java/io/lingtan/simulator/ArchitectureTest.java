package io.lingtan.simulator;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.lingtan.testing.CodeRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulated site shares no codec with the agent and lives in the time that it is given. */
final class ArchitectureTest {
  private static final String ROOT = "io.lingtan.simulator";
  private static final String AGENT = "io.lingtan.agent";
  private static final String BAD = "io.lingtan.archtest.site";

  /** Rooms of the simulated site: what it uses of the agent is what a file or a wire would tell. */
  private static final List<String> SITE =
      List.of("world", "device", "fault", "check", "scenario", "json");

  /** Which other rooms a room may use. The root package, the command line, may use them all. */
  private static final SortedMap<String, List<String>> ROOMS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("json", List.of()),
              Map.entry("beside", List.of()),
              Map.entry("bench", List.of("beside", "json")),
              Map.entry("world", List.of()),
              Map.entry("fault", List.of()),
              Map.entry("device", List.of("world", "fault")),
              Map.entry("scenario", List.of("device", "fault")),
              Map.entry("check", List.of("json", "world", "device", "fault")),
              Map.entry("live", List.of("beside", "world", "device", "fault", "scenario")),
              Map.entry("prove", List.of("check", "world", "device", "fault", "scenario")),
              Map.entry("replay", List.of("prove")),
              Map.entry("demo", List.of("beside", "json", "world", "device", "fault")),
              Map.entry("fleet", List.of("beside", "json")),
              Map.entry("referee", List.of("beside", "json", "world", "device", "fault"))));

  private static final JavaClasses SIMULATOR = CodeRules.mainClasses(ROOT);

  static Stream<ArchRule> rules() {
    return Stream.concat(
        Stream.of(
            ownCodecs(ROOT),
            clocks(ROOT),
            CodeRules.noMutableStatics(),
            CodeRules.noEmptyNames(),
            CodeRules.everyPackageIsNullMarked()),
        ROOMS.keySet().stream().map(room -> arrows(ROOT, room)));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theSimulatorKeeps(ArchRule rule) {
    rule.check(SIMULATOR);
  }

  private static ArchRule ownCodecs(String root) {
    return noClasses()
        .that()
        .resideInAnyPackage(site(root))
        .should()
        .dependOnClassesThat(
            resideInAPackage(AGENT + "..")
                .and(
                    not(
                        resideInAnyPackage(
                            AGENT + ".site..", AGENT + ".reading..", AGENT + ".run..")))
                .as("more of the agent than site, reading and run"))
        .because("a shared codec hides codec bugs")
        .allowEmptyShould(true);
  }

  /** What a room uses of the simulator: itself, and those that it may. */
  private static ArchRule arrows(String root, String room) {
    List<String> may = new ArrayList<>(ROOMS.getOrDefault(room, List.of()));
    may.add(room);
    return noClasses()
        .that()
        .resideInAPackage(root + "." + room + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "..")
                .and(
                    not(
                        resideInAnyPackage(
                            may.stream()
                                .map(name -> root + "." + name + "..")
                                .toArray(String[]::new))))
                .as("rooms other than " + may))
        .allowEmptyShould(true);
  }

  @Test
  void everyRoomHasItsRule() {
    Set<String> there = new TreeSet<>();
    SIMULATOR.forEach(
        type -> {
          String room = type.getPackageName().substring(ROOT.length());
          if (!room.isEmpty()) {
            there.add(room.substring(1).replaceFirst("\\..*", ""));
          }
        });
    assertEquals(ROOMS.keySet(), there);
  }

  private static ArchRule clocks(String root) {
    return CodeRules.noClocksThreadsOrRandomness(resideInAnyPackage(site(root)));
  }

  private static String[] site(String root) {
    return SITE.stream().map(room -> root + "." + room + "..").toArray(String[]::new);
  }

  // What follows shows that the rules can fail; those shared with the agent are tried there.

  @Test
  void aSiteThatUsesTheAgentFails() {
    assertFails(ownCodecs(BAD));
  }

  @Test
  void aSiteThatReadsTheClockFails() {
    assertFails(clocks(BAD));
  }

  @Test
  void aRoomThatUsesAnotherThatItMayNotFails() {
    assertFails(arrows(BAD, "fault"), 1);
  }

  private static void assertFails(ArchRule rule) {
    assertFails(rule, 4);
  }

  private static void assertFails(ArchRule rule, int times) {
    var report = rule.evaluate(new ClassFileImporter().importPackages(BAD)).getFailureReport();
    assertEquals(times, report.getDetails().size(), report::toString);
  }
}
