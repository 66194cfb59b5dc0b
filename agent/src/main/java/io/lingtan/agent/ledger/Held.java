package io.lingtan.agent.ledger;

import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Sample;

/** What waits for its boot to be dated before it is folded, in the order in which it arrived. */
sealed interface Held {

  /** A sample. */
  record Read(Sample sample) implements Held {}

  /** Another meter: samples before it are the old one's, samples after it the new one's. */
  record Swapped(Arrival.Exchanged exchange) implements Held {}
}
