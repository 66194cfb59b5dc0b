package io.lingtan.simulator.scenario;

import io.lingtan.agent.run.Randomness;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;

/**
 * Makes of a scenario and a seed the faults of a run. Each rule has dice of its own, so that one
 * rule more or less changes nothing about the others.
 */
public final class Draw {

  private static final long DAY_MILLIS = 86_400_000L;

  private Draw() {}

  /**
   * The faults, by time. None begins before the first minute is over or ends after the run.
   *
   * @throws IllegalArgumentException naming what the scenario wants to strike and the site has not
   */
  public static List<Planned> of(Scenario scenario, long seed, Targets targets) {
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
    List<String> all = targets.of(rule.kind());
    for (String id : rule.on()) {
      if (!all.contains(id)) {
        throw new IllegalArgumentException(
            rule.kind() + " cannot strike '" + id + "'; the site has " + String.join(" ", all));
      }
    }
    return rule.on().isEmpty()
        ? all.stream().filter(id -> isPossible(rule, id, targets)).toList()
        : rule.on();
  }

  private static boolean isPossible(Rule rule, String target, Targets targets) {
    return rule.kind().knobs().stream()
        .noneMatch(knob -> values(rule, knob, target, targets).isEmpty());
  }

  /** Where a knob can stand; of a number not all of it, but its ends. */
  private static List<Long> values(Rule rule, Knob knob, String target, Targets targets) {
    Range range = rule.range(knob);
    return knob.unit() == Knob.Unit.WORD
        ? LongStream.rangeClosed(range.low(), range.high())
            .filter(value -> targets.allows(knob, target, value))
            .boxed()
            .toList()
        : List.of(range.low(), range.high());
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
    List<Long> values = values(rule, knob, target, targets);
    if (values.isEmpty()) {
      throw new IllegalArgumentException(
          "%s of '%s' cannot be %s"
              .formatted(rule.kind(), target, knob.text(rule.range(knob).low())));
    }
    return values.get(random.nextInt(values.size()));
  }
}
