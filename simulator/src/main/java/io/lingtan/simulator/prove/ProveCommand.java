package io.lingtan.simulator.prove;

import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.simulator.scenario.Scenario;
import io.lingtan.simulator.scenario.ScenarioReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lingtan-sim prove}. */
@Command(
    name = "prove",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Runs the real agent against a simulated site on virtual time, with all that goes wrong on"
            + " real ones, and compares what was delivered with the truth.",
    footer = {
      "",
      "Equal scenarios and seeds give equal records and reports, byte for byte.",
      "Exit code 0: everything agrees. 1: it does not. 2: wrong usage or scenario."
    })
public final class ProveCommand implements Callable<Integer> {

  private static final long DAY_MILLIS = 86_400_000L;
  private static final int BAR = 24;

  /** Level changes are lost with a logger that nobody holds. */
  private static final Logger AGENT_LOG = Logger.getLogger("io.lingtan.agent");

  @Spec private CommandSpec spec;

  @Option(
      names = "--days",
      paramLabel = "N",
      description = "Days to run, 1..400. Default: what the scenario says.")
  private int days;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Seed of weather, use and faults. Default: ${DEFAULT-VALUE}.")
  private long seed = 7;

  @Option(
      names = "--seeds",
      paramLabel = "K",
      defaultValue = "1",
      description = "Run K seeds from --seed on, on all cores. Default: ${DEFAULT-VALUE}.")
  private int seeds = 1;

  @Option(
      names = "--scenario",
      paramLabel = "NAME|FILE",
      defaultValue = "everything",
      description =
          "A scenario file, or one of those that come with this program: everything, all-lines,"
              + " calm, heat-and-water, late-replies, kills, broker-away, small-journal. Default:"
              + " ${DEFAULT-VALUE}.")
  private String scenarioName = "everything";

  @Option(names = "--site", paramLabel = "NAME", description = "Another site than the scenario's.")
  private @Nullable String site;

  @Option(
      names = "--report",
      paramLabel = "DIR",
      description = "Put the report there: text and a picture of each seed.")
  private @Nullable Path report;

  @Option(
      names = "--shrink",
      paramLabel = "RUNS",
      defaultValue = "40",
      description =
          "After a failure, look for the shortest scenario that still fails, with at most so many"
              + " runs; 0 not at all. Default: ${DEFAULT-VALUE}.")
  private int shrink = 40;

  @Option(
      names = "--shrink-minutes",
      paramLabel = "MINUTES",
      defaultValue = "10",
      description =
          "Look no longer than that: the shortest that was found by then is what is told. Default:"
              + " ${DEFAULT-VALUE}.")
  private int shrinkMinutes = 10;

  @Option(names = "--log", description = "Let the simulated agents write their log.")
  private boolean log;

  private final Time time = new SystemTime(List.of("system"));

  @Override
  public Integer call() throws InterruptedException {
    check(days >= 0 && days <= 400, "--days must be 1..400, was " + days);
    check(seeds >= 1 && seeds <= 100_000, "--seeds must be 1..100000, was " + seeds);
    check(shrink >= 0 && shrink <= 10_000, "--shrink must be 0..10000, was " + shrink);
    check(
        shrinkMinutes >= 1 && shrinkMinutes <= 10_000,
        "--shrink-minutes must be 1..10000, was " + shrinkMinutes);
    if (!log) {
      AGENT_LOG.setLevel(Level.OFF);
    }
    try {
      Scenario scenario = scenario();
      return scenario == null || !fits(scenario) ? 2 : run(scenario);
    } catch (IOException e) {
      spec.commandLine().getErr().println("lingtan-sim prove: " + e.getMessage());
      return 1;
    }
  }

  private void check(boolean holds, String rule) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), rule);
    }
  }

  private @Nullable Scenario scenario() throws IOException {
    ScenarioReader.Loaded loaded = ScenarioReader.load(Path.of(scenarioName));
    if (!Files.exists(Path.of(scenarioName))) {
      String resource = "/io/lingtan/config/scenarios/" + scenarioName + ".yaml";
      try (InputStream in = ProveCommand.class.getResourceAsStream(resource)) {
        if (in != null) {
          loaded = ScenarioReader.read(Path.of(scenarioName + ".yaml"), in.readAllBytes());
        }
      }
    }
    loaded.problems().forEach(problem -> spec.commandLine().getErr().println(problem));
    Scenario scenario = loaded.scenario();
    if (scenario == null) {
      return null;
    }
    Scenario placed = site == null ? scenario : scenario.on(site);
    return days == 0 ? placed : placed.lasting(days * DAY_MILLIS);
  }

  /** Whether the site has what the scenario wants to strike; what it has not is told. */
  private boolean fits(Scenario scenario) {
    try {
      List<Problem> problems = scenario.problems(ProvedSite.of(scenario.site(), seed).targets());
      problems.forEach(problem -> spec.commandLine().getErr().println(problem));
      return problems.stream().noneMatch(problem -> problem.severity() == Problem.Severity.ERROR);
    } catch (IllegalArgumentException e) {
      spec.commandLine().getErr().println("lingtan-sim prove: " + e.getMessage());
      return false;
    }
  }

  private int run(Scenario scenario) throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    if (report != null) {
      Files.createDirectories(report);
    }
    int cores = Math.min(seeds, Runtime.getRuntime().availableProcessors());
    Campaign campaign = new Campaign(scenario, cores);
    Totals totals = new Totals();
    long started = time.now().nanos();
    CountDownLatch over = new CountDownLatch(1);
    try (ExecutorService watch = Threads.virtual("progress")) {
      var _ = watch.submit(() -> show(campaign, scenario, totals, over));
      try {
        campaign.run(seed, seeds, proof -> done(proof, totals, out));
      } catch (IllegalArgumentException e) {
        spec.commandLine().getErr().println("lingtan-sim prove: " + e.getMessage());
        return 2;
      } finally {
        over.countDown();
      }
    }
    double seconds = (time.now().nanos() - started) / 1e9;
    if (seeds > 1) {
      out.println(totals.table());
    }
    out.printf(
        Locale.ROOT,
        "%d of %d seeds passed; %.1f days simulated in %.1f s, %.0f times real time%n",
        totals.passed,
        seeds,
        campaign.simulatedMillis() / (double) DAY_MILLIS,
        seconds,
        campaign.simulatedMillis() / 1_000.0 / seconds);
    Proof failed = totals.firstFailure;
    if (failed != null) {
      fail(failed, out);
    }
    out.flush();
    return failed == null ? 0 : 1;
  }

  /** Progress: a bar on a terminal, a line now and then elsewhere. */
  private void show(Campaign campaign, Scenario scenario, Totals totals, CountDownLatch over) {
    boolean terminal = isTerminal();
    long started = time.now().nanos();
    double whole = (double) scenario.lastsMillis() * seeds;
    try {
      while (!over.await(terminal ? 500 : 15_000, TimeUnit.MILLISECONDS)) {
        double share = Math.min(1, campaign.simulatedMillis() / whole);
        double seconds = (time.now().nanos() - started) / 1e9;
        int full = (int) (share * BAR);
        String words =
            String.format(
                Locale.ROOT,
                "%s%s %5.1f of %.0f days, %6.0f times real time, %d faults, %d of %d seeds done",
                "█".repeat(full),
                "·".repeat(BAR - full),
                campaign.simulatedMillis() / (double) DAY_MILLIS,
                whole / DAY_MILLIS,
                campaign.simulatedMillis() / 1_000.0 / seconds,
                campaign.faults(),
                totals.seen,
                seeds);
        System.err.print(terminal ? "\r" + words : words + System.lineSeparator());
        System.err.flush();
      }
      if (terminal) {
        System.err.print("\r\u001b[K");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("SystemConsoleNull") // It is null again from 25 on where there is no terminal.
  private static boolean isTerminal() {
    return System.console() != null && System.console().isTerminal();
  }

  private void done(Proof proof, Totals totals, PrintWriter out) {
    totals.add(proof);
    String text = ProofText.of(proof);
    if (seeds == 1) {
      out.print(text);
    } else if (!proof.isGood()) {
      out.println("seed " + proof.seed() + ": " + ProofText.verdict(proof));
      out.println("  " + proof.account().findings().getFirst());
    }
    out.flush();
    Path folder = report;
    if (folder != null) {
      try {
        Files.writeString(folder.resolve("seed-" + proof.seed() + ".txt"), text);
        Files.writeString(folder.resolve("seed-" + proof.seed() + ".svg"), ProofPicture.of(proof));
      } catch (IOException e) {
        spec.commandLine().getErr().println("lingtan-sim prove: cannot write: " + e.getMessage());
      }
    }
  }

  private void fail(Proof failed, PrintWriter out) throws IOException {
    out.println();
    out.println(
        "seed " + failed.seed() + " failed first: " + failed.account().findings().getFirst());
    if (shrink == 0) {
      return;
    }
    out.println("looking for a shorter scenario that fails so...");
    out.flush();
    Suspect suspect = Suspect.of(failed, new Patience(out));
    Path folder = report == null ? Path.of("") : report;
    Path file = folder.resolve("shrunk-" + failed.seed() + ".yaml").toAbsolutePath();
    Files.writeString(file, suspect.file());
    out.print(suspect.file());
    out.printf("again: lingtan-sim prove --scenario %s --seed %d%n", file, failed.seed());
  }

  /** How long a person waits for a shorter scenario. */
  private final class Patience implements Suspect.Limits {
    private final PrintWriter out;
    private final long began = time.now().nanos();

    Patience(PrintWriter out) {
      this.out = out;
    }

    @Override
    public int runs() {
      return shrink;
    }

    @Override
    public boolean isOver() {
      return time.now().nanos() - began >= TimeUnit.MINUTES.toNanos(shrinkMinutes);
    }

    @Override
    public void tried(int run, int faults, boolean fails) {
      out.printf(
          "run %d of at most %d, %d s: with %d faults it %s%n",
          run,
          shrink,
          TimeUnit.NANOSECONDS.toSeconds(time.now().nanos() - began),
          faults,
          fails ? "still fails" : "passes");
      out.flush();
    }
  }

  /** Over all seeds. */
  private static final class Totals {
    private final SortedMap<String, Long> planned = new TreeMap<>();
    private final SortedMap<String, Long> struck = new TreeMap<>();
    private final List<String> lines = new ArrayList<>();
    private volatile int seen;
    private int passed;
    private @Nullable Proof firstFailure;

    void add(Proof proof) {
      proof.faults().forEach((kind, count) -> planned.merge(kind, count, Long::sum));
      proof.strikes().forEach((kind, count) -> struck.merge(kind, count, Long::sum));
      lines.add(
          String.format(
              Locale.ROOT,
              "%8d %8d %9d %7d %7d %10d  %s  %s",
              proof.seed(),
              proof.planned().size(),
              proof.account().records(),
              proof.lives(),
              proof.account().epochs(),
              proof.account().values(),
              proof.sha256().substring(0, 16),
              proof.isGood() ? "passed" : ProofText.verdict(proof)));
      passed += proof.isGood() ? 1 : 0;
      seen = lines.size();
      if (!proof.isGood() && firstFailure == null) {
        firstFailure = proof;
      }
    }

    String table() {
      return ProofText.faults(planned, struck)
          + '\n'
          + "    seed   faults   records  agents  epochs     values  SHA-256\n"
          + String.join("\n", lines)
          + '\n';
    }
  }
}
