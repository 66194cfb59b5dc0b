package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.line.LineStep;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The site that runs and the steps of its lines, which change together.
 *
 * @param steps one of each line of the site, in its order
 */
public record Lineup(Site site, List<LineStep> steps) {

  public Lineup {
    steps = List.copyOf(steps);
    if (steps.size() != site.lines().size()) {
      throw new IllegalArgumentException(
          "%d steps of %d lines".formatted(steps.size(), site.lines().size()));
    }
  }

  /** The steps by the ids of their lines. */
  public Map<String, LineStep> byId() {
    Map<String, LineStep> all = new LinkedHashMap<>();
    for (int i = 0; i < steps.size(); i++) {
      all.put(line(i).id(), steps.get(i));
    }
    return all;
  }

  public Line line(int place) {
    return site.lines().get(place);
  }
}
