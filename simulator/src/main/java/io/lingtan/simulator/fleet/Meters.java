package io.lingtan.simulator.fleet;

import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.MonotonicInstant;
import java.util.List;

/** What the meters of a gateway show. Called on the thread that steps the gateway. */
public interface Meters {

  /**
   * Reads each once.
   *
   * @param at now; no sample is later, and none earlier than one of the same device before it
   * @return one sample of each device that answers
   */
  List<Sample> read(MonotonicInstant at);
}
