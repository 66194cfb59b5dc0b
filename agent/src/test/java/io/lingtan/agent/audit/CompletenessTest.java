package io.lingtan.agent.audit;

import static io.lingtan.agent.audit.Conversation.EPOCH;
import static io.lingtan.agent.audit.Conversation.T0;
import static io.lingtan.agent.audit.Conversation.batch;
import static io.lingtan.agent.audit.Conversation.event;
import static io.lingtan.agent.audit.Conversation.gzip;
import static io.lingtan.agent.audit.Conversation.interval;
import static io.lingtan.agent.audit.Conversation.record;
import static io.lingtan.agent.audit.Conversation.shortStoreOf;
import static io.lingtan.agent.audit.Conversation.storeOf;
import static io.lingtan.agent.audit.Conversation.withSession;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One small conversation for each rule. */
final class CompletenessTest {

  @Test
  void everythingReceivedIsComplete() {
    var said = withSession().says("status", "online").data(1, 5).store(5, 5);
    assertEquals(Verdict.COMPLETE, said.report().verdict());
    assertEquals(5, said.epoch().received());
  }

  @Test
  void whoRecordsNothingNewIsNotComplete() {
    var said = withSession().says("status", "online").data(1, 5);
    said.says("store", storeOf(EPOCH, 5, 5, ",\"blocked_since\":1764000000000"));
    assertEquals(Verdict.OPEN, said.report().verdict());
    assertTrue(
        said.report()
            .text()
            .contains("  nothing new is recorded there since 2025-11-24T16:00:00Z: its journal"),
        said.report()::text);
    assertTrue(said.report().json().contains("\"blocked_since\":1764000000000,"));
    // Without a clock that is right.
    said.says("store", storeOf(EPOCH, 5, 5, ",\"blocked_since\":null"));
    assertEquals(Verdict.OPEN, said.report().verdict());
    assertTrue(said.report().text().contains("is recorded there: its"), said.report()::text);
    said.store(5, 5);
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @Test
  void whatIsAcknowledgedAndDidNotComeIsAHole() {
    var said = withSession().data(1, 3).data(5, 6).data(9, 9).store(9, 9);
    assertEquals(List.of(new Hole(4, 4, 1), new Hole(7, 8, 2)), said.epoch().holes());
    assertEquals(3, said.epoch().missing());
    assertEquals(Verdict.FAILED, said.report().verdict());
    assertTrue(said.report().text().contains("missing: 4, 7..8"), said.report()::text);
  }

  @Test
  void whatIsNotYetAcknowledgedIsInTransit() {
    var said = withSession().data(1, 3).data(5, 5).store(9, 3);
    assertEquals(0, said.epoch().missing());
    assertEquals(List.of(new Hole(4, 4, 1), new Hole(6, 9, 4)), said.epoch().transit());
    assertEquals(Verdict.OPEN, said.report().verdict());
  }

  @Test
  void whatIsAcknowledgedAheadAndDidNotComeIsAHole() {
    var said =
        withSession()
            .data(1, 3)
            .data(7, 7)
            .says("store", storeOf(EPOCH, 9, 3, ",\"ahead\":[[6,8]]"));
    assertEquals(List.of(new Hole(6, 6, 1), new Hole(8, 8, 1)), said.epoch().holes());
    assertEquals(3, said.epoch().inTransit());
  }

  @Test
  void aDeclaredDropExplainsExactlyItsCount() {
    var said =
        withSession()
            .data(1, 2)
            .says("interval/15m", interval(4, 0))
            .data(8, 8)
            .says("store", storeOf(EPOCH, 8, 8, drops("[3,7,4]")));
    assertEquals(0, said.epoch().missing());
    assertEquals(4, said.epoch().explained());
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @Test
  void aDropThatDeclaresTooFewLeavesAHole() {
    var said =
        withSession().data(1, 2).data(8, 8).says("store", storeOf(EPOCH, 8, 8, drops("[3,7,3]")));
    assertEquals(List.of(new Hole(3, 7, 2)), said.epoch().holes());
    assertTrue(said.report().text().contains("missing: 2 of 3..7"), said.report()::text);
  }

  @Test
  void dropsThatOverlapExplainAsManyAsTheyCan() {
    // 3 and 4 lie in both: only if the first drop takes 3 is there one left for 6.
    var said =
        withSession()
            .data(1, 2)
            .data(5, 5)
            .data(7, 8)
            .says("store", storeOf(EPOCH, 8, 8, drops("[3,7,2]", "[2,4,1]")));
    assertEquals(0, said.epoch().missing());
  }

  @Test
  void aDropThatOthersWereMergedIntoIsNotCountedTwice() {
    var said =
        withSession()
            .data(1, 1)
            .data(9, 9)
            .says("store", storeOf(EPOCH, 9, 9, drops("[2,4,3]")))
            .says("store", storeOf(EPOCH, 9, 9, drops("[2,8,5]")));
    assertEquals(2, said.epoch().missing());
  }

  @Test
  void whatADropHasLeftExplainsWhatIsInTransit() {
    var said = withSession().data(1, 2).says("store", storeOf(EPOCH, 6, 2, drops("[3,6,3]")));
    assertEquals(0, said.epoch().missing());
    assertEquals(1, said.epoch().inTransit());
  }

  @Test
  void whileAGatewayIsOfflineNothingIsKnownSinceThen() {
    var said = withSession().says("status", "online").data(1, 5).store(5, 5);
    said.at(60).says("status", "offline");
    assertEquals(T0 + 60_000, said.gateway().offlineSinceMillis());
    assertEquals(Verdict.OPEN, said.report().verdict());
    assertTrue(
        said.report().text().contains("nothing is known since 2025-11-25T08:41:00Z"),
        said.report()::text);
    said.at(90).says("status", "online");
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @Test
  void theSameBytesAgainAreHarmless() {
    var said = withSession().data(1, 5).data(2, 3).store(5, 5);
    assertEquals(2, said.epoch().repeats());
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @Test
  void aBatchThatRepeatsALiveRecordIsTheSameBytes() {
    var said =
        withSession()
            .data(1, 2)
            .says(
                "batch",
                batch(List.of(record(EPOCH, 1, 0, "pv1", 1), record(EPOCH, 2, 1, "pv1", 2))))
            .store(2, 2);
    assertEquals(2, said.epoch().repeats());
    assertEquals(0, said.epoch().contradicted());
  }

  @Test
  void twoContentsUnderOneKeyAreAFailure() {
    var said =
        withSession()
            .data(1, 5)
            .says("data/pv1", record(EPOCH, 3, 2, "pv1", 3, "\"values\":{\"power\":1.1}"))
            .store(5, 5);
    assertEquals(List.of(3L), said.epoch().contradictions());
    assertEquals(Verdict.FAILED, said.report().verdict());
  }

  /** Under numbers of its own, as a card does that was put back from an older copy. */
  @Test
  void anIntervalToldAgainUnderTheSameRevWithOtherFiguresIsAFailure() {
    var said = withSession();
    String form =
        "{\"epoch\":\"%s\",\"seq\":%d,\"after\":%d,\"ts\":1700000060000,\"interval\":\"1m\","
            + "\"start\":1700000000000,\"end\":1700000060000,\"rev\":%d,"
            + "\"metrics\":{\"elec.grid.import\":{\"v\":%s,\"u\":\"kW.h\"}}}";
    said.says("interval/1m", form.formatted(EPOCH, 1, 0, 0, "0.30"))
        .says("interval/1m", form.formatted(EPOCH, 2, 1, 1, "0.31"))
        .says("interval/1m", form.formatted(EPOCH, 3, 2, 1, "0.310"));
    said.store(3, 3);
    assertEquals(0, said.report().gateways().getFirst().contradicted());
    said.says("interval/1m", form.formatted(EPOCH, 4, 3, 0, "0.32")).store(4, 4);
    assertEquals(1, said.report().gateways().getFirst().contradicted());
    assertEquals(Verdict.FAILED, said.report().verdict());
  }

  @Test
  void aRepeatTooOldToCompareIsCountedAsThat() {
    var said = withSession().data(1, 5000).data(1, 1).store(5000, 5000);
    assertEquals(1, said.epoch().uncompared());
    assertEquals(0, said.epoch().repeats());
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @Test
  void batchesAndLiveRecordsMayComeInAnyOrder() {
    var said =
        withSession()
            .data(6, 8)
            .says("batch", batch(List.of(record(EPOCH, 4, 3, "pv1", 4))))
            .says(
                "batch/gz",
                gzip(batch(List.of(record(EPOCH, 1, 0, "pv1", 1), record(EPOCH, 2, 1, "pv1", 2)))))
            .says("data/pv1", record(EPOCH, 5, 4, "pv1", 5))
            .says("batch", batch(List.of(record(EPOCH, 3, 2, "pv1", 3))))
            .store(8, 8);
    assertEquals(8, said.epoch().received());
    assertEquals(Verdict.COMPLETE, said.report().verdict());
    assertEquals(List.of(), said.epoch().broken());
  }

  @Test
  void anUndatedRecordCounts() {
    var said =
        withSession()
            .says(
                "undated",
                "{\"epoch\":\"%s\",\"seq\":1,\"after\":0,\"boot\":\"b\",\"mono\":5,\"device\":\"pv1\",\"values\":{}}"
                    .formatted(EPOCH))
            .data(2, 1, 2)
            .store(2, 2);
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @Test
  void anAnswerToAReplayFillsAHole() {
    var said = withSession().data(1, 3).data(5, 5).store(5, 5);
    assertEquals(1, said.epoch().missing());
    String replay = batch(List.of(record(EPOCH, 4, 3, "pv1", 4)));
    said.says("batch", replay.replace("\"first\"", "\"replay\":\"id\",\"done\":true,\"first\""));
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ",\"truncated\":true",
        "",
        ",\"ahead\":[],\"previous\":[]",
        ",\"ahead\":null,\"dropped\":null,\"previous\":null,\"truncated\":true"
      })
  void aStoreThatLeftItsDropsOutProvesNothingMissing(String lists) {
    var said = withSession().data(1, 3).data(6, 6).says("store", shortStoreOf(EPOCH, 8, 8, lists));
    assertEquals(0, said.epoch().missing());
    assertEquals(4, said.epoch().inTransit());
    assertTrue(said.gateway().garbage().isEmpty());
  }

  @Test
  void aShortStoreThatSaysItDroppedNothingProvesAHole() {
    var said =
        withSession()
            .data(1, 3)
            .data(6, 6)
            .says("store", shortStoreOf(EPOCH, 8, 8, ",\"dropped\":[],\"truncated\":true"));
    assertEquals(4, said.epoch().missing());
  }

  @Test
  void whatWasSaidToBeDeliveredStaysSoWhenAStoreLeavesItOut() {
    var said =
        withSession()
            .data(1, 3)
            .says("store", storeOf(EPOCH, 9, 3, ",\"ahead\":[[6,8]]"))
            .says("store", shortStoreOf(EPOCH, 9, 3, ",\"dropped\":[],\"truncated\":true"));
    assertEquals(3, said.epoch().missing());
  }

  @Test
  void anEpochThatAShortStoreDoesNotNameMayStillDeliver() {
    var said =
        withSession()
            .data(1, 3)
            .store(5, 3)
            .says("store", shortStoreOf("bbbb", 0, 0, ",\"dropped\":[],\"truncated\":true"));
    assertEquals(0, said.gateway().epochs().getFirst().missing());
  }

  @Test
  void aStoreThatHoldsNothingHasNoFirst() {
    var said = withSession();
    said.says(
        "store",
        "{\"epoch\":\"aaaa\",\"since\":null,\"first\":null,\"last\":0,\"acked\":0,\"ahead\":[],"
            + "\"dropped\":[],\"held\":0,\"oldest_unacked_ts\":null,\"previous\":[]}");
    assertTrue(said.gateway().garbage().isEmpty());
    assertEquals(0, said.epoch().missing());
  }

  // Epochs.

  @Test
  void eachEpochIsCountedForItself() {
    var said =
        withSession()
            .data(1, 3)
            .store(3, 3)
            .says("data/pv1", record("bbbb", 1, 0, "pv1", 10))
            .says("data/pv1", record("bbbb", 3, 2, "pv1", 12))
            .says("store", storeOf("bbbb", 3, 3, previous(EPOCH, 5, 3)));
    var epochs = said.gateway().epochs();
    assertEquals(2, epochs.size());
    assertEquals(2, epochs.get(0).inTransit());
    assertFalse(epochs.get(0).current());
    assertEquals(List.of(new Hole(2, 2, 1)), epochs.get(1).holes());
    assertTrue(epochs.get(1).current());
  }

  @Test
  void aDropFromAnEarlierEpochIsDeclaredWithIt() {
    // The broker was away, then the power; the full journal gave up the oldest of what waited.
    var said = withSession().data(1, 3).store(3, 3).data(8, 9);
    said.says("store", storeOf("bbbb", 1, 0, previous(EPOCH, 9, 9, drops("[4,7,4]"))));
    var earlier = said.gateway().epochs().getFirst();
    assertEquals(List.of(), earlier.holes());
    assertEquals(4, earlier.explained());
    assertEquals(9, earlier.acked());
  }

  @Test
  void aDropFromAnEarlierEpochThatDeclaresTooFewLeavesAHole() {
    var said = withSession().data(1, 3).store(3, 3).data(8, 9);
    said.says("store", storeOf("bbbb", 1, 0, previous(EPOCH, 9, 9, drops("[4,7,3]"))));
    assertEquals(List.of(new Hole(4, 7, 1)), said.gateway().epochs().getFirst().holes());
  }

  @Test
  void whatWasDroppedFromAnEarlierEpochStaysExplainedWhenThatIsNamedNoMore() {
    var said = withSession().data(1, 3).store(3, 3).data(8, 9);
    said.says("store", storeOf("bbbb", 0, 0, previous(EPOCH, 9, 3, drops("[4,7,4]"))));
    said.says("store", storeOf("bbbb", 0, 0, ""));
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @Test
  void anEpochThatBeganWhileListeningCountsFromItsFirstRecord() {
    var said =
        withSession()
            .listensOnlyFromNow()
            .hadSaid("store", storeOf(EPOCH, 3, 3, ""))
            .at(1)
            .says("store", storeOf("bbbb", 4, 4, previous(EPOCH, 3, 3)));
    assertEquals(4, said.epoch().missing());
  }

  @Test
  void anEpochThatTheGatewayNamesNoMoreIsOver() {
    var said = withSession().data(1, 3).store(5, 3).says("store", storeOf("bbbb", 0, 0, ""));
    assertEquals(List.of(new Hole(4, 5, 2)), said.gateway().epochs().getFirst().holes());
  }

  @Test
  void aRetainedStoreOfAnEpochThatHasEndedIsOldNews() {
    var said =
        withSession()
            .data(1, 3)
            .store(3, 3)
            .says("store", storeOf("bbbb", 0, 0, previous(EPOCH, 3, 3)))
            .hadSaid("store", storeOf(EPOCH, 9, 9, ""));
    assertEquals("bbbb", said.epoch().epoch());
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @Test
  void numbersOfAStoreNeverGoBack() {
    var said =
        withSession().data(1, 4).data(6, 6).store(6, 6).hadSaid("store", storeOf(EPOCH, 4, 4, ""));
    assertEquals(1, said.epoch().missing());
    assertEquals(6, said.epoch().acked());
  }

  // What was there before.

  @Test
  void whatWasDeliveredBeforeListeningIsNotJudged() {
    var said = withSession().listensOnlyFromNow().hadSaid("store", storeOf(EPOCH, 800, 790, ""));
    assertEquals(790, said.epoch().unseen());
    assertEquals(0, said.epoch().missing());
    assertEquals(10, said.epoch().inTransit());
  }

  @Test
  void aRetainedStoreIsUpToAMinuteOldAndProvesNothingMissing() {
    // The store was said a while before listening began; 801 to 830 went by in between.
    var said =
        withSession()
            .listensOnlyFromNow()
            .hadSaid("store", storeOf(EPOCH, 800, 800, ""))
            .at(10)
            .data(831, 840)
            .at(30)
            .store(845, 840);
    assertEquals(0, said.epoch().missing());
    assertEquals(5, said.epoch().inTransit());
    // From here on everything counts, and so does what is later than the first live record.
    said.data(846, 847).store(847, 847);
    assertEquals(List.of(new Hole(841, 845, 5)), said.epoch().holes());
  }

  @Test
  void whatIsLaterThanTheFirstLiveRecordCountsBeforeAStoreCame() {
    var said =
        withSession()
            .listensOnlyFromNow()
            .hadSaid("store", storeOf(EPOCH, 800, 800, ""))
            .at(10)
            .data(831, 835)
            .data(837, 840)
            .at(30)
            .store(840, 840);
    assertEquals(List.of(new Hole(836, 836, 1)), said.epoch().holes());
  }

  @Test
  void aBacklogDeliveredPartlyBeforeListeningIsNotAHole() {
    var said =
        withSession()
            .listensOnlyFromNow()
            .hadSaid("store", storeOf(EPOCH, 1000, 500, ""))
            .at(10)
            .data(1001, 1002)
            .says("batch", batch(List.of(record(EPOCH, 701, 700, "pv1", 701))))
            .at(40)
            .says("store", storeOf(EPOCH, 1002, 701, ",\"ahead\":[[900,1002]]"));
    assertEquals(0, said.epoch().missing());
    said.at(100).store(1002, 1002);
    assertEquals(List.of(new Hole(702, 899, 198)), said.epoch().holes());
  }

  @Test
  void anInterruptionForgivesOnlyWhatWasDeliveredDuringIt() {
    var said = withSession().data(1, 4).data(6, 10).store(10, 10);
    assertEquals(1, said.epoch().missing());
    said.at(60).listensOnlyFromNow().at(70).store(20, 20);
    assertEquals(List.of(new Hole(5, 5, 1)), said.epoch().holes());
    assertEquals(10, said.epoch().unseen());
  }

  @Test
  void aSessionThatTheBrokerKeptCountsFromItsFirstRecord() {
    var said = withSession().data(100, 120).data(122, 130).store(130, 130);
    assertEquals(99, said.epoch().unseen());
    assertEquals(List.of(new Hole(121, 121, 1)), said.epoch().holes());
  }

  // The chain of each stream.

  @Test
  void twoRecordsAfterTheSameOneAreAFailure() {
    var said = withSession().data(1, 0, 1).data(2, 1, 2).data(3, 1, 3).store(3, 3);
    assertEquals(1, said.epoch().forks());
    assertEquals(Verdict.FAILED, said.report().verdict());
  }

  // Time without a record.

  private static Conversation everyTenSeconds() {
    return withSession()
        .hadSaid("meta", "{\"devices\":[{\"id\":\"pv1\"}]}")
        .hadSaid("meta/pv1", "{\"record\":\"10s\"}");
  }

  @Test
  void aTimeWithoutARecordThatNothingExplainsIsAFailure() {
    var said = everyTenSeconds().data(1, 0, 0).data(2, 1, 10).data(3, 2, 31).store(3, 3);
    assertEquals(
        List.of(new Gap("pv1", T0 + 10_000, T0 + 31_000, false, true)), said.gateway().gaps());
    assertEquals(Verdict.FAILED, said.report().verdict());
  }

  @Test
  void twoPeriodsAreNoGap() {
    var said = everyTenSeconds().data(1, 0, 0).data(2, 1, 20).store(2, 2);
    assertEquals(0, said.gateway().unexplained());
  }

  @Test
  void theStartAfterACrashExplainsItsSpan() {
    var said = everyTenSeconds().data(1, 0, 0).data(3, 1, 95).store(3, 3);
    assertEquals(1, said.gateway().unexplained());
    said.says("event", event(2, 0, 80, "agent.start", "\"since\":" + (T0 + 2_000)));
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @ParameterizedTest
  @ValueSource(strings = {"journal.replaced", "journal.store_ahead"})
  void whatWasInAJournalThatIsGoneIsExplainedByTheOneInItsPlace(String name) {
    var said = everyTenSeconds().data(1, 0, 0).data(3, 1, 95).store(3, 3);
    String gone = "\"epoch\":\"00c0ffee\",\"since\":";
    said.says("event", event(2, 0, 90, name, gone + (T0 + 50_000)));
    assertEquals(1, said.gateway().unexplained(), "not what was before it");
    said.says("event", event(4, 2, 91, name, gone + (T0 + 2_000)));
    assertEquals(0, said.gateway().unexplained());
  }

  @Test
  void aStopAndAStartExplainTheTimeBetween() {
    var said =
        everyTenSeconds()
            .data(1, 0, 0)
            .says("event", event(2, 0, 5, "agent.stop", ""))
            .says("event", event(3, 2, 3000, "agent.start", ""))
            .data(4, 1, 3005)
            .store(4, 4);
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @Test
  void aSpanExplainsOnlyItself() {
    var said =
        everyTenSeconds()
            .data(1, 0, 0)
            .says("event", event(2, 0, 80, "agent.start", "\"since\":" + (T0 + 50_000)))
            .data(3, 1, 95)
            .store(3, 3);
    assertEquals(1, said.gateway().unexplained());
  }

  @ParameterizedTest
  @ValueSource(strings = {"poll.skipped", "poll.late"})
  void skippedAndLatePollsExplainTheirDeviceAlone(String name) {
    String skipped =
        "\"device\":\"%s\",\"from\":" + T0 + ",\"to\":" + (T0 + 60_000) + ",\"count\":6";
    var said = everyTenSeconds().data(1, 0, 0).data(2, 1, 60);
    said.says("event", event(3, 0, 60, name, skipped.formatted("gate"))).store(3, 3);
    assertEquals(1, said.gateway().unexplained());
    said.says("event", event(4, 3, 60, name, skipped.formatted("pv1"))).store(4, 4);
    assertEquals(0, said.gateway().unexplained());
  }

  @Test
  void aSpanThatWasToldBeforeTheTimeWasKnownIsDatedAsItsEventIs() {
    String late = "\"from\":1000,\"to\":61000,\"count\":5,\"clock\":\"mono\",\"at\":61000";
    var said = everyTenSeconds().data(1, 0, 0).data(2, 1, 60);
    assertEquals(1, said.store(2, 2).gateway().unexplained());
    said.says("event", event(3, 0, 60, "poll.late", "\"device\":\"pv1\"," + late)).store(3, 3);
    assertEquals(0, said.gateway().unexplained());
  }

  @Test
  void whatWasExplainedStaysSoHoweverMuchIsToldAfterIt() {
    var said = everyTenSeconds().data(1, 0, 0);
    long seq = 1;
    long event = 0;
    for (long minute = 1; minute <= 1_500; minute++) {
      long at = T0 + 60_000L * minute;
      said.data(seq + 1, seq == 1 ? 1 : seq - 1, 60 * minute);
      String span = "\"device\":\"pv1\",\"from\":" + (at - 60_000) + ",\"to\":" + at;
      said.says("event", event(seq + 2, event, 60 * minute, "poll.late", span));
      event = seq + 2;
      seq += 2;
    }
    said.store(seq, seq);
    assertEquals(0, said.gateway().unexplained());
  }

  @Test
  void afterAFailedPollOneRecordAMinuteIsEnough() {
    String failed = "\"values\":{},\"bad\":{\"*\":\"offline\"}";
    var said = everyTenSeconds().data(1, 0, 0);
    said.says("data/pv1", record(EPOCH, 2, 1, "pv1", 10, failed));
    said.says("data/pv1", record(EPOCH, 3, 2, "pv1", 70, failed)).data(4, 3, 131).store(4, 4);
    assertEquals(0, said.gateway().unexplained());
    said.says("data/pv1", record(EPOCH, 5, 4, "pv1", 140, failed)).data(6, 5, 600).store(6, 6);
    assertEquals(1, said.gateway().unexplained());
  }

  @Test
  void aDeviceThatWasNotThereHasNoGap() {
    var said = everyTenSeconds().data(1, 0, 0);
    said.at(5).says("meta", "{\"devices\":[]}").says("meta/pv1", "");
    said.at(595).says("meta/pv1", "{\"record\":\"10s\"}").data(2, 1, 600).store(2, 2);
    assertEquals(0, said.gateway().unexplained());
  }

  @Test
  void anAbsenceExplainsNoMoreThanItsOwnTime() {
    Gap gap = new Gap("pv1", T0, T0 + 21_600_000, false, true);
    for (long second : new long[] {1, 10_000, 21_595}) {
      var said = everyTenSeconds().data(1, 0, 0);
      said.at(second).says("meta/pv1", "");
      said.at(second + 1).says("meta/pv1", "{\"record\":\"10s\"}");
      said.at(21_600).data(2, 1, 21_600).store(2, 2);
      assertEquals(List.of(gap), said.gateway().gaps(), "second " + second);
    }
  }

  @Test
  void anAbsenceThatWasHeardLateLastsUntilWhatOthersHadWhenItEnded() {
    var said = everyTenSeconds().data(1, 0, 0);
    said.at(7_200).says("meta/pv1", "");
    said.says("data/gate", record(EPOCH, 2, 0, "gate", 7_200));
    said.at(7_201).says("meta/pv1", "{\"record\":\"10s\"}");
    said.data(3, 1, 7_210).store(3, 3);
    assertEquals(0, said.gateway().unexplained());
  }

  @Test
  void aStepOfTheClockExplainsTheGapThatItMakes() {
    var said = everyTenSeconds().data(1, 0, 0).data(2, 1, 3610);
    said.says("event", event(3, 0, 3605, "clock.step", stepped(5, 3605))).store(3, 3);
    assertEquals(0, said.gateway().unexplained());
  }

  @Test
  void aSmallStepOfTheClockDoesNotExplainALongGap() {
    String step = "\"from\":" + (T0 + 20_000_000) + ",\"to\":" + (T0 + 20_000_600);
    var said = everyTenSeconds().data(1, 0, 0).data(2, 1, 43_200);
    said.says("event", event(3, 0, 20_000, "clock.step", step)).store(3, 3);
    assertEquals(1, said.gateway().unexplained());
    assertEquals(Verdict.FAILED, said.report().verdict());
  }

  @Test
  void aStepOfTheClockDoesNotPartTheTimeThatIsLost() {
    // 15 s before the step and 15 s after it are 30 s without a record.
    var said = everyTenSeconds().data(1, 0, 0).data(2, 1, 3630);
    said.says("event", event(3, 0, 3615, "clock.step", stepped(15, 3615))).store(3, 3);
    assertEquals(1, said.gateway().unexplained());
  }

  @Test
  void aStepBackIntoTimeThatWasLostDoesNotExplainIt() {
    var said = everyTenSeconds().data(1, 0, 0).data(2, 1, 900).data(3, 2, 890);
    said.says("event", event(4, 0, 880, "clock.step", stepped(905, 0))).store(4, 4);
    assertEquals(List.of(new Gap("pv1", T0, T0 + 900_000, false, true)), said.gateway().gaps());
  }

  @Test
  void afterAStepBackNoDeviceIsLateUntilTheClockIsThereAgain() {
    var said = everyTenSeconds().data(1, 0, 3600).data(2, 1, 10);
    said.says("event", event(3, 0, 5, "clock.step", stepped(3605, 5))).store(3, 3);
    assertEquals(0, said.gateway().unexplained());
    said.says("data/gate", record(EPOCH, 4, 0, "gate", 3640)).store(4, 4);
    assertEquals(1, said.gateway().unexplained());
  }

  @Test
  void aClockSetBackWhileTheAgentWasAwayMakesNoDeviceLate() {
    var said = everyTenSeconds().data(1, 0, 3600).data(2, 1, 10);
    said.says("event", event(3, 0, 5, "agent.start", "\"since\":" + (T0 + 3_600_000)));
    assertEquals(0, said.store(3, 3).gateway().unexplained());
  }

  @Test
  void aDateForABootDoesNotExplainAGap() {
    var said = everyTenSeconds().data(1, 0, 0).data(2, 1, 600);
    said.says("event", event(3, 0, 300, "clock.offset", "\"boot\":\"b\",\"offset_ms\":1"));
    assertEquals(1, said.store(3, 3).gateway().unexplained());
  }

  @Test
  void aBootWithoutADateExplainsOnlyTheTimeInWhichItCanHaveBeen() {
    String bounds = "\"boot\":\"b\",\"not_before\":%d,\"not_after\":%d";
    var said = everyTenSeconds().data(1, 0, 0).data(2, 1, 600);
    said.says(
        "event", event(3, 0, 500, "clock.bounds", bounds.formatted(T0 + 5_000, T0 + 500_000)));
    assertEquals(1, said.store(3, 3).gateway().unexplained());
    said.says(
        "event", event(4, 3, 590, "clock.bounds", bounds.formatted(T0 + 5_000, T0 + 590_000)));
    assertEquals(0, said.store(4, 4).gateway().unexplained());
  }

  @Test
  void theTimeBesideARecordWithoutADateIsNotJudged() {
    var said =
        everyTenSeconds()
            .data(1, 0, 0)
            .says(
                "undated",
                "{\"epoch\":\"%s\",\"seq\":2,\"after\":1,\"boot\":\"b\",\"mono\":5,\"device\":\"pv1\",\"values\":{}}"
                    .formatted(EPOCH));
    said.data(3, 2, 600).store(3, 3);
    assertEquals(0, said.gateway().unexplained());
  }

  @Test
  void aDropBetweenTwoRecordsIsNoGap() {
    var said = everyTenSeconds().data(1, 0, 0).data(9, 8, 100);
    said.says("store", storeOf(EPOCH, 9, 9, drops("[2,8,7]")));
    assertEquals(0, said.gateway().unexplained());
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @Test
  void aDeviceThatStoppedForGoodIsAGap() {
    var said = everyTenSeconds().hadSaid("meta/gate", "{\"record_ms\":10000}");
    said.data(1, 0, 0);
    said.says("data/gate", record(EPOCH, 2, 0, "gate", 0));
    said.says("data/gate", record(EPOCH, 3, 2, "gate", 20)).store(3, 3);
    assertEquals(0, said.gateway().unexplained());
    said.says("data/gate", record(EPOCH, 4, 3, "gate", 25)).store(4, 4);
    assertEquals(List.of(new Gap("pv1", T0, T0 + 25_000, false, false)), said.gateway().gaps());
  }

  @Test
  void aGapBetweenTwoEpochsNeedsAnExplanationToo() {
    var said =
        everyTenSeconds()
            .data(1, 0, 0)
            .store(1, 1)
            .says("data/pv1", record("bbbb", 1, 0, "pv1", 90))
            .says("store", storeOf("bbbb", 1, 1, previous(EPOCH, 1, 1)));
    assertEquals(1, said.gateway().unexplained());
    said.says("event", event(2, 0, 85, "agent.start", "\"since\":" + T0).replace(EPOCH, "bbbb"))
        .says("store", storeOf("bbbb", 2, 2, previous(EPOCH, 1, 1)));
    assertEquals(0, said.gateway().unexplained());
  }

  @Test
  void withoutAKnownPeriodGapsAreNotJudgedAndThatIsSaid() {
    var said = withSession().data(1, 0, 0).data(2, 1, 500).store(2, 2);
    assertEquals(0, said.gateway().unexplained());
    assertEquals(List.of("pv1"), said.gateway().withoutPeriod());
  }

  // Garbage.

  @Test
  void aGzippedBatchThatInflatesWithoutEndIsGarbageAndCostsNoMemory() {
    byte[] bomb = gzip(" ".repeat(20 << 20));
    assertTrue(bomb.length < 60_000, bomb.length + " bytes");
    byte[] whole = gzip(batch(List.of(record(EPOCH, 1, 0, "pv1", 1))));
    var said =
        withSession()
            .says("batch/gz", bomb)
            .says("batch/gz", Arrays.copyOf(whole, whole.length - 4))
            .says("batch/gz", new byte[0])
            .says("batch/gz", whole)
            .store(1, 1);
    assertEquals(
        Map.of("batch: inflates to more than 2 MB", 1L, "batch: not gzip", 2L),
        said.gateway().garbage());
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @Test
  void garbageIsCountedByKindAndTheRestGoesOn() {
    var said =
        withSession()
            .says("data/pv1", "{\"epoch\":")
            .says("data/pv1", "nonsense")
            .says("data/pv1", record(EPOCH, 1, 0, "gate", 1))
            .says("data/pv1", record(EPOCH, 1, 1, "pv1", 1))
            .says("batch/gz", "not gzip")
            .says("batch", batch(List.of("17", record(EPOCH, 2, 1, "pv1", 2))))
            .says("batch", "{\"records\":[" + record(EPOCH, 3, 2, "pv1", 3))
            .says("store", "{\"epoch\":\"x\"}")
            .says("status", "maybe")
            .says("data/pv1", "[".repeat(10_000))
            .data(1, 0, 1)
            .store(2, 2);
    assertEquals(
        Map.of(
            "data: not JSON", 2L,
            "data: not a JSON object", 1L,
            "data: a record of another topic", 1L,
            "data: seq and after do not fit", 1L,
            "batch: not gzip", 1L,
            "batch: not a JSON object", 1L,
            "batch: not JSON", 1L,
            "store: no whole number last", 1L,
            "status: neither online nor offline", 1L),
        said.gateway().garbage());
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @Test
  void otherTopicsAreIgnored() {
    var said = withSession().says("cmd/ack", "x").says("reply/ack", "y").says("state/pv1", "z");
    said.completeness.take("spBv1.0/wuxi/NBIRTH/gw", new byte[1], false, T0);
    said.completeness.take("lingtan/v1/bad name/status", new byte[1], false, T0);
    assertEquals(1, said.report().gateways().size());
    assertEquals(Map.of(), said.gateway().garbage());
  }

  @Test
  void noGatewayAtAllIsNotGood() {
    var report = new Completeness().report(T0);
    assertEquals(Verdict.UNKNOWN, report.verdict());
    assertFalse(report.verdict().isGood());
  }

  @Test
  void aGatewayThatNeverSaidWhatItHasCannotBeJudged() {
    assertEquals(Verdict.UNKNOWN, withSession().data(1, 5).report().verdict());
  }

  /** What the agent says of a step of the wall clock from one second to another. */
  private static String stepped(long from, long to) {
    return "\"from\":%d,\"to\":%d".formatted(T0 + from * 1000, T0 + to * 1000);
  }

  private static String drops(String... drops) {
    StringBuilder json = new StringBuilder(",\"dropped\":[");
    for (String drop : drops) {
      String[] numbers = drop.substring(1, drop.length() - 1).split(",");
      json.append(json.length() == 12 ? "" : ",")
          .append(
              "{\"from\":%s,\"to\":%s,\"count\":%s,\"kind\":\"data\",\"reason\":\"max_size\"}"
                  .formatted((Object[]) numbers));
    }
    return json.append(']').toString();
  }

  private static String previous(String epoch, long last, long acked) {
    return previous(epoch, last, acked, "");
  }

  private static String previous(String epoch, long last, long acked, String more) {
    return ",\"previous\":[{\"epoch\":\"%s\",\"last\":%d,\"acked\":%d,\"reason\":\"unclean\"%s}]"
        .formatted(epoch, last, acked, more);
  }

  @Test
  void whatOneGatewayInventsIsRememberedLessOfAndCostsNoOther() {
    Conversation good = withSession();
    Conversation evil = new Conversation(good.completeness, "evil");
    good.completeness.limit(2_000_000);
    good.data(1, 500).store(500, 500);
    evil.store(1, 1);
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      List<String> records = new ArrayList<>();
      for (int j = 0; j < 200; j++) {
        long seq = 2 + random.nextLong(1L << 50);
        records.add(record("e" + i % 9, seq, seq - 1, "d" + random.nextInt(1000), 1));
      }
      evil.says("batch", batch(records));
      assertTrue(good.completeness.weight() < 4_500_000, () -> "" + good.completeness.weight());
    }
    AuditReport report = good.report();
    assertEquals(Verdict.COMPLETE, verdict(report, "gw"));
    assertTrue(report.gateways().getFirst().shortened() > 0, "evil is the first by name");
    // Nobody is followed for whom there is no room, and that is said.
    good.completeness.limit(1);
    for (int i = 0; i < 500; i++) {
      new Conversation(good.completeness, "invented" + i).data(1, 30);
    }
    assertTrue(good.report().refusedMessages() > 0, () -> good.report().text());
    assertFalse(good.report().gateways().size() > 400, () -> good.report().text());
  }

  private static Verdict verdict(AuditReport report, String gateway) {
    return report.gateways().stream()
        .filter(each -> each.gateway().equals(gateway))
        .findFirst()
        .orElseThrow()
        .verdict();
  }
}
