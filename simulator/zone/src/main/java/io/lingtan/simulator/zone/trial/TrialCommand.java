package io.lingtan.simulator.zone.trial;

import io.lingtan.simulator.beside.EarlyEnd;
import io.lingtan.simulator.beside.WorkFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lingtan-zone trial}. */
@Command(
    name = "trial",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Runs the whole zone on this machine, kills parts of it, and holds what is in the table"
            + " against the true energy of its gateways.",
    footer = {
      "",
      "The last line is the verdict. Exit code 0: everything agrees. 1: not, or something did not"
          + " start."
    })
public final class TrialCommand implements Callable<Integer> {

  /** In memory: a thousand gateways have a thousand cards, and not one disk. */
  static final Path MEMORY = Path.of("/dev/shm");

  /** Six times real time is more than two cores carry for more of them. */
  private static final int MOST_QUICK = 500;

  private static final Logger KAFKA = Logger.getLogger("org.apache.kafka");

  @Spec private CommandSpec spec;

  @Option(
      names = "--gateways",
      paramLabel = "N",
      defaultValue = "200",
      description = "How many, 1..10000. Default: ${DEFAULT-VALUE}.")
  private int gateways = 200;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Of sites and faults. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "120",
      description = "How long meters are read, 30..86400. Default: ${DEFAULT-VALUE}.")
  private long seconds = 120;

  @Option(
      names = "--speed",
      paramLabel = "N",
      description =
          "How many times as fast gateways live, 1..10: each reads a meter every 10 s, and their"
              + " intervals have a minute. Default: 6, and 1 for more than 500 gateways.")
  private @Nullable Integer speed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of each streams instance, 1..4. Default: ${DEFAULT-VALUE}.")
  private int threads = 1;

  @Option(
      names = "--faults",
      paramLabel = "LIST",
      split = ",",
      defaultValue = "all",
      description =
          "all, none, or of broker-restarted, broker-erased, kafka-killed, bridge-killed,"
              + " streams-killed, sink-killed, postgres-killed, scale-out. Default:"
              + " ${DEFAULT-VALUE}.")
  private List<String> faults = List.of("all");

  @Option(names = "--json", description = "The report as one line of JSON, at the end.")
  private boolean json;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Empty or new folder for everything that is kept. Default: a temporary one, in memory"
              + " where there is /dev/shm.")
  private @Nullable Path dir;

  @Override
  public Integer call() {
    TrialOptions options = options();
    KAFKA.setLevel(Level.WARNING);
    try (var _ = EarlyEnd.of("the trial")) {
      return run(options);
    }
  }

  private int run(TrialOptions options) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    PrintStream progress = json ? new PrintStream(System.err, true, StandardCharsets.UTF_8) : out;
    try (WorkFolder folder =
            WorkFolder.open(dir, Files.isWritable(MEMORY) ? MEMORY : null, "lingtan-zone-");
        Trial trial = Trial.start(options, folder.path(), progress)) {
      TrialReport report = trial.run();
      out.print(json ? report.json() + "\n" : report.text());
      return report.isGood() ? 0 : 1;
    } catch (IOException | IllegalStateException e) {
      spec.commandLine().getErr().println("lingtan-zone trial: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      spec.commandLine().getErr().println("lingtan-zone trial: ended early, nothing is proven");
      return 1;
    }
  }

  private TrialOptions options() {
    check(gateways >= 1 && gateways <= 10_000, "--gateways must be 1..10000, was " + gateways);
    check(seconds >= 30 && seconds <= 86_400, "--seconds must be 30..86400, was " + seconds);
    int times = speed != null ? speed : gateways > MOST_QUICK ? 1 : 6;
    check(times >= 1 && times <= 10, "--speed must be 1..10, was " + times);
    check(threads >= 1 && threads <= 4, "--threads must be 1..4, was " + threads);
    return new TrialOptions(gateways, seed, seconds, times, threads, wantedFaults());
  }

  private List<Strike.What> wantedFaults() {
    if (faults.equals(List.of("all"))) {
      return List.of(Strike.What.values());
    }
    List<Strike.What> wanted = new ArrayList<>();
    if (!faults.equals(List.of("none"))) {
      for (String word : faults) {
        try {
          wanted.add(Strike.What.of(word));
        } catch (IllegalArgumentException e) {
          throw new ParameterException(spec.commandLine(), "--faults: " + e.getMessage(), e);
        }
      }
    }
    return wanted;
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), otherwise);
    }
  }
}
