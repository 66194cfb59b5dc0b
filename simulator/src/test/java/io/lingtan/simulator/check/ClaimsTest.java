package io.lingtan.simulator.check;

import static io.lingtan.simulator.check.Bench.HOUR;
import static io.lingtan.simulator.check.Bench.MINUTE;
import static io.lingtan.simulator.check.Bench.SECOND;
import static io.lingtan.simulator.check.Bench.START;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.fault.BrokerFault;
import io.lingtan.simulator.fault.HostFault;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.fault.WireFault;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a gateway tells did happen, about when it tells it. */
class ClaimsTest {

  private static final long END = START + 12 * HOUR;
  private static final long RESET = START + HOUR;

  private final Bench bench = new Bench();
  private final Claims claims =
      new Claims(bench.happened, new Pulses(), bench.sites, bench.findings);

  ClaimsTest() {
    bench.with(
        new MeterFault.CounterReset("gate", Point.of("energy_import"), RESET, RESET + SECOND));
  }

  private void tell(String name, String device, long at) {
    claims.take(Bench.event(name, at, ""), device, List.of(at), at);
  }

  private Map<Verdict, Long> found() {
    claims.finish(fault -> false, counter -> false, device -> false, List.of(), START, END);
    return bench.found();
  }

  private void started() {
    bench.happened.away(START, START);
    tell("agent.start", "", START);
  }

  /** A copy of the card starts, and declares what it told of a kind to be dropped. */
  private Map<Verdict, Long> foundOfACopy(String kind, long until) {
    started();
    bench.happened.away(RESET, RESET + MINUTE);
    Drops.Drop drop = new Drops.Drop(1, 9, 9, kind, "number_reused");
    List<Delivery.Gone> gone = List.of(new Delivery.Gone(RESET, until, drop));
    claims.finish(fault -> false, counter -> false, device -> false, gone, START, END);
    return bench.found();
  }

  @Test
  void theStartOfACopyThatMayNotSendItsEventsIsNotTold() {
    assertEquals(Map.of(), foundOfACopy("event", RESET + HOUR), bench.words()::toString);
  }

  @Test
  void theStartOfACopyIsToldWhereItsReadingsAloneAreDropped() {
    assertEquals(
        Map.of(Verdict.UNTOLD, 1L), foundOfACopy("data", RESET + HOUR), bench.words()::toString);
  }

  @Test
  void theStartThatFollowsTheDropIsTold() {
    assertEquals(
        Map.of(Verdict.UNTOLD, 1L), foundOfACopy("event", RESET + SECOND), bench.words()::toString);
  }

  @Test
  void anEventThatNobodyKnowsIsUnfounded() {
    started();
    tell("meter.guessed", "gate", RESET);
    assertEquals(Map.of(Verdict.UNFOUNDED, 1L), found(), bench.words()::toString);
  }

  @Test
  void aReasonThatNobodyKnowsIsUnfounded() {
    claims.reason("gate", "power", "weather", List.of(RESET), false, RESET);
    assertEquals(Map.of(Verdict.UNFOUNDED, 1L), bench.found(), bench.words()::toString);
  }

  @Test
  void aResetIsToldWhenItIsNoticed() {
    started();
    tell("meter.reset", "gate", RESET + 20 * SECOND);
    assertEquals(Map.of(), found(), bench.words()::toString);
  }

  @Test
  void aResetIsNotToldForHours() {
    started();
    tell("meter.reset", "gate", RESET + 2 * HOUR);
    assertEquals(Map.of(Verdict.UNFOUNDED, 1L), found(), bench.words()::toString);
  }

  @Test
  void aResetOfAMeterThatWasDeadIsToldWhenItIsBack() {
    bench.with(new WireFault.UnitDead("gate", RESET - MINUTE, RESET + 2 * HOUR));
    started();
    tell("meter.reset", "gate", RESET + 2 * HOUR + MINUTE);
    assertEquals(Map.of(), found(), bench.words()::toString);
  }

  /** The agent is started anew for each site file. */
  private void halveTheRatio(long from, long until) {
    restart(from);
    bench.halveTheRatio(from);
    restart(until);
    bench.sites.inForce(until, bench.site, Map.of());
  }

  private void restart(long at) {
    bench.happened.away(at, at + 8 * SECOND);
    tell("agent.start", "", at + 8 * SECOND);
  }

  /** What was not told of the reset of a register that counts. */
  private Map<Verdict, Long> foundOfTheRegister() {
    claims.finish(
        fault -> true, "gate/energy_import"::equals, device -> false, List.of(), START, END);
    return bench.found();
  }

  @Test
  void aResetOfARegisterThatIsReadByAnotherRatioIsToldWhenThatIsCorrected() {
    started();
    halveTheRatio(RESET - 30 * MINUTE, RESET + 3 * HOUR);
    tell("meter.reset", "gate", RESET + 3 * HOUR + 20 * SECOND);
    assertEquals(Map.of(), foundOfTheRegister(), bench.words()::toString);
  }

  @Test
  void aResetIsNotToldLongAfterTheRatioWasCorrected() {
    started();
    halveTheRatio(RESET - 30 * MINUTE, RESET + HOUR);
    tell("meter.reset", "gate", RESET + 3 * HOUR);
    assertEquals(Map.of(Verdict.UNFOUNDED, 1L), foundOfTheRegister(), bench.words()::toString);
  }

  @Test
  void aCorrectedRatioIsNoResetByItself() {
    started();
    halveTheRatio(RESET + HOUR, RESET + 3 * HOUR);
    tell("meter.reset", "gate", RESET + 3 * HOUR + 20 * SECOND);
    assertEquals(
        Map.of(Verdict.UNFOUNDED, 1L, Verdict.UNTOLD, 1L),
        foundOfTheRegister(),
        bench.words()::toString);
  }

  @Test
  void aResetBeforeTheRatioIsAnotherIsToldAtOnce() {
    started();
    halveTheRatio(RESET + 10 * MINUTE, RESET + HOUR);
    assertEquals(Map.of(Verdict.UNTOLD, 1L), foundOfTheRegister(), bench.words()::toString);
  }

  private void exchangedBeforeARename() {
    bench.with(new MeterFault.Exchange("gate", RESET, RESET + MINUTE, 1));
    started();
    tell("meter.exchange", "gate", RESET + MINUTE);
    bench.rename(RESET + 3 * HOUR);
    tell("meter.exchange", "gate", RESET + 3 * HOUR + MINUTE);
  }

  @Test
  void anExchangeIsToldAgainUnderAnIdThatTheDeviceHadBeforeIt() {
    bench.rename(START - 2 * HOUR);
    bench.sites.inForce(START - HOUR, bench.site, Map.of());
    exchangedBeforeARename();
    assertEquals(Map.of(), found(), bench.words()::toString);
  }

  @Test
  void anExchangeIsNotToldAgainUnderAnIdThatTheDeviceNeverHad() {
    exchangedBeforeARename();
    assertEquals(Map.of(Verdict.UNFOUNDED, 1L), found(), bench.words()::toString);
  }

  @Test
  void anExchangeIsNotToldHoursAfterTheDeviceHasItsIdAgain() {
    bench.rename(START - 2 * HOUR);
    bench.sites.inForce(START - HOUR, bench.site, Map.of());
    exchangedBeforeARename();
    tell("meter.exchange", "gate", RESET + 6 * HOUR);
    assertEquals(Map.of(Verdict.UNFOUNDED, 1L), found(), bench.words()::toString);
  }

  @Test
  void anAgentStartsOnceForEachTimeThatItWasAway() {
    started();
    tell("agent.start", "", START + 10 * SECOND);
    assertEquals(Map.of(Verdict.UNFOUNDED, 1L), found(), bench.words()::toString);
  }

  @Test
  void aStartThatIsNotToldIsMissed() {
    started();
    bench.happened.away(RESET, RESET + MINUTE);
    assertEquals(Map.of(Verdict.UNTOLD, 1L), found(), bench.words()::toString);
  }

  @Test
  void anEpochEndsForAReasonAndNotHoursAfterIt() {
    bench.with(new HostFault.Restored(RESET, RESET + MINUTE, HOUR, false));
    started();
    tell("journal.store_ahead", "", RESET + 3 * HOUR);
    assertEquals(Map.of(Verdict.UNFOUNDED, 1L), found(), bench.words()::toString);
  }

  @Test
  void aBrokerThatIsAwayPutsOffWhatOnlyItCanShow() {
    bench.with(new HostFault.Restored(RESET, RESET + MINUTE, HOUR, false));
    bench.with(new BrokerFault.Down(RESET, RESET + 3 * HOUR));
    started();
    tell("journal.store_ahead", "", RESET + 3 * HOUR);
    assertEquals(Map.of(), found(), bench.words()::toString);
  }

  // What a journal tells of itself.

  private void toldFor(String name, String reason, HostFault cause) {
    bench.with(cause);
    bench.happened.away(START, START);
    bench.happened.away(cause.fromMillis(), cause.untilMillis());
    for (long at : List.of(START, cause.untilMillis())) {
      claims.take(Bench.event("agent.start", at, ""), null, List.of(at), at);
    }
    long at = cause.untilMillis();
    claims.take(
        Bench.event(name, at, "\"reason\":\"%s\"".formatted(reason)), null, List.of(at), at);
  }

  private static HostFault killed() {
    return new HostFault.Killed(RESET, RESET + MINUTE);
  }

  private static HostFault cut() {
    return new HostFault.PowerCut(RESET, RESET + MINUTE, false);
  }

  @Test
  void aPowerCutBeginsAnEpoch() {
    toldFor("journal.epoch", "unclean_boot", cut());
    assertEquals(Map.of(), found(), bench.words()::toString);
  }

  @Test
  void aKillBeginsNoEpoch() {
    toldFor("journal.epoch", "unclean_boot", killed());
    assertEquals(Map.of(Verdict.UNFOUNDED, 1L), found(), bench.words()::toString);
  }

  @Test
  void aPowerCutBeginsNoChain() {
    toldFor("chain.start", "unclean_boot", cut());
    assertEquals(Map.of(Verdict.UNFOUNDED, 1L), found(), bench.words()::toString);
  }

  @Test
  void aCardThatForgetsBeginsAChain() {
    toldFor(
        "chain.start",
        "store_ahead",
        new HostFault.ForgetfulCard(RESET, RESET + MINUTE, 20 * SECOND));
    assertEquals(Map.of(), found(), bench.words()::toString);
  }
}
