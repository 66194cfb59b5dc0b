package io.lingtan.agent.reading;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A list of figures in the order of records, and which of them a name in a record means. A name
 * that ends with a meter's id beside the plain one, where a role has several meters, means the
 * plain one's.
 */
public final class Indicators {

  private final List<Indicator> all;
  private final Map<String, Indicator> byName = new HashMap<>();
  private final Map<String, Indicator> byBeginning = new HashMap<>();

  /**
   * @throws IllegalArgumentException if two have the same name
   */
  public Indicators(List<Indicator> all) {
    this.all = List.copyOf(all);
    for (Indicator indicator : all) {
      String name = indicator.name();
      int brace = name.indexOf(".{");
      Indicator before =
          brace < 0
              ? byName.put(name, indicator)
              : byBeginning.put(name.substring(0, brace), indicator);
      if (before != null) {
        throw new IllegalArgumentException("figure " + name + " is listed twice");
      }
    }
  }

  public List<Indicator> all() {
    return all;
  }

  /** What is listed of a figure's name in a record; null if nothing is. */
  public @Nullable Indicator find(String metric) {
    Indicator exact = byName.get(metric);
    if (exact != null) {
      return exact;
    }
    int dot = metric.lastIndexOf('.');
    if (dot < 0) {
      return null;
    }
    String beginning = metric.substring(0, dot);
    Indicator pattern = byBeginning.get(beginning);
    return pattern == null ? byName.get(beginning) : pattern;
  }

  /** What stands in a record's name for the braces, or for the meter; empty if nothing does. */
  public String part(String metric) {
    return byName.containsKey(metric) ? "" : metric.substring(metric.lastIndexOf('.') + 1);
  }
}
