package io.lingtan.simulator.bench;

import io.lingtan.simulator.beside.Apps;
import io.lingtan.simulator.beside.EarlyEnd;
import io.lingtan.simulator.beside.WorkFolder;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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

/** {@code lingtan-sim bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures what the packed agent uses of this machine, beside a bare loop in Java and what"
            + " else is installed of pymodbus with paho-mqtt and collectd: same meters, same"
            + " values, same broker, one after the other.",
    footer = {
      "",
      "Exit code 0: measured; a program beside the agent that does not start is told of and left",
      "out. 1: the agent cannot be measured. Processor time and delays are only true on a quiet",
      "machine: end other programs, and look at the warnings."
    })
public final class BenchCommand implements Callable<Integer> {

  /** The agent's own stages, which make a backlog. */
  private static final Logger STAGES = Logger.getLogger("io.lingtan.agent");

  @Spec private CommandSpec spec;

  @Option(
      names = "--meters",
      paramLabel = "N",
      split = ",",
      defaultValue = "10,50,200",
      description =
          "How many meters of thirty values each second, 1..247; several with commas. Default:"
              + " ${DEFAULT-VALUE}.")
  private int[] meters = {};

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "60",
      description =
          "How long each is measured once it is warm, 4..3600. Default: ${DEFAULT-VALUE}.")
  private int seconds = 60;

  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "steady",
      description =
          "steady; outage (the broker is away for half of the time); crash (the same, and a kill in"
              + " it); dead-unit; drain (a backlog beside what is read); several with commas."
              + " Default: ${DEFAULT-VALUE}.")
  private String[] scenarios = {};

  @Option(
      names = "--values",
      paramLabel = "N",
      defaultValue = "2000000",
      description = "Of the backlog of drain, 1000..10000000. Default: ${DEFAULT-VALUE}.")
  private int backlog = 2_000_000;

  @Option(names = "--json", description = "An array in place of the table; nothing else.")
  private boolean json;

  @Option(names = "--svg", paramLabel = "FILE", description = "A chart of the first scenario.")
  private @Nullable Path svg;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Empty or new folder for journals and logs, on the disk that is measured; kept. Default:"
              + " a temporary one.")
  private @Nullable Path dir;

  @Override
  public Integer call() {
    List<Plan> plans = plans();
    STAGES.setLevel(Level.SEVERE);
    // Around all that is said: the process may end as soon as it is closed.
    try (EarlyEnd end = EarlyEnd.of("the bench")) {
      return run(plans, end);
    }
  }

  private int run(List<Plan> plans, EarlyEnd end) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    PrintWriter trouble = spec.commandLine().getErr();
    try (WorkFolder folder = WorkFolder.open(dir, null, "lingtan-bench-")) {
      Path launcher = Apps.agent(Apps.home(), System.getenv());
      Path training = Files.createDirectory(folder.path().resolve("training"));
      Bench bench = new Bench(folder.path(), PackedAgent.trained(launcher, training), err);
      List<Measure> measures = new ArrayList<>();
      for (Plan plan : plans) {
        measures.addAll(bench.run(plan));
      }
      String machine = Machine.named() + (bench.warnings().isEmpty() ? "" : ", not quiet");
      if (svg != null) {
        Files.writeString(svg, BenchPicture.of(measures, machine));
      }
      bench.warnings().forEach(warning -> err.println("not quiet: " + warning));
      out.print(json ? BenchReport.json(measures) : BenchReport.text(measures, machine));
      return 0;
    } catch (IOException | InterruptedException e) {
      boolean early = end.hasBegun() || e instanceof InterruptedException;
      trouble.println(
          "lingtan-sim bench: " + (early ? "ended early, nothing is measured" : e.getMessage()));
      return 1;
    }
  }

  private List<Plan> plans() {
    check(seconds >= 4 && seconds <= 3_600, "--seconds must be 4..3600, was " + seconds);
    check(
        backlog >= 1_000 && backlog <= 10_000_000,
        "--values must be 1000..10000000, was " + backlog);
    List<Plan> plans = new ArrayList<>();
    for (String scenario : scenarios) {
      Course course =
          Arrays.stream(Course.values())
              .filter(one -> one.word().equals(scenario))
              .findFirst()
              .orElseThrow(() -> wrong("--scenario: no " + scenario + ", see --help"));
      for (int count : meters) {
        check(count >= 1 && count <= 247, "--meters must be 1..247, was " + count);
        check(count > 1 || course != Course.DEAD_UNIT, "dead-unit needs --meters of 2 or more");
        plans.add(new Plan(course, count, seconds, backlog));
      }
    }
    return plans;
  }

  private ParameterException wrong(String why) {
    return new ParameterException(spec.commandLine(), why);
  }

  private void check(boolean holds, String otherwise) {
    if (!holds) {
      throw wrong(otherwise);
    }
  }
}
