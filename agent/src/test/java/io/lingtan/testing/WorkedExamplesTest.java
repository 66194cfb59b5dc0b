package io.lingtan.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.discovery.ClassSelector;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Every worked example is compared with by some test, and none of those fails. */
final class WorkedExamplesTest {

  /** HJ 212 frames are not spoken by this agent. */
  private static final Set<String> LEFT_OUT = Set.of("S05");

  @Test
  void eachCaseIsRunBySomebody() {
    List<ClassSelector> users =
        new ClassFileImporter()
            .importPackages("io.lingtan").stream()
                .filter(WorkedExamplesTest::readsTheExamples)
                .map(each -> selectClass(each.getName()))
                .toList();
    assertTrue(users.size() > 8, "found " + users);
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(users)
            .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
            .build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    assertEquals(0, listener.getSummary().getTotalFailureCount());
    assertEquals(0, listener.getSummary().getTestsAbortedCount(), "a skipped case is no case");
    assertEquals(0, listener.getSummary().getTestsSkippedCount(), "a skipped case is no case");
    Set<String> run = new TreeSet<>(WorkedExamples.all());
    assertEquals(112, run.size(), "cases of the file");
    run.removeAll(WorkedExamples.read());
    assertEquals(LEFT_OUT, run, "run by nobody");
  }

  private static boolean readsTheExamples(JavaClass each) {
    return each.getSimpleName().endsWith("Test")
        && !each.isEquivalentTo(WorkedExamplesTest.class)
        && each.getDirectDependenciesFromSelf().stream()
            .anyMatch(to -> to.getTargetClass().isEquivalentTo(WorkedExamples.class));
  }
}
