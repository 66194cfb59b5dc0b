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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulated site shares no codec with the agent and lives in the time that it is given. */
final class ArchitectureTest {
  private static final String ROOT = "io.lingtan.simulator";
  private static final String AGENT = "io.lingtan.agent";
  private static final String BAD = "io.lingtan.archtest.site";

  private static final JavaClasses SIMULATOR = CodeRules.mainClasses(ROOT);

  static Stream<ArchRule> rules() {
    return Stream.of(
        ownCodecs(ROOT),
        clocks(ROOT),
        CodeRules.noMutableStatics(),
        CodeRules.noEmptyNames(),
        CodeRules.everyPackageIsNullMarked());
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

  private static ArchRule clocks(String root) {
    return CodeRules.noClocksThreadsOrRandomness(resideInAnyPackage(site(root)));
  }

  private static String[] site(String root) {
    return Stream.of("world", "device", "fault", "check")
        .map(room -> root + "." + room + "..")
        .toArray(String[]::new);
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

  private static void assertFails(ArchRule rule) {
    var report = rule.evaluate(new ClassFileImporter().importPackages(BAD)).getFailureReport();
    assertEquals(4, report.getDetails().size(), report::toString);
  }
}
