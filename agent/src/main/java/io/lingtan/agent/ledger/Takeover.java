package io.lingtan.agent.ledger;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.site.Site;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Another site file on its way into the ledger's inbox, in three moves. The ledger proves that it
 * can write; only then does the owner of the lines close those that end; and when nothing of the
 * old file can come any more, everything in the queue is committed as the old file has it and the
 * state is taken up by the new one, or it is refused and the old one goes on. While the journal
 * cannot be written it waits to be {@code ready}, and until then no line has to end for it.
 *
 * @param told the event that says so in the data
 * @param ready completed once, by the step: a commit has reached the card
 * @param closed completed once, by who asks: what ends has ended; cancelled, nothing is changed
 * @param taken completed once, by the step: with its next turn after {@code closed}
 */
public record Takeover(
    Site site,
    Event told,
    CompletableFuture<Boolean> ready,
    CompletableFuture<Boolean> closed,
    CompletableFuture<Taken> taken) {

  public Takeover(Site site, Event told) {
    this(
        site,
        told,
        new CompletableFuture<>(),
        new CompletableFuture<>(),
        new CompletableFuture<>());
  }

  /**
   * What lines that begin have to know, and what records have from here on.
   *
   * @param totals of pulse inputs, by device
   * @param serials of meters, by device
   * @param indicators the figures of interval records, by their names, in order
   * @param refused why the old site file goes on, null if the new one does
   * @param passing whether it is refused only because the journal cannot be written at present
   */
  public record Taken(
      Map<String, PulseTotal> totals,
      Map<String, String> serials,
      SequencedMap<String, Indicator> indicators,
      @Nullable String refused,
      boolean passing) {}
}
