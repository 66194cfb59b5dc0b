package io.lingtan.agent.publish;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What {@code meta} says of the software, beside what the site file says.
 *
 * @param version of the software
 * @param metrics names of the figures that interval records carry, with their UCUM units, in order
 */
public record Birth(String version, SequencedMap<String, String> metrics) {
  public Birth {
    metrics = new LinkedHashMap<>(metrics);
  }
}
