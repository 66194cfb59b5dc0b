package io.lingtan.agent.journal;

import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.JournalRecord;
import java.util.List;

/**
 * What of the numbers from one that was asked for up to {@code next} an epoch still holds,
 * delivered or not.
 *
 * @param records ascending, the same as they were delivered; empty where only was looked
 * @param count how many can be read
 * @param held how many wait for the date of their boot, or for the card: they come by themselves
 * @param gone numbers that are no longer held or must not be sent, ascending
 * @param next the number to go on from
 */
public record Reread(
    List<JournalRecord> records, long count, long held, List<Range> gone, long next) {
  public Reread {
    records = List.copyOf(records);
    gone = List.copyOf(gone);
  }
}
