package io.lingtan.simulator.zone.fold;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.message.MessageReader;
import io.lingtan.agent.audit.message.Range;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.simulator.zone.fold.Outcome.Covered;
import io.lingtan.simulator.zone.fold.Outcome.Dead;
import io.lingtan.simulator.zone.fold.Outcome.Kept;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One gateway's messages, whatever happens to them on the way. */
final class GatewayFoldTest {
  private static final long ONE = 1_000_000;

  private final RandomGenerator random = new Random(7);
  private final PaperGateway gateway = new PaperGateway("gw", "e1", random);
  private final GatewayFold fold = new GatewayFold("gw");
  private final MessageReader reader = new MessageReader();

  private List<Outcome> take(Incoming message) {
    return fold.take(message, reader, List.of(gateway.key.open()));
  }

  private static List<Refusal> refusals(List<Outcome> outcomes) {
    return outcomes.stream()
        .filter(Dead.class::isInstance)
        .map(outcome -> ((Dead) outcome).why())
        .toList();
  }

  private static long kept(List<Outcome> outcomes) {
    return outcomes.stream()
        .filter(outcome -> outcome instanceof Kept(var topic, var _) && topic.equals(Kept.RECORD))
        .count();
  }

  @Test
  void aRecordThatComesTwiceIsKeptOnce() {
    Incoming data = gateway.data("pv1", PaperGateway.START);
    assertEquals(1, kept(take(data)));
    assertEquals(0, kept(take(data)));
    assertEquals(1, fold.count());
  }

  @Test
  void whatTheGatewayCallsDeliveredAndDidNotComeIsAHoleUntilItComes() {
    Incoming lost = gateway.data("pv1", PaperGateway.START);
    take(gateway.data("pv1", PaperGateway.START + 1));
    take(gateway.store(2, PaperGateway.START));
    assertEquals(Map.of("e1", List.of(new Range(1, 1))), fold.holes());
    assertEquals(Map.of("e1", Map.of("data/pv1", List.of(1L))), fold.loose());
    take(lost);
    assertEquals(Map.of(), fold.holes());
    assertEquals(Map.of(), fold.loose());
  }

  @Test
  void aDropExplainsAsManyAsItCountsAndNoMore() {
    gateway.data("pv1", PaperGateway.START);
    gateway.data("pv1", PaperGateway.START + 1);
    take(gateway.data("pv1", PaperGateway.START + 2));
    gateway.drop(1, 2, 1, "data");
    take(gateway.store(3, PaperGateway.START));
    assertEquals(Map.of("e1", List.of(new Range(1, 2))), fold.holes());
    gateway.drop(2, 2, 1, "data");
    take(gateway.store(3, PaperGateway.START + 1));
    assertEquals(Map.of(), fold.holes());
  }

  @Test
  void anIntervalIsCoveredOnlyOnceEverythingBeforeItIsHere() {
    Incoming lost = gateway.data("pv1", PaperGateway.START);
    take(gateway.interval(0, 0, 5 * ONE, ONE));
    long end = PaperGateway.START + PaperGateway.QUARTER;
    assertEquals(List.of(), covered(take(gateway.store(2, end))));
    assertEquals(List.of(new Covered("gw", "15m", end)), covered(take(lost)));
  }

  private static List<Outcome> covered(List<Outcome> outcomes) {
    return outcomes.stream().filter(Covered.class::isInstance).toList();
  }

  @Test
  void anEpochThatIsNotDeliveredYetHoldsTheNextOneBack() {
    Incoming lost = gateway.interval(0, 0, ONE, ONE);
    PaperGateway next = gateway.reborn("e2");
    take(next.interval(1, 0, ONE, ONE));
    assertEquals(List.of(), covered(take(next.store(1, PaperGateway.START, gateway))));
    assertEquals(
        List.of(new Covered("gw", "15m", PaperGateway.START + 2 * PaperGateway.QUARTER)),
        covered(take(lost)));
  }

  @Test
  void aRecordInAnotherHandDoesNotTakeTheNumberOfTheRightOne() {
    Incoming right = gateway.interval(0, 0, 5 * ONE, ONE);
    String text = new String(right.payload(), StandardCharsets.UTF_8);
    Incoming forged = gateway.message("interval/15m", text.replace("5.000000", "6.000000"));
    assertEquals(List.of(Refusal.WRONG_SIGNATURE), refusals(take(forged)));
    assertEquals(0, fold.count());
    List<Outcome> outcomes = take(right);
    assertEquals(List.of(), refusals(outcomes));
    assertEquals(1, outcomes.stream().filter(Figure.class::isInstance).count());
  }

  private static List<Outcome> figures(List<Outcome> outcomes) {
    return outcomes.stream().filter(Figure.class::isInstance).toList();
  }

  @Test
  void anEventThatLooksLikeAnIntervalIsNoRecord() {
    List<Outcome> outcomes =
        take(
            gateway.message(
                "event",
                "{\"epoch\":\"e1\",\"seq\":900000,\"after\":0,\"ts\":1,\"event\":\"x\",\"interval\":\"15m\","
                    + "\"start\":0,\"end\":900000,\"rev\":99,\"metrics\":{\"elec.grid.import\":"
                    + "{\"v\":0,\"u\":\"kW.h\",\"q\":\"measured\"}}}"));
    assertEquals(List.of(Refusal.GARBAGE), refusals(outcomes));
    assertEquals(0, kept(outcomes));
  }

  @Test
  void aMadeUpSampleDoesNotTakeAnIntervalsNumberUnseen() {
    take(gateway.interval(0, 0, ONE, ONE));
    take(gateway.message("data/x", data(2)));
    Incoming right = gateway.interval(1, 0, 5 * ONE, ONE);
    List<Outcome> outcomes = take(right);
    assertEquals(1, figures(outcomes).size());
    assertEquals(1, kept(outcomes));
    assertEquals(List.of(Refusal.UNSIGNED), refusals(outcomes), "told");
    assertEquals(List.of(), take(right), "and taken once");
    assertEquals(2, fold.count());
  }

  @Test
  void aNumberThatASignedRecordCallsAnIntervalsIsNoSamples() {
    take(gateway.interval(0, 0, ONE, ONE));
    take(gateway.message("data/x", data(2)));
    Incoming late = gateway.interval(1, 0, 5 * ONE, ONE);
    take(gateway.interval(2, 0, ONE, ONE));
    assertEquals(Map.of("e1", new Range(2, 2)), fold.absent(), "asked for");
    assertEquals(List.of(Refusal.UNSIGNED), refusals(take(gateway.message("data/x", data(2)))));
    assertEquals(1, figures(take(late)).size());
    assertEquals(Map.of(), fold.absent());
    take(gateway.store(3, PaperGateway.START));
    assertEquals(0, fold.broken());
  }

  /** An interval record of the member's own hand that says something else. */
  private Incoming signed(Incoming interval, String from, String to) {
    String text = new String(interval.payload(), StandardCharsets.UTF_8);
    String unsigned = text.substring(0, text.indexOf(",\"sig\"")) + "}";
    assertTrue(unsigned.contains(from), unsigned);
    return gateway.message(
        "batch",
        "{\"records\":[" + PaperGateway.signed(unsigned.replace(from, to), gateway.key) + "]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"15m x", "14m", "1y", "15M"})
  void aLengthThatNoGatewayHasIsGarbage(String length) {
    List<Outcome> outcomes =
        take(signed(gateway.interval(0, 0, ONE, ONE), "\"15m\"", "\"" + length + "\""));
    assertEquals(List.of(Refusal.GARBAGE), refusals(outcomes));
    assertEquals(0, fold.count());
  }

  @Test
  void anIntervalThatIsLongerThanItsLengthOrEndsBeforeItBeginsIsGarbage() {
    long start = PaperGateway.START;
    for (long end : new long[] {start, start - 1, start + PaperGateway.QUARTER + 1}) {
      Incoming interval = gateway.interval(0, 0, ONE, ONE);
      Incoming other =
          signed(interval, "\"end\":" + (start + PaperGateway.QUARTER), "\"end\":" + end);
      assertEquals(List.of(Refusal.GARBAGE), refusals(take(other)));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854.775807", "-9223372036854.775807", "1000000000.000001"})
  void anAmountOutOfAllBoundsIsInNoSum(String amount) {
    Incoming interval = gateway.interval(0, 0, 5 * ONE, ONE);
    List<Outcome> outcomes = take(signed(interval, "5.000000", amount));
    assertEquals(List.of(Refusal.INEXACT), refusals(outcomes));
    assertEquals(List.of(), figures(outcomes));
    assertEquals(1, kept(outcomes));
  }

  @Test
  void aBrokenLinkOfTheChainIsCounted() {
    gateway.interval(0, 0, ONE, ONE);
    PaperGateway next = gateway.reborn("e2");
    take(next.interval(1, 0, ONE, ONE));
    take(next.interval(2, 0, ONE, ONE));
    take(next.store(2, PaperGateway.START));
    assertEquals(0, fold.broken(), "the first of an epoch goes on what was before");
    Incoming third = next.interval(3, 0, ONE, ONE);
    String text = new String(third.payload(), StandardCharsets.UTF_8);
    int prev = text.indexOf("\"prev\":\"") + 8;
    String other = text.substring(0, prev) + "A".repeat(43) + text.substring(prev + 43);
    assertEquals(
        List.of(Refusal.WRONG_SIGNATURE), refusals(take(next.message("interval/15m", other))));
    String of = text.substring(prev, prev + 43);
    take(signed(third, of, of.substring(1) + "x"));
    take(next.store(3, PaperGateway.START + 1));
    assertEquals(1, fold.broken());
  }

  private static String data(long seq) {
    return "{\"epoch\":\"e1\",\"seq\":%d,\"after\":0,\"ts\":%d,\"device\":\"x\",\"values\":{}}"
        .formatted(seq, PaperGateway.START);
  }

  @Test
  void aClockInTheYear2099IsInNoSumAndHoldsNothingUp() {
    long year2099 = 4_070_908_800_000L;
    int quarters = (int) ((year2099 - PaperGateway.START) / PaperGateway.QUARTER);
    assertEquals(List.of(Refusal.CLOCK_AHEAD), refusals(take(gateway.data("pv1", year2099))));
    List<Outcome> outcomes = take(gateway.interval(quarters, 0, ONE, ONE));
    assertEquals(List.of(Refusal.CLOCK_AHEAD), refusals(outcomes));
    assertEquals(0, outcomes.stream().filter(Figure.class::isInstance).count());
    assertEquals(List.of(), covered(take(gateway.store(2, PaperGateway.START))));
    assertEquals(2, fold.count());
    assertEquals(Map.of(), fold.holes());
  }

  @Test
  void whatCannotBeTakenIsADeadLetterWithItsReason() {
    Incoming data = gateway.data("pv1", PaperGateway.START);
    assertEquals(List.of(Refusal.NOT_A_MEMBER), refusals(fold.take(data, reader, List.of())));
    assertEquals(
        List.of(Refusal.GARBAGE), refusals(take(gateway.message("data/pv1", "\u0000\u0001{"))));
    assertEquals(
        List.of(Refusal.TOO_LARGE),
        refusals(take(gateway.message("data/pv1", "x".repeat(1_000_000)))));
    assertEquals(
        List.of(Refusal.LATER_SCHEMA),
        refusals(take(gateway.message("meta", "{\"schema\":\"lingtan/v2\",\"gateway\":\"gw\"}"))));
    String clone = SigningKey.make(random).open().jwk();
    assertEquals(
        List.of(Refusal.CLONED_ID),
        refusals(
            take(gateway.message("meta", "{\"schema\":\"lingtan/v1\",\"key\":" + clone + "}"))));
    assertEquals(
        List.of(Refusal.UNSIGNED),
        refusals(
            take(
                gateway.message(
                    "store",
                    "{\"epoch\":\"e1\",\"last\":9,\"acked\":9,\"ahead\":[],\"dropped\":[]}"))));
    assertEquals(1, kept(take(data)), "the rest flows");
    assertEquals(Map.of(), fold.holes(), "an unsigned store claims nothing");
  }

  @Test
  void itsStateGrowsWithHolesAndNotWithRecords() {
    for (int i = 0; i < 5_000; i++) {
      take(gateway.data("gate", PaperGateway.START + i));
      take(gateway.data("pv1", PaperGateway.START + i));
    }
    take(gateway.interval(0, 0, ONE, ONE));
    take(gateway.store(gateway.seq(), PaperGateway.START));
    int whole = fold.save().length;
    assertTrue(whole < 300, () -> whole + " bytes");
    for (int i = 0; i < 100; i++) {
      gateway.data("gate", PaperGateway.START);
      take(gateway.data("gate", PaperGateway.START));
    }
    int holed = fold.save().length;
    assertTrue(holed > whole + 100 && holed < whole + 100 * 16, () -> holed + " bytes");
  }

  @Test
  void oneHoleTooManyIsRefusedAndComesAgain() {
    Incoming held = null;
    for (int i = 0; i < EpochFold.MOST_RANGES; i++) {
      gateway.data("pv1", PaperGateway.START);
      Incoming lost = gateway.data("pv1", PaperGateway.START);
      held = i == 0 ? lost : held;
      take(gateway.data("pv1", PaperGateway.START));
      if (i == 0) {
        gateway.data("pv1", PaperGateway.START);
      }
    }
    gateway.data("pv1", PaperGateway.START);
    Incoming last = gateway.data("pv1", PaperGateway.START);
    assertEquals(List.of(Refusal.TOO_MANY_HOLES), refusals(take(last)));
    assertTrue(held != null);
    assertEquals(List.of(), refusals(take(held)), "what fills a hole is always taken");
  }

  @Test
  void behindAHoleItsStateStaysBelowARequestToKafkaAndTheHoleCanBeFilled() {
    Incoming lost = gateway.interval(0, 0, ONE, ONE);
    long refused = 0;
    Incoming last = lost;
    for (int i = 1; i < 11_000; i++) {
      last = gateway.interval(i % 40, i, ONE, ONE);
      refused += refusals(take(last)).size();
    }
    int bytes = fold.save().length;
    assertTrue(bytes < 768 * 1024, () -> bytes + " bytes");
    assertTrue(refused > 0, "counted");
    assertEquals(List.of(Refusal.TOO_MANY_HOLES), refusals(take(last)));
    assertEquals(1, figures(take(lost)).size(), "what fills a hole is always taken");
    assertEquals(Map.of("e1", new Range(EpochFold.MOST_WAITING + 2, 10_999)), absentOf(11_000));
    assertEquals(List.of(), refusals(take(last)));
  }

  /** With a store that calls all numbers below that one delivered. */
  private Map<String, Range> absentOf(long below) {
    take(gateway.store(below - 1, PaperGateway.START));
    return fold.absent();
  }

  @Test
  void madeUpStreamsAndNumbersFillNoState() {
    for (int i = 0; i < 120_000; i++) {
      take(
          gateway.message(
              "data/d" + i % 1_000,
              "{\"epoch\":\"e1\",\"seq\":%d,\"after\":%d,\"ts\":1,\"device\":\"d%d\",\"values\":{}}"
                  .formatted(i + 9L, random.nextInt(i + 1), i % 1_000)));
    }
    int bytes = fold.save().length;
    assertTrue(bytes < 512 * 1024, () -> bytes + " bytes");
    assertEquals(1, figures(take(gateway.interval(0, 0, ONE, ONE))).size());
  }

  @Test
  void madeUpEpochsDoNotKeepTheNextRealOneOut() {
    for (int i = 0; i < 1_100; i++) {
      PaperGateway madeUp = new PaperGateway("gw", "x" + i, random);
      take(madeUp.data("pv1", PaperGateway.START));
    }
    assertEquals(1, figures(take(gateway.interval(0, 0, ONE, ONE))).size());
    take(gateway.store(1, PaperGateway.START));
    assertEquals(1, kept(take(gateway.data("pv1", PaperGateway.START))));
    assertTrue(fold.save().length < 4_096);
  }

  @Test
  void aCabinetThatIsSwitchedOffEachNightGoesOnForYears() {
    PaperGateway boot = gateway;
    for (int night = 0; night < 1_500; night++) {
      PaperGateway before = boot;
      Incoming first = boot.data("pv1", PaperGateway.START);
      assertEquals(1, kept(take(first)));
      assertEquals(1, figures(take(boot.interval(night % 40, night, ONE, ONE))).size());
      take(boot.store(2, PaperGateway.START + 2L * night));
      boot = boot.reborn("n" + night);
      take(boot.store(0, PaperGateway.START + 2L * night + 1, before));
      assertEquals(0, kept(take(first)), "night " + night);
    }
    int bytes = fold.save().length;
    assertTrue(bytes < 32 * 1024, () -> bytes + " bytes");
    assertEquals(3_000, fold.count());
    assertEquals(0, fold.broken());
    assertEquals(Map.of(), fold.absent());
    GatewayFold again = GatewayFold.from("gw", fold.save());
    assertArrayEquals(fold.save(), again.save());
    Incoming old = gateway.data("pv1", PaperGateway.START);
    assertEquals(
        1, kept(again.take(old, reader, List.of(gateway.key.open()))), "a number beyond is new");
  }

  private Incoming later(Incoming message, long millis) {
    return new Incoming(
        message.gateway(), message.topic(), message.payload(), message.arrivedMillis() + millis);
  }

  @Test
  void aMemberThatIsOlderThanTheZoneIsJudgedFromItsFirstStoreOn() {
    for (int i = 0; i < 50; i++) {
      gateway.data("pv1", PaperGateway.START);
    }
    take(gateway.store(50, PaperGateway.START));
    take(gateway.data("pv1", PaperGateway.START));
    Incoming lost = gateway.data("pv1", PaperGateway.START);
    Incoming interval = gateway.interval(0, 0, ONE, ONE);
    take(interval);
    assertEquals(Map.of("e1", new Range(52, 52)), fold.absent(), "nothing of before is asked for");
    take(later(gateway.store(53, PaperGateway.START + 1), 60_000));
    assertEquals(Map.of("e1", new Range(52, 52)), fold.absent());
    assertEquals(Map.of("e1", List.of(new Range(52, 52))), fold.holes());
    assertEquals(
        List.of(new Covered("gw", "15m", PaperGateway.START + PaperGateway.QUARTER)),
        covered(take(lost)));
    PaperGateway next = gateway.reborn("e2");
    next.data("pv1", PaperGateway.START);
    take(later(next.store(1, PaperGateway.START + 2, gateway), 60_001));
    assertEquals(Map.of("e2", new Range(1, 1)), fold.absent(), "the next epoch from its first on");
  }

  @Test
  void whatTheGatewayNoLongerHasIsAHoleThatIsPassedAndNotAskedForAgain() {
    take(gateway.store(0, PaperGateway.START));
    gateway.data("pv1", PaperGateway.START);
    take(gateway.interval(0, 0, ONE, ONE));
    take(gateway.store(2, PaperGateway.START + 1));
    assertEquals(Map.of("e1", new Range(1, 1)), fold.absent());
    String answer = "{\"ok\":true,\"queued\":0,\"gone\":[[1,1]],\"epoch\":\"e1\",\"replay\":\"x\"}";
    assertEquals(1, covered(take(gateway.message("reply/replay", answer))).size());
    assertEquals(Map.of(), fold.absent());
    assertEquals(Map.of("e1", List.of(new Range(1, 1))), fold.holes(), "told");
    assertArrayEquals(fold.save(), GatewayFold.from("gw", fold.save()).save());
  }

  @Test
  void aCardThatKnowsLessThanItOnceToldHoldsNothingBack() {
    take(gateway.data("pv1", PaperGateway.START));
    PaperGateway more = new PaperGateway(gateway, 1);
    more.data("pv1", PaperGateway.START);
    take(more.store(1, PaperGateway.START + 1));
    PaperGateway next = gateway.reborn("e2");
    gateway.store(1, PaperGateway.START);
    take(next.interval(0, 0, ONE, ONE));
    assertEquals(1, covered(take(next.store(1, PaperGateway.START + 2, gateway))).size());
  }

  @Test
  void anEpochThatStandsInUsedAloneHoldsNothingBack() {
    gateway.data("pv1", PaperGateway.START);
    take(gateway.store(0, PaperGateway.START));
    PaperGateway next = gateway.reborn("e2");
    take(next.interval(0, 0, ONE, ONE));
    assertEquals(0, covered(take(next.store(1, PaperGateway.START + 1))).size());
    String used =
        "{\"epoch\":\"e2\",\"ts\":%d,\"last\":1,\"acked\":1,\"ahead\":[],\"dropped\":[],\"used\":[{\"epoch\":\"e1\",\"last\":1}]}"
            .formatted(PaperGateway.START + 2);
    Incoming store = gateway.message("store", PaperGateway.signed(used, gateway.key));
    assertEquals(1, covered(take(store)).size());
    assertEquals(Map.of(), fold.absent());
  }

  @Test
  void recordsOfTheKeyOfBeforeAreTakenBesideThoseOfTheNewOne() {
    PaperGateway moved = new PaperGateway("gw", "e2", random);
    String lines = "gw " + gateway.key.open().x() + "\ngw " + moved.key.open().x();
    List<VerifyingKey> keys = Members.read(lines.lines().toList()).of("gw");
    assertEquals(1, figures(fold.take(gateway.interval(0, 0, ONE, ONE), reader, keys)).size());
    assertEquals(1, figures(fold.take(moved.interval(1, 0, ONE, ONE), reader, keys)).size());
    assertEquals(
        List.of(Refusal.WRONG_SIGNATURE),
        refusals(fold.take(gateway.interval(2, 0, ONE, ONE), reader, keys.subList(1, 2))));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 20_261_130})
  void anyOrderAndDuplicationGivesTheSameStateAndSums(long seed) {
    Random drawn = new Random(seed);
    PaperGateway first = new PaperGateway("gw", "a", drawn);
    VerifyingKey key = first.key.open();
    List<Incoming> history = new ArrayList<>(history(first, drawn));
    PaperGateway second = first.reborn("b");
    history.addAll(history(second, drawn));
    history.add(second.store(second.seq(), PaperGateway.START + 9_999, first));
    Result inOrder = play(history, key);
    assertEquals(Map.of(), inOrder.fold.holes());
    assertEquals(0, inOrder.fold.broken());
    for (int round = 0; round < 8; round++) {
      List<Incoming> mixed = new ArrayList<>(history);
      for (int i = drawn.nextInt(history.size()); i > 0; i--) {
        mixed.add(history.get(drawn.nextInt(history.size())));
      }
      Collections.shuffle(mixed, drawn);
      Result other = play(mixed, key);
      assertArrayEquals(inOrder.fold.save(), other.fold.save(), "seed " + seed);
      assertEquals(inOrder.records, other.records, "seed " + seed);
      assertEquals(inOrder.sums, other.sums, "seed " + seed);
      assertEquals(inOrder.fold.coveredUntil(), other.fold.coveredUntil(), "seed " + seed);
    }
  }

  /** Samples, batches, intervals with revisions, drops, and stores in between. */
  private static List<Incoming> history(PaperGateway gateway, Random drawn) {
    List<Incoming> messages = new ArrayList<>();
    for (int quarter = 0; quarter < 12; quarter++) {
      List<String> late = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        long ts = PaperGateway.START + quarter * PaperGateway.QUARTER + i;
        switch (drawn.nextInt(4)) {
          case 0 -> late.add(gateway.sample("pv1", ts));
          case 1 -> {
            gateway.data("gate", ts);
            gateway.drop(gateway.seq(), gateway.seq(), 1, "data");
          }
          default -> messages.add(gateway.data("gate", ts));
        }
      }
      if (!late.isEmpty()) {
        messages.add(gateway.batch(late));
      }
      if (drawn.nextInt(5) == 0) {
        messages.add(gateway.interval(quarter, 0, -1, 0));
        messages.add(gateway.interval(quarter, 1, drawn.nextInt(1_000_000), drawn.nextInt(999)));
      } else {
        messages.add(gateway.interval(quarter, 0, drawn.nextInt(1_000_000), drawn.nextInt(999)));
      }
      if (drawn.nextInt(4) == 0) {
        Incoming dropped = gateway.interval(quarter, 2, 1, 1);
        if (drawn.nextBoolean()) {
          messages.add(dropped); // The broker had it, and its answer did not come back.
        }
        gateway.drop(gateway.seq(), gateway.seq(), 1, "interval");
      }
      messages.add(gateway.store(gateway.seq(), PaperGateway.START + quarter));
    }
    return messages;
  }

  private record Result(
      GatewayFold fold, long records, SortedMap<String, SortedMap<String, BigInteger>> sums) {}

  /** With the state written down and taken up again between any two messages. */
  private Result play(List<Incoming> messages, VerifyingKey key) {
    GatewayFold state = new GatewayFold("gw");
    long records = 0;
    Map<String, Figure> newest = new HashMap<>();
    SortedMap<String, ZoneSum> sums = new TreeMap<>();
    for (Incoming message : messages) {
      state = GatewayFold.from("gw", state.save());
      List<Outcome> outcomes = state.take(message, reader, List.of(key));
      assertEquals(List.of(), refusals(outcomes));
      records += kept(outcomes);
      for (Outcome outcome : outcomes) {
        if (outcome instanceof Figure figure) {
          Figure old = newest.get(figure.key());
          Figure replaces = old == null ? figure : Figure.newer(old, figure);
          newest.put(figure.key(), replaces);
          ZoneSum sum = sums.getOrDefault(figure.zoneKey(), ZoneSum.NONE);
          sum = old == null ? sum : sum.subtract(old);
          sums.put(figure.zoneKey(), sum.add(replaces));
        }
      }
    }
    SortedMap<String, SortedMap<String, BigInteger>> amounts = new TreeMap<>();
    sums.forEach((interval, sum) -> amounts.put(interval, sum.amounts()));
    return new Result(state, records, amounts);
  }
}
