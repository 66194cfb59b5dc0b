package io.lingtan.simulator.check;

import static io.lingtan.simulator.check.Bench.HOUR;
import static io.lingtan.simulator.check.Bench.MINUTE;
import static io.lingtan.simulator.check.Bench.SECOND;
import static io.lingtan.simulator.check.Bench.START;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.check.record.Received;
import io.lingtan.simulator.device.contact.PulseOutput;
import io.lingtan.simulator.device.measure.Measure;
import io.lingtan.simulator.fault.BrokerFault;
import io.lingtan.simulator.fault.ClockFault;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.fault.HostFault;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.Wire;
import io.lingtan.simulator.world.World;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A gateway is excused by what the run did to it, and by nothing that it says of itself. */
class ExcusesTest {

  private static final long END = START + 30 * MINUTE;

  private final Bench bench = new Bench();

  // Drops.

  /** Records 1 to 3 and 7 of 7 came, all of them acknowledged. */
  private void dropped(long count, String reason) {
    bench.deliver(1, 0, START);
    bench.deliver(2, 1, START);
    bench.deliver(3, 2, START);
    bench.deliver(7, 6, END);
    bench.store(
        "{\"epoch\":\"e\",\"last\":7,\"acked\":7,\"ahead\":[],\"dropped\":[{\"from\":2,\"to\":6,"
            + "\"count\":%d,\"kind\":\"data\",\"reason\":\"%s\"}]}".formatted(count, reason),
        END);
    bench.delivery.finish(new Drops(bench.happened, 64_000_000, 1_000));
  }

  private void theCardFailed() {
    bench.with(new HostFault.IoError(END - 5 * MINUTE, END + MINUTE));
  }

  @Test
  void aDropOfWhatNeverCameIsTakenWhereItHasACause() {
    theCardFailed();
    dropped(3, "damaged");
    assertEquals(Map.of(), bench.found(), bench.words()::toString);
  }

  @Test
  void aCopyThatIsPutBackMayDeclareWhatTheOtherSentUnderItsNumbers() {
    bench.with(new HostFault.Restored(START + MINUTE, START + 2 * MINUTE, MINUTE, true));
    // Its own 1 to 5: two of them came from the other copy.
    dropped(5, "number_reused");
    assertEquals(Map.of(), bench.found(), bench.words()::toString);
  }

  /** Nothing came of the epoch before, so that nobody knows since when its cause may be. */
  @Test
  void aDropThatBeginsWithTheEpochHasItsCause() {
    bench.with(new HostFault.Restored(START + MINUTE, START + 2 * MINUTE, MINUTE, true));
    bench.deliver(3, 0, END);
    bench.store(
        "{\"epoch\":\"e\",\"last\":3,\"acked\":3,\"ahead\":[],\"dropped\":[{\"from\":1,\"to\":2,"
            + "\"count\":2,\"kind\":\"data\",\"reason\":\"number_reused\"}]}",
        END);
    bench.delivery.finish(new Drops(bench.happened, 64_000_000, 1_000));
    assertEquals(Map.of(), bench.found(), bench.words()::toString);
  }

  /** Since when a copy may have made what it drops, min. A card forgot in the fifth one. */
  private long minutesToACopy(HostFault.Restored... putBack) {
    bench.with(new HostFault.ForgetfulCard(START + 5 * MINUTE, START + 6 * MINUTE, 12 * SECOND));
    Stream.of(putBack).forEach(bench::with);
    dropped(5, "number_reused");
    assertEquals(Map.of(), bench.found(), bench.words()::toString);
    return (bench.delivery.gone().getFirst().from() - START) / MINUTE;
  }

  private static HostFault.Restored putBack(long minute, long imageOfMinute) {
    long from = START + minute * MINUTE;
    return new HostFault.Restored(from, from + MINUTE, (minute - imageOfMinute) * MINUTE, true);
  }

  @Test
  void whatACardForgotAfterItsImageWentWithTheCard() {
    assertEquals(20, minutesToACopy(putBack(20, 2)));
  }

  @Test
  void whatACardForgotBeforeItsImageIsOfTheCopyToo() {
    assertEquals(5, minutesToACopy(putBack(20, 10)));
  }

  @Test
  void aCardThatWasReplacedItselfUndoesNothing() {
    assertEquals(5, minutesToACopy(putBack(10, 4), putBack(20, 8)));
  }

  @Test
  void whatACopySendsItDoesNotDeclareToBeDropped() {
    bench.with(new HostFault.Restored(START - MINUTE, START - 5 * SECOND, MINUTE, true));
    dropped(5, "number_reused");
    assertEquals(Map.of(Verdict.OVERDECLARED, 1L), bench.found(), bench.words()::toString);
  }

  @Test
  void whereNoCardWasPutBackNoNumberIsUsedTwice() {
    theCardFailed();
    dropped(3, "number_reused");
    assertEquals(
        Map.of(Verdict.UNFOUNDED, 1L, Verdict.LOST, 3L), bench.found(), bench.words()::toString);
  }

  @Test
  void aDropForWhichNothingHappenedExcusesNothing() {
    dropped(3, "damaged");
    assertEquals(
        Map.of(Verdict.UNFOUNDED, 1L, Verdict.LOST, 3L), bench.found(), bench.words()::toString);
  }

  @Test
  void aDropWhoseCauseCameHoursBeforeExcusesNothing() {
    bench.with(new HostFault.IoError(START - 2 * HOUR, START - HOUR));
    dropped(3, "damaged");
    assertEquals(
        Map.of(Verdict.UNFOUNDED, 1L, Verdict.LOST, 3L), bench.found(), bench.words()::toString);
  }

  @Test
  void aDropWhoseCauseCameAfterItWasToldExcusesNothing() {
    bench.with(new HostFault.IoError(END + SECOND, END + HOUR));
    dropped(3, "damaged");
    assertEquals(
        Map.of(Verdict.UNFOUNDED, 1L, Verdict.LOST, 3L), bench.found(), bench.words()::toString);
  }

  @Test
  void aPowerCutDamagesNothingThatWasOnTheCard() {
    bench.with(new HostFault.PowerCut(END - 5 * MINUTE, END - 4 * MINUTE, true));
    dropped(3, "damaged");
    assertEquals(
        Map.of(Verdict.UNFOUNDED, 1L, Verdict.LOST, 3L), bench.found(), bench.words()::toString);
  }

  @Test
  void aJournalThatCannotBeFullDropsNothingForWantOfSpace() {
    theCardFailed();
    dropped(3, "space");
    assertEquals(
        Map.of(Verdict.UNFOUNDED, 1L, Verdict.LOST, 3L), bench.found(), bench.words()::toString);
  }

  @Test
  void aDropThatCountsMoreThanNeverCameIsFound() {
    theCardFailed();
    dropped(4, "damaged");
    assertEquals(Map.of(Verdict.OVERDECLARED, 1L), bench.found(), bench.words()::toString);
  }

  @Test
  void aDropThatCountsLessLeavesTheOthersLost() {
    theCardFailed();
    dropped(2, "damaged");
    assertEquals(Map.of(Verdict.LOST, 1L), bench.found(), bench.words()::toString);
  }

  @Test
  void whatCameWhileItsAcknowledgementWasKeptBackMayStillBeCounted() {
    theCardFailed();
    bench.with(new BrokerFault.LosesAcknowledgements(END - 2 * SECOND, END, 1));
    bench.deliver(4, 3, END - SECOND);
    dropped(3, "damaged");
    assertEquals(Map.of(), bench.found(), bench.words()::toString);
  }

  @Test
  void whatCameBeforeAKillThoughTheCardWasFullMayNotBeCounted() {
    theCardFailed();
    bench.with(new HostFault.DiskFull(END - 5 * MINUTE, END + MINUTE));
    bench.happened.away(END, END + 4 * SECOND);
    bench.deliver(4, 3, END - SECOND);
    dropped(3, "damaged");
    assertEquals(Map.of(Verdict.OVERDECLARED, 1L), bench.found(), bench.words()::toString);
  }

  // Silence.

  private static long right(long world) {
    return world;
  }

  /** Readings each second but for two hours, of which the last minute had no agent. */
  private void silentForTwoHours(Received.Event excuse) {
    silentForTwoHours(excuse, null);
  }

  private void silentForTwoHours(Received.Event excuse, @Nullable String of) {
    bench.with(new ClockFault.Stepped(START + 10 * MINUTE, START + 11 * MINUTE, 2_000));
    bench.happened.away(START, START);
    bench.happened.away(START + 2 * HOUR - MINUTE, START + 2 * HOUR);
    Silences silences =
        new Silences(Set.of("gate"), Set.of(), new Pulses(), bench.sites, bench.happened);
    silences.take(excuse, of, List.of(excuse.key().ts()), excuse.key().ts());
    for (long at = START + 2 * HOUR; at < START + 3 * HOUR; at += SECOND) {
      silences.take(
          new Received.Reading(excuse.key(), "gate", List.of(), Set.of(), Map.of("*", "timeout")),
          at);
    }
    silences.finish(START, START + 3 * HOUR, ExcusesTest::right, List.of(), bench.findings);
  }

  @Test
  void aStartExcusesTheTimeWithoutAnAgentAndNoMore() {
    silentForTwoHours(Bench.event("agent.start", START + 2 * HOUR, "\"since\":" + START));
    assertEquals(Map.of(Verdict.UNDECLARED, 1L), bench.found(), bench.words()::toString);
  }

  @Test
  void aQueueThatWasNeverFullExcusesNoSkippedPolls() {
    silentForTwoHours(
        Bench.event(
            "poll.skipped",
            START + 2 * HOUR,
            "\"from\":%d,\"to\":%d".formatted(START, START + 2 * HOUR)));
    assertEquals(Map.of(Verdict.UNDECLARED, 1L), bench.found(), bench.words()::toString);
  }

  @Test
  void latePollsExcuseWhatAFaultOfTheLineMade() {
    Received.Event late =
        Bench.event(
            "poll.late",
            START + 2 * HOUR,
            "\"from\":%d,\"to\":%d".formatted(START, START + 2 * HOUR));
    bench.with(new WireFault.Slow("gate", START, START + 2 * HOUR - MINUTE, 900));
    silentForTwoHours(late, "gate");
    assertEquals(Map.of(), bench.found(), bench.words()::toString);
  }

  @Test
  void latePollsOfALineThatWasInOrderExcuseNothing() {
    silentForTwoHours(
        Bench.event(
            "poll.late",
            START + 2 * HOUR,
            "\"from\":%d,\"to\":%d".formatted(START, START + 2 * HOUR)),
        "gate");
    assertEquals(Map.of(Verdict.UNDECLARED, 1L), bench.found(), bench.words()::toString);
  }

  @Test
  void aStepOfTheClockExcusesAsMuchAsItWasSet() {
    silentForTwoHours(
        Bench.event(
            "clock.step",
            START + 10 * MINUTE,
            "\"from\":%d,\"to\":%d".formatted(START, START + 2 * HOUR)));
    assertEquals(Map.of(Verdict.UNDECLARED, 1L), bench.found(), bench.words()::toString);
  }

  private void silentInADropOf(long count) {
    silentInADropOf(count, 0);
  }

  /**
   * Readings each second but for ten minutes, in which a full journal dropped so many.
   *
   * @param every one reading comes in so many seconds; 0: none
   */
  private void silentInADropOf(long count, long every) {
    bench.happened.away(START, START);
    Silences silences =
        new Silences(Set.of("gate"), Set.of(), new Pulses(), bench.sites, bench.happened);
    Received.Event any = Bench.event("x.y", START, "");
    for (long at = START; at < START + HOUR; at += SECOND) {
      boolean silent = at >= START + 20 * MINUTE && at < START + 30 * MINUTE;
      if (!silent || (every > 0 && (at - START) / SECOND % every == 0)) {
        silences.take(
            new Received.Reading(any.key(), "gate", List.of(), Set.of(), Map.of("*", "timeout")),
            at);
      }
    }
    List<Delivery.Gone> gone =
        count == 0
            ? List.of()
            : List.of(
                new Delivery.Gone(
                    START + 20 * MINUTE,
                    START + 30 * MINUTE,
                    new Drops.Drop(1, count, count, "data", "space")));
    silences.finish(START, START + HOUR, ExcusesTest::right, gone, bench.findings);
  }

  @Test
  void aDropExcusesTheSilenceThatItMade() {
    silentInADropOf(600);
    assertEquals(Map.of(), bench.found(), bench.words()::toString);
  }

  @Test
  void aDropOfAFewRecordsDoesNotExcuseASilenceOfMany() {
    silentInADropOf(300);
    assertEquals(Map.of(Verdict.UNDECLARED, 1L), bench.found(), bench.words()::toString);
  }

  @Test
  void aDropOfOneRecordDoesNotExcuseOneInThirty() {
    silentInADropOf(1, 31);
    assertEquals(Map.of(Verdict.UNDECLARED, 1L), bench.found(), bench.words()::toString);
  }

  @Test
  void aKillInADropExcusesItsOwnTimeAlone() {
    bench.happened.away(START + 25 * MINUTE, START + 26 * MINUTE);
    silentInADropOf(500, 0);
    assertEquals(Map.of(Verdict.UNDECLARED, 1L), bench.found(), bench.words()::toString);
  }

  @Test
  void withoutADropThereIsNoSilence() {
    silentInADropOf(0);
    assertEquals(Map.of(Verdict.UNDECLARED, 1L), bench.found(), bench.words()::toString);
  }

  // Lateness.

  @Test
  void whatKeepsReadingsBackIsABrokerOrAGatewayThatIsAway() {
    bench.with(new BrokerFault.Down(START + HOUR, START + 3 * HOUR));
    bench.with(new HostFault.DiskFull(START, START + 6 * HOUR));
    bench.happened.away(START + 4 * HOUR, START + 5 * HOUR);
    assertEquals(2 * HOUR, bench.happened.keptBackMillis(START, START + 3 * HOUR + MINUTE));
    assertEquals(HOUR, bench.happened.keptBackMillis(START, START + 2 * HOUR));
    assertEquals(0, bench.happened.keptBackMillis(START, START + HOUR));
  }

  /** Undated until the fifth minute, then dated by a clock that is wrong until the tenth. */
  private void learntTheTimeAt(long offset) {
    bench.with(new ClockFault.Stepped(START + MINUTE, START + 10 * MINUTE, HOUR));
    Silences silences =
        new Silences(Set.of("gate"), Set.of(), new Pulses(), bench.sites, bench.happened);
    Received.Event event = Bench.event("clock.offset", offset, "\"boot\":\"b\"");
    silences.take(event, null, List.of(offset), offset);
    for (long at = START; at < START + HOUR; at += SECOND) {
      if (at < START + 5 * MINUTE || at >= START + 10 * MINUTE) {
        silences.take(
            new Received.Reading(event.key(), "gate", List.of(), Set.of(), Map.of("*", "timeout")),
            at);
      }
    }
    silences.finish(START, START + HOUR, ExcusesTest::right, List.of(), bench.findings);
  }

  @Test
  void whatAWrongClockDatedLiesElsewhereUntilItIsSet() {
    learntTheTimeAt(START + 5 * MINUTE);
    assertEquals(Map.of(), bench.found(), bench.words()::toString);
  }

  @Test
  void aClockThatIsRightWhenItIsTakenDatesNothingElsewhere() {
    learntTheTimeAt(START + 11 * MINUTE);
    assertEquals(Map.of(Verdict.UNDECLARED, 1L), bench.found(), bench.words()::toString);
  }

  private void emptyReadings(Set<String> telling) {
    Silences silences =
        new Silences(Set.of("gate"), telling, new Pulses(), bench.sites, bench.happened);
    for (long at = START; at < START + HOUR; at += SECOND) {
      silences.take(
          new Received.Reading(
              Bench.event("x.y", at, "").key(), "gate", List.of(), Set.of(), Map.of()),
          at);
    }
    silences.finish(START, START + HOUR, ExcusesTest::right, List.of(), bench.findings);
  }

  @Test
  void anEmptyReadingSaysNothingOfADeviceThatIsAsked() {
    emptyReadings(Set.of());
    assertEquals(Map.of(Verdict.UNDECLARED, 1L), bench.found(), bench.words()::toString);
  }

  @Test
  void anEmptyReadingOfADeviceThatTellsByItselfSaysThatNothingChanged() {
    emptyReadings(Set.of("gate"));
    assertEquals(Map.of(), bench.found(), bench.words()::toString);
  }

  /** An hour in which a device says once a minute that it has nothing, for this reason. */
  private void onceAMinute(String device, String why) {
    Silences silences =
        new Silences(Set.of(device), Set.of(), pulses(), bench.sites, bench.happened);
    for (long at = START; at < START + HOUR; at += MINUTE) {
      silences.take(
          new Received.Reading(
              Bench.event("x.y", at, "").key(), device, List.of(), Set.of(), Map.of("*", why)),
          at);
    }
    silences.finish(START, START + HOUR, ExcusesTest::right, List.of(), bench.findings);
  }

  @Test
  void aTotalThatIsNotKnownIsToldOnceAMinute() {
    onceAMinute("house", "stale");
    assertEquals(Map.of(), bench.found(), bench.words()::toString);
  }

  @Test
  void whatAnswersIsToldInEachPeriod() {
    onceAMinute("gate", "stale");
    assertTrue(bench.found().getOrDefault(Verdict.UNDECLARED, 0L) > 50, bench.words()::toString);
  }

  @Test
  void pulsesThatAreLostAreToldInEachPeriod() {
    onceAMinute("house", "lost_pulses");
    assertTrue(bench.found().getOrDefault(Verdict.UNDECLARED, 0L) > 50, bench.words()::toString);
  }

  /** A total is said not to be known, where an agent started on a full card. */
  private Map<Verdict, Long> unknownTotal(long at) {
    bench.happened.away(START, START);
    bench.with(new HostFault.DiskFull(START + 10 * MINUTE, START + 20 * MINUTE));
    bench.happened.away(START + 12 * MINUTE, START + 13 * MINUTE);
    new Claims(bench.happened, pulses(), bench.sites, bench.findings)
        .reason("house", "*", "stale", List.of(at), false, at);
    return bench.found();
  }

  @Test
  void aTotalIsNotKnownUntilTheCardCanBeRead() {
    assertEquals(Map.of(), unknownTotal(START + 19 * MINUTE), bench.words()::toString);
  }

  @Test
  void aTotalIsKnownWhenTheCardCanBeRead() {
    assertEquals(
        Map.of(Verdict.UNFOUNDED, 1L), unknownTotal(START + 30 * MINUTE), bench.words()::toString);
  }

  // Intervals.

  private Map<Verdict, Long> untold(long from, long to) {
    Truth truth = new Truth(15 * MINUTE, ExcusesTest::right, List.of());
    Intervals intervals =
        new Intervals(bench.sites, truth, new Touched(), bench.happened, bench.findings);
    intervals.untold(from, to);
    intervals.finish(START, START + 24 * HOUR, ExcusesTest::right, List.of());
    return bench.found();
  }

  @Test
  void intervalsMayBeLeftOutOfATimeWithoutAnAgent() {
    bench.happened.away(START, START);
    bench.happened.away(START + HOUR, START + 20 * HOUR);
    assertEquals(Map.of(), untold(START + HOUR, START + 20 * HOUR), bench.words()::toString);
  }

  @Test
  void intervalsLeftOutOfAnyOtherTimeAreUnfounded() {
    bench.happened.away(START, START);
    bench.happened.away(START + HOUR, START + 2 * HOUR);
    assertEquals(
        Map.of(Verdict.UNFOUNDED, 1L),
        untold(START + HOUR, START + 20 * HOUR),
        bench.words()::toString);
  }

  // Pulses.

  private Pulses pulses() {
    Pulses pulses = new Pulses();
    PulseOutput output =
        new PulseOutput(
            "house",
            new World(Plant.demo(5)),
            new FaultPlan(),
            Point.of("energy_import"),
            Measure.MILLIJOULE,
            (of, millis) -> of.energyMillijoules(Wire.BUILDINGS, millis),
            1_000_000);
    pulses.watch(output);
    pulses.begins("house", List.of(START), 0, false, List.of());
    for (int i = 1; i <= 100; i++) {
      pulses.pulsed(output, START + i * MINUTE, i, false);
    }
    return pulses;
  }

  @Test
  void noMorePulsesMayBeToldLostThanWere() {
    Pulses pulses = pulses();
    pulses.lost("house", 2);
    pulses.finish(bench.happened, START + 3 * HOUR, bench.findings);
    assertEquals(Map.of(Verdict.UNFOUNDED, 1L), bench.found(), bench.words()::toString);
  }

  @Test
  void aTotalBeginsAnewOnlyWhereItsFileWasSetAside() {
    Pulses pulses = pulses();
    pulses.setAside(List.of(START + 30 * MINUTE));
    pulses.ended(START + 90 * MINUTE, SECOND);
    pulses.begins("house", List.of(START + 91 * MINUTE), 0, false, List.of());
    pulses.finish(bench.happened, START + 3 * HOUR, bench.findings);
    assertEquals(Map.of(Verdict.WRONG_BUT_GOOD, 1L), bench.found(), bench.words()::toString);
  }
}
