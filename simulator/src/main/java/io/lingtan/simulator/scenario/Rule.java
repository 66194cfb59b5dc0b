package io.lingtan.simulator.scenario;

import io.lingtan.agent.site.yaml.Fields;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a scenario says of one kind of fault.
 *
 * @param on ids of whom it strikes; empty for everybody whom it can strike
 * @param point of the devices, empty for any
 * @param perDay how often a day on each of them, if it is drawn
 * @param at ms from the start, if it is not
 * @param lasting ms
 * @param numbers ranges of those knobs that the scenario turns
 * @param written where it stands in its file; null if it stands in none
 */
public record Rule(
    Kind kind,
    List<String> on,
    String point,
    double perDay,
    @Nullable Long at,
    Range lasting,
    SortedMap<String, Range> numbers,
    @Nullable Fields written) {

  public Rule {
    on = List.copyOf(on);
    numbers = new TreeMap<>(numbers);
  }

  Range range(Knob knob) {
    return numbers.getOrDefault(knob.name(), knob.usual());
  }
}
