package io.lingtan.agent.publish.retained;

import io.lingtan.agent.journal.number.ChainSnapshot;
import io.lingtan.agent.reading.Indicator;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What {@code meta} says of the software, beside what the site file says.
 *
 * @param version of the software
 * @param metrics the figures that interval records carry, by their names, in order
 * @param chain where the chain of signed records is, null if they are not signed
 */
public record Birth(
    String version,
    SequencedMap<String, Indicator> metrics,
    Supplier<@Nullable ChainSnapshot> chain) {

  /** Of software that does not sign. */
  public Birth(String version, SequencedMap<String, Indicator> metrics) {
    this(version, metrics, () -> null);
  }

  public Birth {
    metrics = new LinkedHashMap<>(metrics);
  }
}
