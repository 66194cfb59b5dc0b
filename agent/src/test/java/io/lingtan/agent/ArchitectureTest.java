package io.lingtan.agent;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import io.lingtan.archtest.clocks.Ambient;
import io.lingtan.testing.Circles;
import io.lingtan.testing.CodeRules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may know whom, and what may happen where. Each rule is also aimed at code that breaks it. */
final class ArchitectureTest {
  private static final String ROOT = "io.lingtan.agent";
  private static final String BAD = "io.lingtan.archtest";

  /** The arrows of the agent: each stage, and the stages that it may import. */
  static final Map<String, List<String>> ARROWS =
      Map.ofEntries(
          Map.entry("reading", List.of()),
          Map.entry("run", List.of()),
          Map.entry("seal", List.of("run")),
          Map.entry("tls", List.of()),
          // Paho's trouble with bytes is the same for whoever sends records and whoever takes them.
          Map.entry("packet", List.of()),
          Map.entry("site", List.of("reading")),
          Map.entry("acquire", List.of("site", "reading", "run")),
          Map.entry("meter", List.of("site", "reading")),
          Map.entry("carbon", List.of("site", "reading")),
          Map.entry("bill", List.of("site", "reading")),
          Map.entry("journal", List.of("reading", "run", "seal")),
          Map.entry("ledger", List.of("site", "reading", "run", "meter", "carbon", "journal")),
          Map.entry("closing", List.of("site", "reading", "run", "bill", "journal", "seal")),
          Map.entry("publish", List.of("site", "reading", "run", "journal", "tls", "packet")),
          Map.entry("status", List.of("site", "reading", "run", "bill")),
          Map.entry("audit", List.of("reading", "run", "seal", "tls", "packet")),
          Map.entry("desk", List.of("site", "reading", "run", "acquire", "publish", "status")),
          Map.entry(
              "fleet", List.of("site", "reading", "run", "seal", "publish", "status", "desk")),
          Map.entry("enrol", List.of("site", "reading", "run", "publish", "tls")),
          Map.entry("wave", List.of("site", "reading", "run", "seal", "audit", "fleet")));

  private static final JavaClasses AGENT = CodeRules.mainClasses(ROOT);

  static Stream<ArchRule> rules() {
    return Stream.concat(
        ARROWS.keySet().stream().sorted().map(stage -> arrows(ROOT, stage)),
        Stream.of(
            noOtherPackages(ROOT),
            CodeRules.noCycles(ROOT),
            clocks(ROOT),
            CodeRules.noInputOrOutput(ROOT, "meter", "carbon", "bill"),
            CodeRules.noMutableStatics(),
            CodeRules.noEmptyNames(),
            CodeRules.everyPackageIsNullMarked()));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void theAgentKeeps(ArchRule rule) {
    rule.check(AGENT);
  }

  private static ArchRule arrows(String root, String stage) {
    String[] allowed = ARROWS.getOrDefault(stage, List.of()).toArray(String[]::new);
    return stage.equals("status")
        ? CodeRules.stageUsesOnly(root, stage, shownToStatus(root), allowed)
        : CodeRules.stageUsesOnly(root, stage, allowed);
  }

  /** The page shows the stages' snapshots and reads history; it calls nobody. */
  private static DescribedPredicate<JavaClass> shownToStatus(String root) {
    return describe(
        "snapshot records, records inside them, and journal.History",
        type ->
            isSnapshot(type)
                || (type.isRecord()
                    && type.getEnclosingClass().filter(ArchitectureTest::isSnapshot).isPresent())
                || type.getName().startsWith(root + ".journal.History"));
  }

  private static boolean isSnapshot(JavaClass type) {
    return type.isRecord() && type.getSimpleName().endsWith("Snapshot");
  }

  private static ArchRule noOtherPackages(String root) {
    // "command" may use them all, and the root package, too.
    return CodeRules.noOtherPackages(
        root, Stream.concat(Stream.of("command"), ARROWS.keySet().stream()).toArray(String[]::new));
  }

  private static ArchRule clocks(String root) {
    return CodeRules.noClocksThreadsOrRandomness(not(resideInAPackage(root + ".run..")));
  }

  /**
   * Classes of one package that use one another in a circle, each with the reason; a longer list is
   * a worse house. What is not here is cut: a base below, or an interface, at the class that the
   * circle needs least.
   */
  private static final Map<String, String> CIRCLES =
      Map.ofEntries(
          Map.entry("AcceptanceSheet AcceptedMeters", "a sheet and its rows"),
          Map.entry(
              "ActionServer Assets Bundle Page SessionPage SnapshotJson StatusServer",
              "the page's handlers share the answers of its server"),
          Map.entry("OpenAnswers TimedExchange", "an answer that takes too long takes itself out"),
          Map.entry("InboxAccess LineAccess", "an interface and the way that every caller wants"),
          Map.entry("Change UsedFactors", "a change is kept as the factors before and after"),
          Map.entry("ChipDevice ChipLook", "a chip that cannot be opened lists what there is"),
          Map.entry("CommandTopics Replays", "both print what a stranger sent in the same way"),
          Map.entry("Copies Lineage", "one table of two kinds of rows"),
          Map.entry("Derivation Recomputation", "a figure is derived from figures"),
          Map.entry("Device Line", "a device knows its line"),
          Map.entry("DeviceReader LinesReader", "lines hold devices that name lines"),
          Map.entry(
              "DeviceReport Fingerprint Plausibility Survey Visit",
              "a scan reads devices, and a reading tells what a scan may have mistaken"),
          Map.entry("EventCsv EventJson Events", "two forms of one list"),
          Map.entry("FieldPorts SerialChannel", "which paths are ports, and a port"),
          Map.entry("ItemPlanner Planner Planning TelegramPlanner", "two planners behind one plan"),
          Map.entry("ServerKeys Tls", "a context whose keys are read again"),
          Map.entry("Station Task", "a station and what is due at it"));

  @Test
  void noCirclesOfClassesButTheseFew() {
    assertEquals(new TreeSet<>(CIRCLES.keySet()), Circles.in(AGENT));
  }

  @Test
  void noNameIsGivenTwice() {
    assertEquals(Set.of(), CodeRules.namesTwice(AGENT));
  }

  @Test
  void noRoomHasMoreThanThirtyFiles() throws IOException {
    assertEquals(Map.of(), CodeRules.crowded(Path.of("src/main/java"), 30));
  }

  // What follows shows that each rule can fail.

  @Test
  void aCircleOfClassesFails() {
    var found = Circles.in(new ClassFileImporter().importPackages(BAD + ".circle"));
    assertEquals(Set.of("Chicken Egg"), found);
  }

  @Test
  void aNameThatIsGivenTwiceFails() {
    var found = CodeRules.namesTwice(new ClassFileImporter().importPackages(BAD + ".cycle"));
    assertEquals(Set.of("Twice"), found);
  }

  @Test
  void aCrowdedRoomFails() throws IOException {
    Path room = Path.of("src/test/java/io/lingtan/archtest/circle");
    assertEquals(Map.of(room, 2L), CodeRules.crowded(room, 1));
  }

  static Set<String> stages() {
    return ARROWS.keySet();
  }

  @ParameterizedTest
  @MethodSource("stages")
  void anArrowThatIsNotDrawnFails(String stage) {
    assertFails(arrows(BAD + ".arrows", stage), BAD + ".arrows", 1);
  }

  @Test
  void thePageMaySeeSnapshotsAndHistory() {
    var page = new ClassFileImporter().importPackages(BAD + ".snapshots");
    assertFalse(arrows(BAD + ".snapshots", "status").evaluate(page).hasViolation());
  }

  @Test
  void aPackageThatIsNotDrawnFails() {
    assertFails(noOtherPackages(BAD + ".rooms"), BAD + ".rooms", 1);
  }

  @Test
  void aCycleFails() {
    assertFails(CodeRules.noCycles(BAD + ".cycle"), BAD + ".cycle", 1);
  }

  @Test
  void eachClockThreadAndRandomnessFails() {
    var result = clocks(BAD).evaluate(new ClassFileImporter().importClasses(Ambient.class));
    String report = result.getFailureReport().toString();
    for (var method : Ambient.class.getDeclaredMethods()) {
      assertTrue(
          method.isSynthetic() || report.contains("." + method.getName() + "("),
          method.getName() + " is not refused");
    }
  }

  @Test
  void inputAndOutputFail() {
    assertFails(CodeRules.noInputOrOutput(BAD + ".pure", "meter", "carbon"), BAD + ".pure", 4);
  }

  @Test
  void mutableStaticsFail() {
    assertFails(CodeRules.noMutableStatics(), BAD + ".statics", 3);
  }

  @Test
  void namesThatSayNothingFail() {
    assertFails(CodeRules.noEmptyNames(), BAD + ".names", 9);
  }

  @Test
  void aPackageWithoutNullMarkedFails() {
    assertFails(CodeRules.everyPackageIsNullMarked(), BAD + ".unmarked", 1);
  }

  private static void assertFails(ArchRule rule, String bad, int lines) {
    var report = rule.evaluate(new ClassFileImporter().importPackages(bad)).getFailureReport();
    assertEquals(lines, report.getDetails().size(), report::toString);
  }
}
