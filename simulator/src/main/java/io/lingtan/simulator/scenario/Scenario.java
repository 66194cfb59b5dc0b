package io.lingtan.simulator.scenario;

import java.util.List;
import java.util.TreeMap;

/**
 * A run as it is written down.
 *
 * @param name of its file, without ending
 * @param site name of the site in {@code config/sites}
 * @param lastsMillis how long the run is, ms
 */
public record Scenario(String name, String site, long lastsMillis, List<Rule> rules) {

  /** Longest run: longer ones would not fit into memory with all that they delivered. */
  public static final long LONGEST_MILLIS = 400L * 86_400_000L;

  /** Shortest run: an interval or two. */
  public static final long SHORTEST_MILLIS = 5 * 60_000L;

  public Scenario {
    rules = List.copyOf(rules);
    if (lastsMillis < SHORTEST_MILLIS || lastsMillis > LONGEST_MILLIS) {
      throw new IllegalArgumentException("a run lasts 5m..400d, was " + lastsMillis + " ms");
    }
  }

  /** The same for another time. */
  public Scenario lasting(long millis) {
    return new Scenario(name, site, millis, rules);
  }

  /** The same on another site. */
  public Scenario on(String otherSite) {
    return new Scenario(name, otherSite, lastsMillis, rules);
  }

  /** A scenario of just these faults. */
  public static Scenario of(String name, String site, long lastsMillis, List<Planned> planned) {
    return new Scenario(name, site, lastsMillis, planned.stream().map(Scenario::rule).toList());
  }

  private static Rule rule(Planned planned) {
    TreeMap<String, Range> numbers = new TreeMap<>();
    planned.numbers().forEach((knob, value) -> numbers.put(knob, Range.of(value)));
    return new Rule(
        planned.kind(),
        planned.target().isEmpty() ? List.of() : List.of(planned.target()),
        planned.point(),
        0,
        planned.atMillis(),
        Range.of(planned.forMillis()),
        numbers);
  }

  /** A scenario file of just these faults. */
  public static String file(String site, long lastsMillis, List<Planned> planned) {
    StringBuilder text = new StringBuilder();
    text.append("site: ").append(site).append('\n');
    text.append("lasts: ").append(Moments.text(lastsMillis)).append('\n');
    text.append(planned.isEmpty() ? "faults: []\n" : "faults:\n");
    planned.forEach(fault -> text.append("  - ").append(fault).append('\n'));
    return text.toString();
  }
}
