package io.lingtan.agent.site.read;

import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.yaml.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a site file.
 *
 * @param site null if any problem is an error
 * @param problems everything found, in the file's order
 */
public record Loaded(@Nullable Site site, List<Problem> problems) {
  public Loaded {
    problems = List.copyOf(problems);
  }
}
