package io.lingtan.testing;

import static org.junit.jupiter.api.extension.ConditionEvaluationResult.disabled;
import static org.junit.jupiter.api.extension.ConditionEvaluationResult.enabled;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skips, or under CI fails, what {@link RequiresTool} asks for and the machine lacks. */
final class ToolCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(context.getElement(), RequiresTool.class)
        .map(
            needs ->
                evaluate(
                    List.of(needs.value()),
                    ToolCondition::isInstalled,
                    "true".equals(System.getenv("CI"))))
        .orElseGet(() -> enabled("needs no tool"));
  }

  /** Throws where a tool is missing and {@code ci}: JUnit reports that as a failure of the test. */
  static ConditionEvaluationResult evaluate(
      List<String> tools, Predicate<String> installed, boolean ci) {
    List<String> missing = tools.stream().filter(installed.negate()).toList();
    if (missing.isEmpty()) {
      return enabled("has " + tools);
    }
    String reason = "not installed: " + String.join(", ", missing);
    if (ci) {
      throw new IllegalStateException(reason + " (add the package to .ci/packages)");
    }
    return disabled(reason);
  }

  static boolean isInstalled(String tool) {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    return Stream.concat(
            Arrays.stream(path.split(File.pathSeparator, -1)),
            Stream.of("/usr/sbin", "/sbin", Postgres.FOLDER))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
  }
}
