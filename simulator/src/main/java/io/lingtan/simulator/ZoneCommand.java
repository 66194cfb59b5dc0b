package io.lingtan.simulator;

import io.lingtan.simulator.beside.Apps;
import io.lingtan.simulator.beside.EarlyEnd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/**
 * {@code lingtan-sim zone}: starts {@code lingtan-zone trial}, a program of its own, because what a
 * zone needs (Kafka, PostgreSQL) has no place on the class path of a simulated site.
 */
@Command(
    name = "zone",
    description = {
      "Runs a central system for many gateways on Kafka and PostgreSQL, kills parts of it, and"
          + " holds what arrived against the truth.",
      "Options: those of lingtan-zone trial; --help shows them."
    })
final class ZoneCommand implements Callable<Integer> {

  private static final long LONGEST_END_SECONDS = 60;

  @Spec private CommandSpec spec;
  @Unmatched private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() {
    try (var _ = EarlyEnd.of("the zone")) {
      List<String> command = new ArrayList<>();
      command.add(program(Apps.home(), System.getenv()).toString());
      command.add("trial");
      command.addAll(arguments);
      return run(new ProcessBuilder(command).inheritIO().start());
    } catch (IOException e) {
      spec.commandLine().getErr().println("lingtan-sim zone: " + e.getMessage());
      return 1;
    }
  }

  private static int run(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      try {
        // It ends its own children in order.
        boolean _ = process.waitFor(LONGEST_END_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException again) {
        Thread.currentThread().interrupt();
      }
      return 1;
    }
  }

  /**
   * The zone's launcher.
   *
   * @param environment where {@code LINGTAN_ZONE} may name it
   * @throws IOException if there is none, with what to do
   */
  static Path program(Path home, Map<String, String> environment) throws IOException {
    @Nullable String named = environment.get("LINGTAN_ZONE");
    Path place =
        named == null
            ? home.resolve("../../zone/target/lingtan-zone/bin/lingtan-zone").normalize()
            : Path.of(named);
    if (!Files.isExecutable(place)) {
      throw new IOException(
          "no program at " + place + ": run mvn -DskipTests package, or set LINGTAN_ZONE");
    }
    return place;
  }
}
