package io.lingtan.testing.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.testing.Child;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Fuzzes each target with Jazzer for {@code fuzz.seconds}, in a process of its own, two at a time
 * and behind everything else that wants a processor. With the same {@code fuzz.seed} it tries the
 * same inputs, unless {@code fuzz.seconds} is given: then it goes on from what the last run has
 * learnt, which stays in {@code target/fuzz}.
 */
@Tag("campaign")
@Execution(ExecutionMode.CONCURRENT)
final class FuzzIT {

  private static final int SECONDS = Integer.getInteger("fuzz.seconds", 60);
  private static final int SEED = Integer.getInteger("fuzz.seed", 1);

  /** For one input; the machine may be busy. */
  private static final int MOST_SECONDS = 20;

  private static final int LONGEST = 16_384;
  private static final Path FOLDER = Path.of("target/fuzz").toAbsolutePath();
  private static final Pattern FIGURES =
      Pattern.compile("(?m)^(#\\d+\\s+INITED.*|#\\d+\\s+DONE.*|Done .*)$");

  private static final Semaphore TWO = new Semaphore(2);

  static List<String> targets() throws Exception {
    return FuzzTargets.names();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void nothingIsFoundWithin(String name, TestReporter reporter) throws Exception {
    Path folder = FOLDER.resolve(name.substring(name.lastIndexOf('.') + 1));
    Path learnt = Files.createDirectories(folder.resolve("learnt"));
    if (System.getProperty("fuzz.seconds") == null) {
      try (Stream<Path> before = Files.list(learnt)) {
        for (Path each : before.toList()) {
          Files.delete(each);
        }
      }
    }
    Path seeds = seeds(FuzzTargets.of(name), folder.resolve("seeds"));
    Path found = Files.createDirectories(folder.resolve("found"));
    Path kept = FuzzTargets.corpus(name).toAbsolutePath();
    Path output = folder.resolve("output.txt");
    Files.deleteIfExists(output);
    List<String> command = new ArrayList<>(java(name));
    command.addAll(
        List.of(
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + JazzerEntry.class.getName(),
            "--instrumentation_includes=io.lingtan.agent.**",
            "--disabled_hooks=**",
            "--reproducer_path=" + found,
            learnt.toString(),
            seeds.toString()));
    if (Files.isDirectory(kept)) {
      command.add(kept.toString());
    }
    command.addAll(
        List.of(
            "-artifact_prefix=" + found + "/",
            "-seed=" + SEED,
            "-max_total_time=" + SECONDS,
            "-timeout=" + MOST_SECONDS,
            "-max_len=" + LONGEST));
    TWO.acquire();
    try (Child jazzer = Child.start(output, Map.of(), command)) {
      int exit = jazzer.join(SECONDS + 600);
      String said = jazzer.output();
      FIGURES
          .matcher(said)
          .results()
          .forEach(line -> reporter.publishEntry(folder.getFileName().toString(), line.group()));
      assertEquals(
          0,
          exit,
          () ->
              "seed "
                  + SEED
                  + "; the input is in "
                  + found
                  + ": mend it and keep the input in "
                  + kept
                  + "\n"
                  + said.substring(Math.max(0, said.indexOf("== Java Exception"))));
    } finally {
      TWO.release();
    }
  }

  private static List<String> java(String target) {
    return List.of(
        "nice",
        "-n",
        "10",
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-Xmx384m",
        "-Xss512k",
        "-XX:+EnableDynamicAgentLoading",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Dfuzz.target=" + target,
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
  }

  private static Path seeds(FuzzTarget target, Path folder) throws Exception {
    Files.createDirectories(folder);
    int number = 0;
    for (byte[] seed : target.seeds()) {
      Files.write(folder.resolve("seed-" + number++), seed);
    }
    return folder;
  }
}
