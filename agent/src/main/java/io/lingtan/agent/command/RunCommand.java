package io.lingtan.agent.command;

import io.lingtan.agent.LastGood;
import io.lingtan.agent.ReloadOutcome;
import io.lingtan.agent.RunningAgent;
import io.lingtan.agent.fleet.ObeyedFile;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.journal.file.Place;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.KeptFile;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Signals;
import io.lingtan.agent.run.Supervisor;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** {@code lingtan run}: the agent until it is told to stop. */
public final class RunCommand {

  private static final String USAGE =
      "usage: lingtan run --config site.yaml   (lingtan run --help tells more)";

  private RunCommand() {}

  public static int run(List<String> words) {
    Path config = config(words, System.err);
    if (config == null) {
      return ExitCode.WRONG_USAGE;
    }
    LastGood lastGood = LastGood.of(System.getenv());
    ObeyedFile.atStart(config, false, () -> isRunning(config));
    Site site = SiteFile.loadToRun(config, System.err);
    if (site == null && ObeyedFile.atStart(config, true, () -> isRunning(config))) {
      site = SiteFile.loadToRun(config, System.err);
    }
    Sentence refused = null;
    if (site == null) {
      refused = RunningAgent.problems(new SiteLoader().load(config));
      site = lastGood.load(config);
      if (site == null) {
        return ExitCode.WRONG_USAGE;
      }
      System.err.println(
          "lingtan: starting with the site file that was in use last, until "
              + config
              + " is corrected");
    }
    SystemTime time = new SystemTime(site.clock().trust());
    var started = new CompletableFuture<RunningAgent>();
    ReloadOutcome outcome = ReloadOutcome.of(System.getenv(), time);
    // First of all: a SIGHUP that nobody takes ends the process.
    if (!Signals.atHangUp(() -> outcome.tell(started.join().reload()))) {
      System.err.println(
          "lingtan: SIGHUP is ignored in this process, as nohup has it: a changed file needs a new"
              + " start");
    }
    RunningAgent agent;
    try {
      agent =
          RunningAgent.start(
              site, time, Randomness.system(), Supervisor.of(System.getenv()), lastGood, refused);
    } catch (JournalUnavailable e) {
      System.err.println("lingtan: " + e.getMessage());
      return ExitCode.FAILED;
    }
    // Asked to stop and stopped is success, not the 143 of a process that a signal ended.
    Threads.atShutdown("stop", () -> Runtime.getRuntime().halt(stop(agent)));
    started.complete(agent);
    System.out.println(agent.greeting());
    awaitForEver();
    return ExitCode.GOOD;
  }

  /**
   * Whether an agent runs by this site file already, and this process will not. Where its journal
   * lies no document changes, so that the file before tells it as well.
   */
  private static boolean isRunning(Path config) {
    try {
      Site site = new SiteLoader().load(config).site();
      if (site == null) {
        site = new SiteLoader().read(config, KeptFile.of(config).before()).site();
      }
      return site != null && Place.isInUse(site.journal().path());
    } catch (IOException e) {
      return false;
    }
  }

  private static int stop(RunningAgent agent) {
    Boolean clean = Threads.within("end", RunningAgent.LONGEST_STOP, agent::stop);
    if (Boolean.TRUE.equals(clean)) {
      return ExitCode.GOOD;
    }
    // The log may be closed by now: Java ends it at the same time.
    System.err.println(
        clean == null
            ? "lingtan: a step did not stop in time; ending as by a power cut: readings that were"
                + " not committed are lost"
            : "lingtan: what was read last could not be kept before the end");
    return ExitCode.FAILED;
  }

  private static @Nullable Path config(List<String> words, PrintStream errors) {
    if (words.size() == 2 && words.getFirst().equals("--config")) {
      return Path.of(words.getLast());
    }
    if (words.size() == 1 && words.getFirst().startsWith("--config=")) {
      return Path.of(words.getFirst().substring("--config=".length()));
    }
    words.stream()
        .filter(word -> !word.equals("--config"))
        .findFirst()
        .ifPresent(word -> errors.println("lingtan run: '" + word + "' is not understood"));
    errors.println(USAGE);
    return null;
  }

  /** The signal that stops the agent runs the shutdown hook; this thread has nothing to do. */
  private static void awaitForEver() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
