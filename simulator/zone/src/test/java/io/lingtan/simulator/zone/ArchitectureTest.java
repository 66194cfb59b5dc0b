package io.lingtan.simulator.zone;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
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

/** The fold is pure, and each room of the zone uses what it may. */
final class ArchitectureTest {
  private static final String ROOT = "io.lingtan.simulator.zone";

  /** Which other rooms a room may use. The root package, the command line, may use them all. */
  private static final SortedMap<String, List<String>> ROOMS =
      new TreeMap<>(
          Map.of(
              "fold", List.of(),
              "kafka", List.of(),
              "bridge", List.of("fold", "kafka"),
              "streams", List.of("fold", "kafka"),
              "sink", List.of("fold", "kafka"),
              "trial", List.of("fold", "kafka")));

  private static final JavaClasses ZONE = CodeRules.mainClasses(ROOT);

  static Stream<ArchRule> rules() {
    return Stream.concat(
        Stream.of(
            pure(),
            CodeRules.noClocksThreadsOrRandomness(resideInAPackage(ROOT + ".fold..")),
            CodeRules.noMutableStatics(),
            CodeRules.noEmptyNames(),
            CodeRules.everyPackageIsNullMarked()),
        ROOMS.keySet().stream().map(ArchitectureTest::arrows));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theZoneKeeps(ArchRule rule) {
    rule.check(ZONE);
  }

  /** Of the agent it uses the subscriber's side alone; nothing that makes or publishes records. */
  private static ArchRule pure() {
    return noClasses()
        .that()
        .resideInAPackage(ROOT + ".fold..")
        .should()
        .dependOnClassesThat(
            not(
                resideInAnyPackage(
                    "java.lang..",
                    "java.math..",
                    "java.nio..",
                    "java.io..",
                    "java.util..",
                    "org.jspecify..",
                    "io.lingtan.agent.audit..",
                    "io.lingtan.agent.seal..",
                    ROOT + ".fold..")));
  }

  private static ArchRule arrows(String room) {
    List<String> may = new ArrayList<>(ROOMS.getOrDefault(room, List.of()));
    may.add(room);
    return noClasses()
        .that()
        .resideInAPackage(ROOT + "." + room + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(ROOT + "..")
                .and(
                    not(
                        resideInAnyPackage(
                            may.stream()
                                .map(name -> ROOT + "." + name + "..")
                                .toArray(String[]::new))))
                .as("rooms other than " + may));
  }

  @Test
  void everyRoomHasItsRule() {
    Set<String> there = new TreeSet<>();
    ZONE.forEach(
        type -> {
          String room = type.getPackageName().substring(ROOT.length());
          if (!room.isEmpty()) {
            there.add(room.substring(1).replaceFirst("\\..*", ""));
          }
        });
    assertEquals(ROOMS.keySet(), there);
  }
}
