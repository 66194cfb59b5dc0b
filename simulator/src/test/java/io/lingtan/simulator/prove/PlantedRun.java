package io.lingtan.simulator.prove;

import io.lingtan.simulator.check.Verdict;
import io.lingtan.simulator.scenario.Scenario;
import io.lingtan.simulator.scenario.ScenarioReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;

/**
 * A proof that is asked for through the wall between two class loaders, in types that both have in
 * common: file of a scenario and seed in, report and names of the verdicts out. As a program it
 * runs all planted bugs, and the agent as it is on the same courses.
 */
public final class PlantedRun implements BiFunction<String, Long, List<String>> {

  /** A scenario and a seed. */
  record Course(Path scenario, long seed) {
    static Course of(PlantedBug bug) {
      return new Course(bug.scenario(), bug.seed());
    }

    /** Of its result. */
    String name() {
      return scenario.getFileName() + "-" + seed;
    }

    @Override
    public String toString() {
      return name();
    }
  }

  /**
   * What came out.
   *
   * @param verdicts classes of failure that were found
   * @param report for a person
   */
  record Said(Set<Verdict> verdicts, String report) {
    static Said of(List<String> lines) {
      Set<Verdict> verdicts = EnumSet.noneOf(Verdict.class);
      lines.subList(1, lines.size()).forEach(name -> verdicts.add(Verdict.valueOf(name)));
      return new Said(verdicts, lines.getFirst());
    }

    void write(Path folder, String name) throws IOException {
      List<String> lines = new ArrayList<>();
      lines.add(String.join(" ", verdicts.stream().map(Verdict::name).toList()));
      lines.add(report);
      Files.write(folder.resolve(name), lines);
    }

    static Said read(Path folder, String name) throws IOException {
      List<String> lines = Files.readAllLines(folder.resolve(name));
      List<String> said = new ArrayList<>();
      said.add(String.join("\n", lines.subList(1, lines.size())));
      said.addAll(
          List.of(lines.getFirst().isEmpty() ? new String[0] : lines.getFirst().split(" ")));
      return of(said);
    }
  }

  @Override
  public List<String> apply(String file, Long seed) {
    ScenarioReader.Loaded loaded = ScenarioReader.load(Path.of(file));
    Scenario scenario = loaded.scenario();
    if (scenario == null) {
      throw new IllegalArgumentException(loaded.problems().toString());
    }
    Proof proof = Rehearsal.of(scenario, seed, Rehearsal.Watch.nobody());
    List<String> said = new ArrayList<>(List.of(ProofText.of(proof)));
    proof.account().counts().keySet().forEach(verdict -> said.add(verdict.name()));
    return List.copyOf(said);
  }

  /**
   * Runs everything.
   *
   * @param args a folder for the results, a file each
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    List<PlantedBug> bugs = PlantedBug.all();
    List<Callable<Void>> runs = new ArrayList<>();
    Set<Course> courses = new LinkedHashSet<>();
    for (PlantedBug bug : bugs) {
      courses.add(Course.of(bug));
      runs.add(
          () -> {
            PlantedAgent.with(bug).prove(bug.scenario(), bug.seed()).write(folder, bug.name());
            return null;
          });
    }
    for (Course course : courses) {
      runs.add(
          () -> {
            List<String> said = new PlantedRun().apply(course.scenario.toString(), course.seed);
            Said.of(said).write(folder, course.name());
            return null;
          });
    }
    int cores = Runtime.getRuntime().availableProcessors();
    try (ExecutorService threads = Executors.newFixedThreadPool(cores)) {
      for (var run : threads.invokeAll(runs)) {
        run.get();
      }
    }
  }
}
