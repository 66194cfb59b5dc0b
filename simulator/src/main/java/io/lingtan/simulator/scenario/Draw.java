package io.lingtan.simulator.scenario;

import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.yaml.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Makes of a scenario and a seed the faults of a run. Each rule has dice of its own, by its place:
 * one more at the end changes nothing about the others.
 */
public final class Draw {

  private static final long DAY_MILLIS = 86_400_000L;

  private Draw() {}

  /**
   * The faults, by time. Of those that are drawn none begins before the first minute is over or
   * ends after the run.
   *
   * @throws IllegalArgumentException naming what the scenario wants to strike and the site has not
   */
  public static List<Planned> of(Scenario scenario, long seed, Targets targets) {
    List<Problem> wrong =
        scenario.problems(targets).stream()
            .filter(problem -> problem.severity() == Problem.Severity.ERROR)
            .toList();
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(
          wrong.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    }
    List<Planned> planned = new ArrayList<>();
    for (int i = 0; i < scenario.rules().size(); i++) {
      Rule rule = scenario.rules().get(i);
      RandomGenerator random = Randomness.seeded(seed * 1_000_003L + i);
      for (String target : struck(rule, targets)) {
        Long at = rule.at();
        if (at == null) {
          drawn(rule, target, scenario.lastsMillis(), targets, random, planned);
        } else if (at < scenario.lastsMillis()) {
          planned.add(one(rule, target, at, targets, random));
        }
      }
    }
    planned.sort(Comparator.comparingLong(Planned::atMillis));
    return planned;
  }

  private static List<String> struck(Rule rule, Targets targets) {
    return rule.on().isEmpty()
        ? targets.of(rule.kind()).stream().filter(id -> isPossible(rule, id, targets)).toList()
        : rule.on();
  }

  private static boolean isPossible(Rule rule, String target, Targets targets) {
    return (rule.point().isEmpty() || targets.points(rule.kind(), target).contains(rule.point()))
        && rule.kind().knobs().stream()
            .filter(knob -> knob.unit() == Knob.Unit.WORD)
            .noneMatch(knob -> targets.values(knob, rule.range(knob), target).isEmpty());
  }

  private static void drawn(
      Rule rule,
      String target,
      long lasts,
      Targets targets,
      RandomGenerator random,
      List<Planned> into) {
    for (long day = 0; day < lasts; day += DAY_MILLIS) {
      double times = rule.perDay();
      while (times >= 1 || (times > 0 && random.nextDouble() < times)) {
        times--;
        Planned fault = one(rule, target, day + random.nextLong(DAY_MILLIS), targets, random);
        // What would go over the end is left out: it could not be seen to be over.
        if (fault.atMillis() >= 60_000 && fault.endMillis() <= lasts) {
          into.add(fault);
        }
      }
    }
  }

  private static Planned one(
      Rule rule, String target, long at, Targets targets, RandomGenerator random) {
    String point = rule.point();
    if (point.isEmpty() && rule.kind().isOfPoints()) {
      List<String> points = targets.points(rule.kind(), target);
      point = points.get(random.nextInt(points.size()));
    }
    SortedMap<String, Long> numbers = new TreeMap<>();
    for (Knob knob : rule.kind().knobs()) {
      numbers.put(knob.name(), value(rule, knob, target, targets, random));
    }
    return new Planned(rule.kind(), target, point, at, rule.lasting().draw(random), numbers);
  }

  private static long value(
      Rule rule, Knob knob, String target, Targets targets, RandomGenerator random) {
    if (knob.unit() != Knob.Unit.WORD) {
      return rule.range(knob).draw(random);
    }
    List<Long> values = targets.values(knob, rule.range(knob), target);
    return values.get(random.nextInt(values.size()));
  }
}
