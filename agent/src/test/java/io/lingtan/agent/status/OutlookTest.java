package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The site of {@link ShownSite}: up for 2 h, in which 57,734 records were made and 9 MB written; 41
 * MB hold 312,341 records, and 2 GB may be used.
 */
class OutlookTest {

  private static final long MUCH = 100_000_000_000L;

  @TempDir Path folder;

  private static double days(Outlook outlook) {
    Double days = outlook.daysLeft();
    assertNotNull(days);
    return days;
  }

  @Test
  void aDayIsTwelveTimesWhatTwoHoursMade() throws IOException {
    Outlook outlook = Outlook.of(ShownSite.good(folder).view(), MUCH);
    assertEquals(57_734 * 12.0, outlook.recordsPerDay());
    assertEquals(108e6, outlook.bytesPerDay());
  }

  @Test
  void theRoomIsWhatRecordsOfTheSizeOfThoseThatAreKeptTake() throws IOException {
    double each = 41e6 / 312_341;
    double wanted = 2e9 / (each * 57_734 * 12);
    assertEquals(wanted, days(Outlook.of(ShownSite.good(folder).view(), MUCH)), 0.01);
    double waiting = (2e9 - 48_213 * each) / (each * 57_734 * 12);
    Outlook away = Outlook.of(ShownSite.good(folder).linkDown("gone").view(), MUCH);
    assertEquals(waiting, days(away), 0.01);
  }

  @Test
  void aFullCardCountsForMoreThanWhatMayBeUsed() throws IOException {
    double each = 41e6 / 312_341;
    double wanted = (41e6 + 10e6) / (each * 57_734 * 12);
    assertEquals(wanted, days(Outlook.of(ShownSite.good(folder).view(), 10_000_000L)), 0.01);
  }

  @Test
  void aBacklogThatShrinksHasAnEndAndOneThatDoesNotHasNone() throws IOException {
    double made = 57_734 / 7_200.0;
    Long drained =
        Outlook.of(ShownSite.good(folder).backlog(48_213, 1, 420).view(), MUCH).drainedMillis();
    assertNotNull(drained);
    assertEquals(48_213 / (420 - made) * 1000, drained, 1);
    assertNull(
        Outlook.of(ShownSite.good(folder).backlog(48_213, 1, 5).view(), MUCH).drainedMillis());
    assertNull(Outlook.of(ShownSite.good(folder).view(), MUCH).drainedMillis());
    assertNull(Outlook.of(ShownSite.good(folder).linkDown("gone").view(), MUCH).drainedMillis());
  }
}
