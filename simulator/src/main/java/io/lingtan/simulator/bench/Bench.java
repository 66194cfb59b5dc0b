package io.lingtan.simulator.bench;

import io.lingtan.simulator.bench.Measure.Outcome;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** All trials, one after the other: each candidate has the machine for itself. */
final class Bench {

  /** Of one processor, that others may have while it is measured. */
  private static final double QUIET = 0.05;

  /** Of all processors, that another machine may take. */
  private static final double LEAST_STOLEN = 0.01;

  /** By which the halves of the bare loop, which does the same in both, may differ. */
  private static final double EVEN = 0.15;

  private static final long TICKS_MILLIS = 30;

  private final Path folder;
  private final PackedAgent agent;
  private final PrintStream progress;
  private final List<String> warnings = new ArrayList<>();
  private List<String> options = List.of();

  /**
   * @param folder an empty one
   */
  Bench(Path folder, PackedAgent agent, PrintStream progress) {
    this.folder = folder;
    this.agent = agent;
    this.progress = progress;
  }

  /** Of a machine too busy for figures of time; counts of bytes and messages hold all the same. */
  List<String> warnings() {
    return List.copyOf(warnings);
  }

  /**
   * Tries all candidates in one way.
   *
   * @throws IOException if the agent cannot be measured
   */
  List<Measure> run(Plan plan) throws IOException, InterruptedException {
    List<Measure> measures = new ArrayList<>();
    for (Candidate candidate : Candidate.values()) {
      String place =
          "%s, %d meters, %s".formatted(plan.course().word(), plan.meters(), candidate.word());
      Measure measure;
      try {
        measure = measure(candidate, plan, place);
      } catch (IOException e) {
        if (candidate == Candidate.LINGTAN) {
          throw e;
        }
        progress.println(place + ": " + e.getMessage());
        measure = new Measure(candidate, plan, "failed", null);
      }
      measures.add(measure);
    }
    return measures;
  }

  private Measure measure(Candidate candidate, Plan plan, String place)
      throws IOException, InterruptedException {
    if (!candidate.isInstalled()) {
      return new Measure(candidate, plan, "not installed", null);
    }
    if (plan.course() == Course.DRAIN && !candidate.keeps()) {
      return new Measure(candidate, plan, "keeps nothing", null);
    }
    Path trial = Files.createDirectory(folder.resolve(place.replaceAll("[^a-z0-9]+", "-")));
    try (Trial running = Trial.start(candidate, plan, trial, agent, options)) {
      Outcome outcome = running.run();
      if (candidate == Candidate.LINGTAN) {
        options = Candidate.options(running.pid());
      }
      progress.printf(
          Locale.ROOT,
          "%s: %,d values, %.1f s of processor time per million%n",
          place,
          outcome.count().values(),
          outcome.cpuSecondsPerMillion());
      warn(candidate, place, outcome);
      return new Measure(candidate, plan, null, outcome);
    }
  }

  private void warn(Candidate candidate, String place, Outcome outcome) {
    double others = outcome.othersMillis() / 1e3 / outcome.seconds();
    if (others > QUIET) {
      warn("%s: other programs took %.0f %% of a processor", place, 100 * others);
    }
    int processors = Runtime.getRuntime().availableProcessors();
    double stolen = outcome.machine().stolenMillis() / 1e3 / outcome.seconds() / processors;
    if (stolen > LEAST_STOLEN) {
      warn("%s: another machine took %.0f %% of all processors", place, 100 * stolen);
    }
    long second = outcome.used().cpuMillis() - outcome.firstHalfMillis();
    long differ = Math.abs(second - outcome.firstHalfMillis());
    if (candidate == Candidate.BARE_LOOP
        && outcome.firstHalfMillis() > 0
        && differ > TICKS_MILLIS + EVEN * outcome.used().cpuMillis() / 2) {
      warn(
          "%s: its halves took %d and %d ms, and do the same",
          place, outcome.firstHalfMillis(), second);
    }
  }

  @SuppressWarnings("AnnotateFormatMethod") // That annotation is in no library of ours.
  private void warn(String format, Object... values) {
    warnings.add(String.format(Locale.ROOT, format, values));
  }
}
