package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.journal.number.StoreSnapshot.Elsewhere;
import io.lingtan.agent.journal.number.StoreSnapshot.Previous;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.journal.number.StoreSnapshot.Used;
import io.lingtan.agent.publish.lane.BatchJson;
import io.lingtan.agent.publish.retained.StoreJson;
import io.lingtan.agent.reading.JournalRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The examples of the contract for what is around the records, to the byte. */
final class PayloadGoldenTest {

  private static final String RUN = "0c0ffee0-3b1a7d42-7";
  private static final long TS = 1_764_060_000_000L;

  private static String golden(String name) throws IOException {
    try (var in = PayloadGoldenTest.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8)
          .strip();
    }
  }

  private static final Elsewhere NOWHERE = new Elsewhere(List.of(), 0);

  private static StoreSnapshot full() {
    return new StoreSnapshot(
        "5f1c09ab",
        1764000000000L,
        790001,
        812342,
        812300,
        List.of(new Range(812310, 812327), new Range(812340, 812340)),
        List.of(new Drop(1200, 1899, 650, JournalRecord.Kind.DATA, "space")),
        23,
        3,
        1764059990000L,
        List.of(new Previous("00c0ffee", 4711, 4700, "machine", List.of())),
        1,
        2,
        3,
        null,
        StoreSnapshot.NOT_BLOCKED);
  }

  @Test
  void aStoreIsWrittenAsTheContractShows() throws IOException {
    assertEquals(
        golden("store.json"), StoreJson.of(full(), RUN, NOWHERE, StoreJson.Detail.ALL, TS));
  }

  @Test
  void timesThatAreNotKnownAreNullAndNotZero() throws IOException {
    StoreSnapshot young =
        new StoreSnapshot(
            "5f1c09ab",
            JournalRecord.UNDATED,
            0,
            0,
            0,
            List.of(),
            List.of(),
            0,
            0,
            JournalRecord.UNDATED,
            List.of(),
            0,
            0,
            0,
            null,
            StoreSnapshot.NOT_BLOCKED);
    assertEquals(
        golden("store-young.json"),
        StoreJson.of(young, "", NOWHERE, StoreJson.Detail.ALL, JournalRecord.UNDATED));
  }

  @Test
  void howeverShortAStoreSaysThatNothingIsRecorded() {
    for (StoreJson.Detail detail : StoreJson.Detail.values()) {
      StoreSnapshot since = full().failing(null, 1_764_059_990_000L);
      String text = StoreJson.of(since, RUN, NOWHERE, detail, TS);
      assertTrue(text.contains(",\"blocked_since\":1764059990000,"), text);
      StoreSnapshot undated = full().failing(null, JournalRecord.UNDATED);
      text = StoreJson.of(undated, RUN, NOWHERE, detail, JournalRecord.UNDATED);
      assertTrue(text.contains(",\"blocked_since\":null,"), text);
    }
  }

  @Test
  void aShortenedStoreSaysThatItIs() {
    int before = StoreJson.of(full(), RUN, NOWHERE, StoreJson.Detail.ALL, TS).length();
    for (StoreJson.Detail detail : StoreJson.Detail.values()) {
      String text = StoreJson.of(full(), RUN, NOWHERE, detail, TS);
      assertEquals(detail != StoreJson.Detail.ALL, text.endsWith(",\"truncated\":true}"));
      assertTrue(text.length() <= before);
      before = text.length();
    }
  }

  @Test
  void whatAShortenedStoreLeavesOutIsAbsentAndNotEmpty() {
    String without = StoreJson.of(full(), RUN, NOWHERE, StoreJson.Detail.WITHOUT_PREVIOUS, TS);
    assertTrue(without.contains("\"ahead\":[[812310,") && without.contains("\"dropped\":[{"));
    assertFalse(without.contains("\"previous\""));
    assertEquals(
        "{\"epoch\":\"5f1c09ab\",\"run\":\"0c0ffee0-3b1a7d42-7\",\"ts\":1764060000000,\"since\":1764000000000,\"first\":790001,\"last\":812342,"
            + "\"acked\":812300,\"held\":3,\"oldest_unacked_ts\":1764059990000,\"truncated\":true}",
        StoreJson.of(full(), RUN, NOWHERE, StoreJson.Detail.NUMBERS_ONLY, TS));
  }

  @Test
  void whatOtherCopiesUsedIsCarriedOnAndCountedWhereItIsLeftOut() throws IOException {
    Elsewhere elsewhere =
        new Elsewhere(List.of(new Used("0ddba11a", 77, RUN + " 5ad1dea5-6-0")), 3, 2);
    String run = RUN + " 5ad1dea5-6-0 3b1a7d42-7-812000";
    assertEquals(
        golden("store-used.json"), StoreJson.of(full(), run, elsewhere, StoreJson.Detail.ALL, TS));
    for (StoreJson.Detail detail : StoreJson.Detail.values()) {
      byte[] store =
          StoreJson.of(full(), run, elsewhere, detail, TS).getBytes(StandardCharsets.UTF_8);
      StoreJson.EpochState told = Objects.requireNonNull(StoreJson.told(store));
      boolean isListed = detail.compareTo(StoreJson.Detail.NUMBERS_ONLY) < 0;
      assertEquals(isListed ? elsewhere : new Elsewhere(List.of(), 4, 2), told.elsewhere());
      assertEquals(812342, told.last());
      assertEquals(run, told.run());
    }
  }

  @Test
  void ourOwnStoreIsUnderstoodAgain() throws IOException {
    assertEquals(
        Map.of("5f1c09ab", 812342L, "00c0ffee", 4711L),
        StoreJson.lastByEpoch(golden("store.json").getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aBatchHoldsTheSameBytesAsTheRecordsAlone() throws IOException {
    BatchJson batch = new BatchJson("5f1c09ab");
    String first = golden("/io/lingtan/agent/reading/data.json");
    String second = golden("/io/lingtan/agent/reading/data-failed.json");
    batch.add(first, 812340);
    int foretold = batch.bytesWith(second, 812341);
    batch.add(second, 812341);
    assertEquals(golden("batch.json"), batch.text());
    assertEquals(foretold, batch.text().getBytes(StandardCharsets.UTF_8).length);
  }
}
