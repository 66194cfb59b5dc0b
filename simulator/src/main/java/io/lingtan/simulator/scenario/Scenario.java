package io.lingtan.simulator.scenario;

import io.lingtan.agent.site.yaml.Problem;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run as it is written down.
 *
 * @param file where it stands
 * @param site name of the site in {@code config/sites}, or path of a site file
 * @param lastsMillis how long the run is, ms
 * @param journalBytes most that the gateway keeps, {@value #SMALLEST_JOURNAL} or more; null for
 *     what the site file says
 */
public record Scenario(
    Path file, String site, long lastsMillis, @Nullable Long journalBytes, List<Rule> rules) {

  /** Longest run: longer ones would not fit into memory with all that they delivered. */
  public static final long LONGEST_MILLIS = 400L * 86_400_000L;

  /** Shortest run: an interval or two. */
  public static final long SHORTEST_MILLIS = 5 * 60_000L;

  /** Smallest journal: less than a site file may ask for, so that it is full within hours. */
  public static final long SMALLEST_JOURNAL = 300_000;

  public Scenario {
    rules = List.copyOf(rules);
    if (lastsMillis < SHORTEST_MILLIS || lastsMillis > LONGEST_MILLIS) {
      throw new IllegalArgumentException("a run lasts 5m..400d, was " + lastsMillis + " ms");
    }
    if (journalBytes != null && journalBytes < SMALLEST_JOURNAL) {
      throw new IllegalArgumentException(
          "a journal has " + SMALLEST_JOURNAL + " bytes or more, was " + journalBytes);
    }
  }

  /** A run of a site where nothing goes wrong, in no file. */
  public static Scenario calm(String site, long lastsMillis) {
    return new Scenario(Path.of("calm.yaml"), site, lastsMillis, null, List.of());
  }

  /** Name of its file, without ending. */
  public String name() {
    return String.valueOf(file.getFileName()).replaceFirst("\\.yaml$", "");
  }

  /** What it wants to strike and a site has not, by place in its file; warnings too. */
  public List<Problem> problems(Targets targets) {
    return Fit.of(this, targets);
  }

  /** The same for another time. */
  public Scenario lasting(long millis) {
    return new Scenario(file, site, millis, journalBytes, rules);
  }

  /** The same on another site. */
  public Scenario on(String otherSite) {
    return new Scenario(file, otherSite, lastsMillis, journalBytes, rules);
  }

  /** The same run with just these faults, as a scenario file. */
  public String file(long millis, List<Planned> planned) {
    StringBuilder text = new StringBuilder();
    text.append("site: ").append(site).append('\n');
    text.append("lasts: ").append(Moments.text(millis)).append('\n');
    if (journalBytes != null) {
      text.append("journal: ").append(journalBytes).append("B\n");
    }
    text.append(planned.isEmpty() ? "faults: []\n" : "faults:\n");
    planned.forEach(fault -> text.append("  - ").append(fault).append('\n'));
    return text.toString();
  }
}
