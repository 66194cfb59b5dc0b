package io.lingtan.agent.ledger;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.site.Site;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;

/**
 * Another site file on its way into the ledger's inbox, and where the answer goes: once everything
 * that was in the queue is committed as the old file has it and the state is taken up by the new
 * one. While the journal cannot be written it waits.
 *
 * @param told the event that says so in the data
 * @param taken completed once, by the step
 */
public record Takeover(Site site, Event told, CompletableFuture<Taken> taken) {

  public Takeover(Site site, Event told) {
    this(site, told, new CompletableFuture<>());
  }

  /**
   * What lines that begin have to know, and what records have from here on.
   *
   * @param totals of pulse inputs, by device
   * @param serials of meters, by device
   * @param indicators the figures of interval records, by their names, in order
   */
  public record Taken(
      Map<String, PulseTotal> totals,
      Map<String, String> serials,
      SequencedMap<String, Indicator> indicators) {}
}
