package io.lingtan.agent.audit;

import static io.lingtan.agent.audit.Conversation.EPOCH;
import static io.lingtan.agent.audit.Conversation.T0;
import static io.lingtan.agent.audit.Conversation.bytes;
import static io.lingtan.agent.audit.Conversation.record;
import static io.lingtan.agent.audit.Conversation.storeOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.RepairReport.Left;
import io.lingtan.agent.audit.RepairReport.Why;
import io.lingtan.agent.audit.link.GatewayRequests;
import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** GatewayRequests a gateway for what is missing, on virtual time; the gateway answers by hand. */
final class RepairTest {

  private final List<Asked> asked = new ArrayList<>();
  private Conversation said = Conversation.withSession();
  private Repair repair = new Repair(said.completeness, false, Randomness.seeded(1));
  private long nowMillis;
  private GatewayRequests.@Nullable Failure failure;

  /** A request as the gateway got it. */
  private record Asked(String gateway, String payload, String name, long atMillis) {}

  private GatewayRequests.SentRequest ask(String gateway, String payload, String name) {
    asked.add(new Asked(gateway, payload, name, nowMillis));
    return () -> failure;
  }

  private void run(long seconds) {
    for (int i = 0; i < seconds * 10; i++) {
      nowMillis += 100;
      repair.step(MonotonicInstant.ofMillis(nowMillis), this::ask);
    }
  }

  private Asked last() {
    return asked.getLast();
  }

  private void reply(String payload) {
    reply("gw", last().name(), payload);
  }

  private void reply(String gateway, String name, String payload) {
    repair.take(
        gateway, bytes(payload), name, T0 + nowMillis, MonotonicInstant.ofMillis(nowMillis));
  }

  private void queued(long count, String gone) {
    reply("{\"ok\":true,\"queued\":" + count + ",\"gone\":[" + gone + "],\"replay\":\"x\"}");
  }

  private void batch(String more, long... seqs) {
    reply(
        "{\"epoch\":\"%s\",\"first\":1,\"last\":2,\"records\":[%s],\"replay\":\"x\"%s}"
            .formatted(
                EPOCH,
                LongStream.of(seqs)
                    .mapToObj(seq -> record(EPOCH, seq, seq - 1, "pv1", seq))
                    .collect(Collectors.joining(",")),
                more));
  }

  private void done(long sent, long... seqs) {
    batch(",\"done\":true,\"sent\":" + sent, seqs);
  }

  private List<Left> left() {
    return repair.report().left();
  }

  /** Records 1..20 without 4 and 7..8, all delivered. */
  private void twoHoles() {
    said.says("status", "online").data(1, 3).data(5, 6).data(9, 20).store(20, 20);
  }

  @Test
  void aHoleIsAskedForAndFilled() {
    twoHoles();
    run(10);
    assertEquals(1, asked.size());
    assertEquals("{\"epoch\":\"5f1c09ab\",\"from\":4,\"to\":8}", last().payload());
    assertEquals("gw", last().gateway());
    queued(5, "");
    batch("", 4, 5);
    done(5, 6, 7, 8);
    assertEquals(Verdict.COMPLETE, said.report().verdict());
    assertEquals(List.of(), left());
    assertEquals(3, repair.report().repaired());
    run(100);
    assertEquals(1, asked.size());
    assertFalse(repair.isHoping(MonotonicInstant.ofMillis(nowMillis)));
  }

  @Test
  void whatIsStillOnItsWayIsNotAskedFor() {
    twoHoles();
    run(4);
    said.data(4, 4).data(7, 8);
    run(60);
    assertEquals(0, asked.size());
    said.store(25, 20);
    run(60);
    assertEquals(0, asked.size(), "in transit is not missing");
  }

  @Test
  void whatLiesFarApartIsAskedForOneAfterTheOther() {
    said.says("status", "online").data(1, 9).data(11, 999).data(1001, 1100).store(1100, 1100);
    run(10);
    assertEquals("{\"epoch\":\"5f1c09ab\",\"from\":10,\"to\":10}", last().payload());
    run(20);
    assertEquals(1, asked.size(), "one at a time");
    queued(1, "");
    done(1, 10);
    run(10);
    assertEquals("{\"epoch\":\"5f1c09ab\",\"from\":1000,\"to\":1000}", last().payload());
    assertEquals(2, asked.size());
  }

  @Test
  void aRequestSpansNoMoreThanItMay() {
    said.says("status", "online").data(1, 1).data(500_000, 500_000).store(500_000, 500_000);
    run(10);
    assertEquals("{\"epoch\":\"5f1c09ab\",\"from\":2,\"to\":100001}", last().payload());
  }

  @Test
  void whatIsGoneIsSaidAndNeverAskedForAgain() {
    twoHoles();
    run(10);
    queued(4, "[7,7]");
    done(4, 4, 5, 6, 8);
    assertEquals(List.of(new Left("gw", EPOCH, 7, 7, 1, Why.GONE, "")), left());
    run(3600);
    assertEquals(1, asked.size());
    assertFalse(repair.isHoping(MonotonicInstant.ofMillis(nowMillis)));
  }

  @Test
  void whatGoesWhileItIsSentIsGoneToo() {
    twoHoles();
    run(10);
    queued(5, "");
    batch(",\"done\":true,\"sent\":4,\"gone\":[[7,7]]", 4, 5, 6, 8);
    assertEquals(List.of(new Left("gw", EPOCH, 7, 7, 1, Why.GONE, "")), left());
  }

  @Test
  void whatTheListHasNoRoomForIsGoneIfAllThatWasSentCame() {
    twoHoles();
    run(10);
    reply("{\"ok\":true,\"queued\":2,\"gone\":[[4,4]],\"truncated\":true,\"replay\":\"x\"}");
    done(2, 5, 6);
    assertEquals(3, repair.report().missing());
    assertTrue(left().stream().allMatch(each -> each.why() == Why.GONE), left()::toString);
  }

  @Test
  void whatIsTooLargeIsSaid() {
    twoHoles();
    run(10);
    queued(5, "");
    batch(",\"done\":true,\"sent\":4,\"too_large\":[[8,8]]", 4, 5, 6, 7);
    assertEquals(List.of(new Left("gw", EPOCH, 8, 8, 1, Why.TOO_LARGE, "")), left());
    run(100);
    assertEquals(1, asked.size());
  }

  @Test
  void aRefusalIsSaidInItsWords() {
    twoHoles();
    run(10);
    reply("{\"ok\":false,\"error\":\"there is no epoch 5f1c09ab in this journal\"}");
    run(600);
    assertEquals(1, asked.size());
    assertEquals(3, repair.report().missing());
    assertEquals(Why.REFUSED, left().getFirst().why());
    assertEquals("there is no epoch 5f1c09ab in this journal", left().getFirst().detail());
    // Where an audit goes on for long it tries again, seldom.
    run(320);
    assertEquals(2, asked.size());
  }

  @Test
  void aBusyGatewayIsAskedAgainEverLaterAndAtLastNoMore() {
    twoHoles();
    run(10);
    for (int i = 0; i < GatewayRepair.MOST_BUSY; i++) {
      int before = asked.size();
      reply("{\"ok\":false,\"error\":\"at most 4\",\"busy\":true}");
      for (int k = 0; k < 70 && asked.size() == before; k++) {
        run(1);
      }
      assertEquals(before + 1, asked.size());
    }
    assertTrue(asked.get(1).atMillis() - asked.get(0).atMillis() < 8_000);
    assertTrue(asked.get(15).atMillis() - asked.get(14).atMillis() >= 30_000);
    reply("{\"ok\":false,\"error\":\"at most 4\",\"busy\":true}");
    run(300);
    assertEquals(GatewayRepair.MOST_BUSY + 1, asked.size());
    assertEquals(Why.REFUSED, left().getFirst().why());
  }

  @Test
  void whoDoesNotAnswerIsAskedFourTimes() {
    twoHoles();
    run(600);
    assertEquals(GatewayRepair.MOST_TRIES, asked.size());
    assertEquals(Why.NO_ANSWER, left().getFirst().why());
    assertEquals("asked 4 times: nothing came back", left().getFirst().detail());
    assertFalse(repair.isHoping(MonotonicInstant.ofMillis(nowMillis)));
    assertEquals(4, asked.stream().map(Asked::name).distinct().count());
  }

  @Test
  void anAnswerThatBreaksOffIsAskedForAgainWhereItDid() {
    twoHoles();
    run(10);
    queued(5, "");
    batch("", 4, 5, 6);
    run(59);
    assertEquals(1, asked.size());
    batch("", 7);
    run(59);
    assertEquals(1, asked.size(), "each batch gives it more time");
    run(20);
    assertEquals(2, asked.size());
    assertEquals("{\"epoch\":\"5f1c09ab\",\"from\":8,\"to\":8}", last().payload());
    // What the first still sends counts all the same.
    reply(
        "gw",
        asked.getFirst().name(),
        "{\"epoch\":\"5f1c09ab\",\"records\":[%s],\"replay\":\"x\"}"
            .formatted(record(EPOCH, 8, 7, "pv1", 8)));
    assertEquals(List.of(), left());
    done(0);
    assertEquals(Verdict.COMPLETE, said.report().verdict());
  }

  @Test
  void aBatchThatTheBrokerLosesIsAskedForAgain() {
    twoHoles();
    run(10);
    queued(5, "");
    done(5, 6, 7, 8);
    assertEquals(1, repair.report().missing());
    run(20);
    assertEquals(2, asked.size());
    assertEquals("{\"epoch\":\"5f1c09ab\",\"from\":4,\"to\":4}", last().payload());
  }

  @Test
  void aGatewayThatIsAwayIsAskedWhenItIsBack() {
    twoHoles();
    said.says("status", "offline");
    run(100);
    assertEquals(0, asked.size());
    assertEquals(Why.NOT_ASKED, left().getFirst().why());
    assertEquals("the gateway is offline", left().getFirst().detail());
    assertTrue(repair.isHoping(MonotonicInstant.ofMillis(nowMillis)));
    assertFalse(repair.isAtWork());
    said.says("status", "online");
    run(10);
    assertEquals(1, asked.size());
  }

  @Test
  void aGatewayThatComesBackGoesOnOrIsAskedAgain() {
    twoHoles();
    run(10);
    queued(5, "");
    batch("", 4, 5);
    said.says("status", "offline");
    run(3600);
    said.says("status", "online");
    run(5);
    assertEquals(1, asked.size());
    batch("", 6, 7); // only the connection was lost
    run(30);
    assertEquals(1, asked.size());
    said.says("status", "offline");
    run(60);
    said.says("status", "online");
    run(20); // this time it is another process
    assertEquals(2, asked.size());
    assertEquals("{\"epoch\":\"5f1c09ab\",\"from\":8,\"to\":8}", last().payload());
  }

  @Test
  void whatTheBrokerRefusesIsSaidAtOnce() {
    twoHoles();
    failure = new GatewayRequests.Failure(true, "broker x does not allow to publish");
    run(100);
    assertEquals(1, asked.size());
    assertEquals(Why.REFUSED, left().getFirst().why());
    assertEquals("broker x does not allow to publish", left().getFirst().detail());
  }

  @Test
  void whereNobodyListensForCommandsItIsTriedAgain() {
    twoHoles();
    failure = new GatewayRequests.Failure(false, "the gateway does not listen");
    run(8);
    failure = null;
    run(30);
    assertTrue(asked.size() >= 2);
    queued(5, "");
    done(5, 4, 5, 6, 7, 8);
    assertEquals(List.of(), left());
  }

  @Test
  void whatWasDeliveredWhileNobodyListenedIsAskedForToo() {
    said = new Conversation(new Completeness(), "gw").listensOnlyFromNow();
    repair = new Repair(said.completeness, false, Randomness.seeded(1));
    said.hadSaid("store", storeOf(EPOCH, 100, 100, "")).hadSaid("status", "online");
    said.at(10).data(101, 120).store(120, 120);
    run(60);
    assertEquals(0, asked.size(), "what was before it ever listened is nobody's loss");
    said.at(3600).listensOnlyFromNow().hadSaid("store", storeOf(EPOCH, 500, 500, ""));
    said.at(3620).data(501, 510).store(510, 510);
    assertEquals(0, said.epoch().missing());
    run(10);
    assertEquals("{\"epoch\":\"5f1c09ab\",\"from\":121,\"to\":500}", last().payload());
    queued(380, "");
    done(380, LongStream.rangeClosed(121, 500).toArray());
    assertEquals(List.of(), left());
    assertEquals(100, said.epoch().unseen());
  }

  @Test
  void anEpochThatBeganAndEndedWhileNobodyListenedIsAskedForToo() {
    said = new Conversation(new Completeness(), "gw").listensOnlyFromNow();
    repair = new Repair(said.completeness, false, Randomness.seeded(1));
    said.at(10).says("status", "online").data(1, 20).store(20, 20);
    said.at(3600).listensOnlyFromNow();
    String previous =
        ",\"previous\":[{\"epoch\":\"5f1c09ab\",\"last\":20,\"acked\":20,\"reason\":\"x\"},"
            + "{\"epoch\":\"0000000b\",\"last\":9,\"acked\":9,\"reason\":\"x\"}]";
    said.hadSaid("store", storeOf("0000000c", 5, 5, previous));
    run(10);
    assertEquals("{\"epoch\":\"0000000b\",\"from\":1,\"to\":9}", last().payload());
    queued(0, "[1,9]");
    reply("{\"epoch\":\"0000000b\",\"records\":[],\"replay\":\"x\",\"done\":true,\"sent\":0}");
    run(10);
    assertEquals("{\"epoch\":\"0000000c\",\"from\":1,\"to\":5}", last().payload());
    assertEquals(
        new Left("gw", "0000000b", 1, 9, 9, Why.GONE, ""), repair.report().left().getFirst());
  }

  @Test
  void allThatTheJournalHasIsAskedForOnlyWhenWanted() {
    said = new Conversation(new Completeness(), "gw").listensOnlyFromNow();
    repair = new Repair(said.completeness, true, Randomness.seeded(1));
    said.hadSaid("status", "online").hadSaid("store", storeOf(EPOCH, 100, 100, ""));
    run(10);
    assertEquals("{\"epoch\":\"5f1c09ab\",\"from\":1,\"to\":100}", last().payload());
  }

  @Test
  void whatDeclaredDropsExplainIsNotAskedFor() {
    said.says("status", "online")
        .data(1, 2)
        .data(6, 9)
        .says("store", storeOf(EPOCH, 9, 9, drop(3, 5, 3)));
    run(60);
    assertEquals(0, asked.size());
  }

  @Test
  void whereADropExplainsOnlyPartAllOfItIsAskedFor() {
    said.says("status", "online")
        .data(1, 2)
        .data(9, 9)
        .says("store", storeOf(EPOCH, 9, 9, drop(3, 8, 4)));
    run(10);
    assertEquals("{\"epoch\":\"5f1c09ab\",\"from\":3,\"to\":8}", last().payload());
    queued(2, "[3,5],[8,8]");
    done(2, 6, 7);
    assertEquals(Verdict.COMPLETE, said.report().verdict());
    assertEquals(List.of(), left());
  }

  private static String drop(long from, long to, long count) {
    return ",\"dropped\":[{\"from\":%d,\"to\":%d,\"count\":%d,\"kind\":\"data\",\"reason\":\"x\"}]"
        .formatted(from, to, count);
  }

  @Test
  void whateverElseComesIsCountedAndHarmless() {
    twoHoles();
    run(10);
    for (String garbage :
        List.of(
            "",
            "[]",
            "{}",
            "nothing",
            "{\"replay\":\"x\"}",
            "{\"replay\":\"x\",\"records\":[{\"seq\":0}]}",
            "{\"replay\":\"x\",\"records\":5}",
            "{\"ok\":true,\"queued\":5,\"gone\":[[9,1]]}",
            "{\"ok\":true,\"queued\":5,\"gone\":[7]}")) {
      reply(garbage);
    }
    reply("gw", "another", "{\"ok\":false,\"error\":\"not for us\"}");
    assertTrue(said.gateway().garbage().keySet().stream().anyMatch(what -> what.startsWith("rep")));
    queued(5, "");
    done(5, 4, 5, 6, 7, 8);
    assertEquals(List.of(), left());
    reply("stranger", "x", "{\"ok\":true}");
  }

  @Test
  void onlySoManyGatewaysAreAskedAtOnce() {
    for (int i = 0; i < 40; i++) {
      String root = "lingtan/v1/gw" + i + "/";
      for (String[] message :
          new String[][] {
            {"status", "online"},
            {"data/pv1", record(EPOCH, 1, 0, "pv1", 1)},
            {"data/pv1", record(EPOCH, 3, 2, "pv1", 3)},
            {"store", storeOf(EPOCH, 3, 3, "")}
          }) {
        said.completeness.take(root + message[0], bytes(message[1]), false, T0);
      }
    }
    run(20);
    assertEquals(Repair.MOST_AT_ONCE, asked.size());
    for (Asked each : List.copyOf(asked)) {
      reply(each.gateway(), each.name(), "{\"ok\":true,\"queued\":1,\"gone\":[]}");
      reply(
          each.gateway(),
          each.name(),
          "{\"epoch\":\"5f1c09ab\",\"records\":[%s],\"replay\":\"x\",\"done\":true,\"sent\":1}"
              .formatted(record(EPOCH, 2, 1, "pv1", 2)));
    }
    run(20);
    assertEquals(2 * Repair.MOST_AT_ONCE, asked.size());
    assertEquals(32, new TreeSet<>(asked.stream().map(Asked::gateway).toList()).size());
  }

  @Test
  void whatConcernsAnAuditOutlivesIt() throws Malformed {
    said = new Conversation(new Completeness(), "gw").listensOnlyFromNow();
    said.hadSaid("status", "online").hadSaid("store", storeOf(EPOCH, 100, 100, ""));
    said.at(10).data(101, 120).store(120, 120);
    said = new Conversation(Conversation.from(Conversation.save(said.completeness)), "gw");
    repair = new Repair(said.completeness, false, Randomness.seeded(1));
    said.at(3600).listensOnlyFromNow().hadSaid("store", storeOf(EPOCH, 200, 200, ""));
    run(10);
    assertEquals("{\"epoch\":\"5f1c09ab\",\"from\":121,\"to\":200}", last().payload());
  }

  @Test
  void theReportSaysWhatIsLeftAndFailsForIt() {
    twoHoles();
    run(10);
    queued(4, "[7,7]");
    done(4, 4, 5, 6, 8);
    AuditReport before = said.report();
    AuditReport report =
        new AuditReport(before.atMillis(), 0, before.gateways(), 0, 0, repair.report());
    assertEquals(Verdict.FAILED, report.verdict());
    assertTrue(
        report
            .text()
            .contains(
                """
                repair: 1 requests, 2 records brought back, 1 still missing
                  gw epoch 5f1c09ab: 7 gone: the gateway no longer has it
                """),
        report::text);
    assertTrue(
        report
            .json()
            .contains(
                "\"repair\":{\"requests\":1,\"repaired\":2,\"missing\":1,\"left\":[{\"gateway\":"
                    + "\"gw\",\"epoch\":\"5f1c09ab\",\"from\":7,\"to\":7,\"count\":1,"
                    + "\"why\":\"gone\",\"detail\":null}]}"),
        report::json);
    assertNotNull(report.repair());
  }
}
