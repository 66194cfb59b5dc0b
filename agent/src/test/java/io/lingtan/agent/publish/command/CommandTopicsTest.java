package io.lingtan.agent.publish.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.MemoryBroker;
import io.lingtan.agent.publish.MemoryBroker.Got;
import io.lingtan.agent.publish.MemoryOutbox;
import io.lingtan.agent.publish.World;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Parts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CommandTopicsTest {

  private final World world = new World();
  private final MemoryBroker broker = world.broker;

  private void send(String name, String payload, @Nullable String responseTopic) {
    broker
        .arrivals()
        .offer(
            new Signal.Arrived(
                broker.connection,
                "lingtan/v1/gw/cmd/" + name,
                payload.getBytes(StandardCharsets.UTF_8),
                false,
                responseTopic,
                responseTopic == null ? null : new byte[] {1, 2}));
    world.run(100);
  }

  private String reply(String name) {
    return broker.on("reply/" + name).getLast().message().text();
  }

  private World requiringAppAcks() {
    return world.with(
        Parts.mqtt(
            world.mqtt.servers(),
            null,
            null,
            null,
            null,
            null,
            Duration.ZERO,
            60_000,
            true,
            false,
            List.of()));
  }

  private static String golden(String name) throws IOException {
    try (var in =
        CommandTopicsTest.class.getResourceAsStream(
            "/io/lingtan/agent/publish/" + name + ".json")) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8)
          .strip();
    }
  }

  @Test
  void pingIsAnsweredOnTheResponseTopicWithItsCorrelation() {
    world.run(1000);
    send("ping", "", "lingtan/v1/gw/reply/ping/here");
    Got answer = broker.got.getLast();
    assertEquals("lingtan/v1/gw/reply/ping/here", answer.topic());
    assertArrayEquals(new byte[] {1, 2}, answer.message().correlation());
    assertTrue(answer.message().text().startsWith("{\"ok\":true,\"ts\":17640600"));
  }

  @Test
  void withoutAResponseTopicTheAnswerGoesToReply() {
    world.run(1000);
    send("ping", "", null);
    assertTrue(reply("ping").startsWith("{\"ok\":true"));
  }

  @Test
  void answersGoNowhereElseThanTheSiteFileAllows() {
    world.run(1000);
    List<String> strange =
        List.of(
            "answers/here",
            "lingtan/v1/gw/cmd/ping",
            "lingtan/v1/gw/data/pv1",
            "lingtan/v1/other/cmd/rebirth",
            "lingtan/v1/other/reply/ping",
            "lingtan/v1/gw/reply/#",
            "$SYS/x",
            "");
    for (String topic : strange) {
      send("ping", "", topic);
      assertTrue(reply("ping").startsWith("{\"ok\":false,\"error\":\"answers do not go to"), topic);
      assertEquals(
          List.of(), broker.got.stream().filter(got -> got.topic().equals(topic)).toList());
    }
    world.run(1000);
    assertEquals(strange.size(), broker.on("reply/ping").size());
    assertEquals(strange.size(), world.step.snapshot().mishaps().commandsRefused());
    assertEquals(
        strange.size(), world.eventNames().stream().filter("command.refused"::equals).count());
    send("ping", "", "lingtan/v1/gw/reply/ping/me");
    assertEquals("lingtan/v1/gw/reply/ping/me", broker.got.getLast().topic());
  }

  @Test
  void thePrefixesOfTheSiteFileAreAnsweredTo() {
    world.with(
        new Site.Mqtt(
            world.mqtt.servers(),
            null,
            null,
            null,
            null,
            null,
            Duration.ZERO,
            60_000,
            false,
            false,
            List.of(),
            false,
            Duration.ZERO,
            List.of("central/", "lingtan/v1/"),
            null));
    world.run(1000);
    send("ping", "", "central/answers/1");
    assertEquals("central/answers/1", broker.got.getLast().topic());
    send("ping", "", "lingtan/v1/other/reply/ping");
    assertEquals("lingtan/v1/other/reply/ping", broker.got.getLast().topic());
    send("ping", "", "lingtan/v1/other/cmd/rebirth");
    assertTrue(reply("ping").contains("\"ok\":false"));
    send("ping", "", "centralised/answers");
    assertTrue(reply("ping").contains("mqtt.reply_prefixes"));
  }

  @Test
  void whatMakesNoSenseIsRefusedUnderItsName() {
    world.run(1000);
    broker
        .arrivals()
        .offer(
            Signal.Arrived.flawed(
                broker.connection, "lingtan/v1/gw/cmd/rebirth", false, "Invalid UTF-8 char"));
    int before = broker.on("meta").size();
    world.run(1000);
    assertEquals(before, broker.on("meta").size());
    assertTrue(reply("rebirth").contains("was thrown away"));
    assertEquals("command.refused", world.eventNames().getLast());
    assertEquals(1, world.step.snapshot().mishaps().commandsRefused());
  }

  @Test
  void theFeedsOfADayHaveABound() {
    world.run(1000);
    StringBuilder csv = new StringBuilder("date,bus,km\\n");
    for (int i = 0; i < 700; i++) {
      csv.append("2026-06-18,b").append(i).append(",241.5\\n");
    }
    String feed = "{\"by\":\"ops\",\"csv\":\"" + csv + "\"}";
    int most = CommandTopics.MOST_FED_A_DAY / (csv.length() - 701 + 256) + 1;
    for (int i = 0; i < most; i++) {
      send("feed", feed, null);
      assertEquals("{\"ok\":true,\"rows\":700}", reply("feed"), "feed " + i);
      world.run(1000);
    }
    send("feed", feed, null);
    assertTrue(reply("feed").contains("\"busy\":true"), reply("feed"));
    assertTrue(reply("feed").contains("characters at most"), reply("feed"));
    assertEquals("command.refused", world.eventNames().getLast());
    assertEquals(most, world.fed.size());
    world.run(Duration.ofDays(1).toMillis());
    send("feed", feed, null);
    assertEquals("{\"ok\":true,\"rows\":700}", reply("feed"));
  }

  @Test
  void nothingIsAcknowledgedThatWasNotSent() {
    requiringAppAcks();
    world.run(1000);
    for (int i = 0; i < 8; i++) {
      world.outbox.data("pv1", 1000);
    }
    broker.holdsAcks = true;
    world.run(100);
    for (String ack :
        List.of(
            "\"upto\":9223372036854775807",
            "\"upto\":9",
            "\"upto\":0,\"ranges\":[[1,9223372036854775807]]",
            "\"upto\":0,\"ranges\":[[9,9]]")) {
      send("ack", "{\"epoch\":\"e1\"," + ack + "}", null);
      assertTrue(reply("ack").contains("\"ok\":false"), ack);
    }
    send("ack", "{\"epoch\":\"e1\",\"upto\":8}", null);
    for (long id : new long[] {0, -1, 1_000_000, Long.MAX_VALUE, Long.MIN_VALUE}) {
      broker.signals().offer(new Signal.Acked(broker.connection, id, 0));
      broker.signals().offer(new Signal.Acked(broker.connection - 1, id, 0));
      broker.signals().offer(new Signal.Acked(broker.connection + 1, id, 0));
    }
    world.run(100);
    assertEquals(0, world.outbox.ackedCount());
    broker.answer();
    broker.signals().offer(new Signal.Acked(broker.connection, 1, 0));
    world.run(100);
    assertEquals(List.of(), world.outbox.doubleAcks);
    assertTrue(world.outbox.ackedCount() <= 8);
  }

  @Test
  void rebirthPublishesEverythingRetainedAgain() {
    world.run(1000);
    int before = broker.on("meta").size();
    send("rebirth", "", null);
    assertEquals(before + 1, broker.on("meta").size());
    assertEquals("{\"ok\":true}", reply("rebirth"));
  }

  @Test
  void whatCannotBeObeyedIsRefusedInWordsAndIsAnEvent() throws IOException {
    world.run(1000);
    send("replay", golden("cmd-replay"), null);
    assertEquals(golden("refused"), reply("replay"));
    send("feed", "{}", null);
    assertTrue(reply("feed").startsWith("{\"ok\":false,\"error\":\""));
    assertEquals(2, world.eventNames().stream().filter("command.refused"::equals).count());
  }

  @Test
  void whatPeopleTellIsCheckedCellByCellAndHandedOnWithWhoSaidIt() {
    world.run(1000);
    send("feed", "{\"by\":\"ops\",\"csv\":\"date,bus,km\\n2026-06-18,b1,241.5\\n\"}", null);
    assertEquals("{\"ok\":true,\"rows\":1}", reply("feed"));
    assertEquals(
        List.of("ops: date,bus,km\n2026-06-18,b1,241.5\n"),
        world.fed.stream().map(fed -> fed.by() + ": " + fed.csv()).toList());
    send("feed", "{\"by\":\"ops\",\"csv\":\"date,bus,km\\n2026-06-18,b1,-1\\n\"}", null);
    assertEquals(
        "{\"ok\":false,\"error\":\"2:15: km is a number from 0 to 2000, not '-1'\"}",
        reply("feed"));
    send("feed", "{\"csv\":\"date,bus,km\\n2026-06-18,b1,1\\n\"}", null);
    assertTrue(reply("feed").contains("by is who says so"));
    assertEquals(1, world.fed.size());
  }

  @Test
  void anActivityOfADayToComeOrOfAnUnknownFuelIsRefusedAtOnce() {
    world.run(1000);
    String heat =
        "date,heat,tonnes,enthalpy_kj_per_kg,return_kj_per_kg,temperature_c,gj,by,document\\n";
    send("feed", "{\"by\":\"ops\",\"csv\":\"" + heat + "2025-11-26,steam,,,,,5,Li,H-1\\n\"}", null);
    assertEquals(
        "{\"ok\":false,\"error\":\"2:1: 2025-11-26 is still to come: by 2025-11-25 nobody can tell"
            + " of it\"}",
        reply("feed"));
    String fuel = "date,fuel,amount,unit,density_kg_per_l,by,document\\n";
    send("feed", "{\"by\":\"ops\",\"csv\":\"" + fuel + "2025-11-25,rum,5,kg,,Li,F-1\\n\"}", null);
    assertTrue(reply("feed").contains("no factor for a kilogram burnt of 'rum'"), reply("feed"));
    assertEquals(List.of(), List.copyOf(world.fed), "nothing is handed on");
    send("feed", "{\"by\":\"ops\",\"csv\":\"" + heat + "2025-11-25,steam,,,,,5,Li,H-1\\n\"}", null);
    assertEquals("{\"ok\":true,\"rows\":1}", reply("feed"));
  }

  @Test
  void aRetainedCommandIsRefused() {
    world.run(1000);
    broker
        .arrivals()
        .offer(
            new Signal.Arrived(
                broker.connection, "lingtan/v1/gw/cmd/rebirth", new byte[0], true, null, null));
    int before = broker.on("meta").size();
    world.run(100);
    assertEquals(before, broker.on("meta").size());
    assertTrue(reply("rebirth").contains("\"ok\":false"));
  }

  @Test
  void aFloodOfCommandsFillsNothing() {
    world.run(1000);
    for (int i = 0; i < 500; i++) {
      send("nonsense", "{}", null);
    }
    long refusals = world.eventNames().stream().filter("command.refused"::equals).count();
    assertTrue(refusals >= 20 && refusals <= 130, "events: " + refusals);
    long counted = world.step.snapshot().mishaps().commandsRefused();
    assertTrue(counted >= 495 && counted <= 505, "counted: " + counted);
    assertEquals(500, broker.on("reply/nonsense").size());
  }

  @Test
  void whatComesTooFastIsToldSo() {
    world.run(1000);
    for (int i = 0; i < 100; i++) {
      send("ping", "", null);
    }
    String answer = reply("ping");
    assertTrue(answer.startsWith("{\"ok\":false,\"error\":\"too many commands"), answer);
    assertFalse(world.eventNames().contains("command.refused"));
    world.run(5000);
    assertTrue(world.step.snapshot().mishaps().commandsRefused() > 50);
    send("ping", "", null);
    assertTrue(reply("ping").startsWith("{\"ok\":true"));
  }

  @Test
  void theLastAckOfABurstCounts() {
    requiringAppAcks();
    world.run(1000);
    for (int i = 1; i <= 300; i++) {
      world.outbox.data("pv1", 1000);
      world.run(10);
      send("ack", "{\"epoch\":\"e1\",\"upto\":" + i + "}", null);
    }
    world.run(1000);
    assertEquals("{\"ok\":true,\"epoch\":\"e1\",\"upto\":300}", reply("ack"));
    assertEquals(300, world.outbox.ackedCount());
    assertEquals(0, world.step.snapshot().mishaps().commandsRefused());
    world.run(600_000);
    assertEquals(300, broker.on("data/pv1").size());
    assertEquals(0, broker.on("batch").size());
  }

  @Test
  void acksCountWhileOtherCommandsAreTooMany() {
    requiringAppAcks();
    world.run(1000);
    world.outbox.data("pv1", 1000);
    world.run(100);
    for (int i = 0; i < 100; i++) {
      send("ping", "", null);
    }
    send("ack", "{\"epoch\":\"e1\",\"upto\":1}", null);
    assertTrue(world.outbox.isAcked("e1", 1));
  }

  @Test
  void aFloodOfBadAcksFillsNothing() {
    requiringAppAcks();
    world.run(1000);
    for (int i = 0; i < 500; i++) {
      send("ack", "{}", null);
    }
    long refusals = world.eventNames().stream().filter("command.refused"::equals).count();
    assertTrue(refusals >= 20 && refusals <= 130, "events: " + refusals);
    assertEquals(500, broker.on("reply/ack").size());
    assertTrue(reply("ack").startsWith("{\"ok\":false,\"error\":\"ack wants"));
  }

  @Test
  void anAckThatNobodyWaitsForIsRefusedAndToldOnce() {
    world.run(1000);
    world.outbox.data("pv1", 1000);
    world.run(100);
    for (int i = 0; i < 30; i++) {
      send("ack", "{\"epoch\":\"e1\",\"upto\":1}", null);
    }
    String answer = reply("ack");
    assertTrue(answer.startsWith("{\"ok\":false,\"error\":\"acknowledgements"), answer);
    assertTrue(answer.contains("mqtt.require_app_ack"), answer);
    assertEquals(1, world.eventNames().stream().filter("command.refused"::equals).count());
    send("ping", "", null);
    assertTrue(reply("ping").startsWith("{\"ok\":true"));
  }

  @Test
  void withAppAcksAPubackAloneIsNotDelivery() throws IOException {
    world.outbox = new MemoryOutbox("5f1c09ab");
    requiringAppAcks();
    world.run(1000);
    for (int i = 0; i < 8; i++) {
      world.outbox.data("pv1", 1000);
    }
    world.run(1000);
    assertEquals(0, world.outbox.ackedCount());
    send("ack", golden("cmd-ack"), null);
    assertEquals("{\"ok\":true,\"epoch\":\"5f1c09ab\",\"upto\":3}", reply("ack"));
    assertEquals(5, world.outbox.ackedCount());
  }

  @Test
  void exactlyWhatTheAckCoversIsAcknowledged() {
    requiringAppAcks();
    world.run(1000);
    for (int i = 0; i < 8; i++) {
      world.outbox.data("pv1", 1000);
    }
    world.run(1000);
    send("ack", "{\"epoch\":\"e1\",\"upto\":3,\"ranges\":[[5,6]]}", null);
    for (long seq : new long[] {1, 2, 3, 5, 6}) {
      assertTrue(world.outbox.isAcked("e1", seq), "seq " + seq);
    }
    for (long seq : new long[] {4, 7, 8}) {
      assertFalse(world.outbox.isAcked("e1", seq), "seq " + seq);
    }
  }

  @Test
  void anAckThatComesBeforeThePubackCountsWithIt() {
    requiringAppAcks();
    world.run(1000);
    broker.holdsAcks = true;
    world.outbox.data("pv1", 1000);
    world.run(100);
    send("ack", "{\"epoch\":\"e1\",\"upto\":1}", null);
    assertFalse(world.outbox.isAcked("e1", 1));
    broker.answer();
    world.run(100);
    assertTrue(world.outbox.isAcked("e1", 1));
  }

  @Test
  void whatTheApplicationNeverNamesIsSentAgainAfterAWhile() {
    requiringAppAcks();
    world.run(1000);
    world.outbox.data("pv1", 1000);
    world.outbox.event("agent.start");
    world.run(290_000);
    assertEquals(0, broker.on("batch").size());
    world.run(20_000);
    assertEquals(1, broker.on("batch").size());
    assertEquals(2, broker.on("event").size());
  }

  @Test
  void whatTheApplicationSkipsIsSentAgainHoweverMuchItNames() {
    requiringAppAcks();
    world.run(1000);
    world.outbox.data("pv1", 1000);
    world.outbox.data("pv1", 1000);
    world.run(1000);
    for (int seq = 3; seq <= 40; seq++) {
      world.outbox.data("pv1", 1000);
      world.run(20_000);
      send("ack", "{\"epoch\":\"e1\",\"upto\":1,\"ranges\":[[3,%d]]}".formatted(seq), null);
    }
    assertTrue(world.outbox.isAcked("e1", 40));
    assertFalse(world.outbox.isAcked("e1", 2));
    List<Got> again = broker.on("batch");
    assertFalse(again.isEmpty(), "seq 2 was sent once");
    assertTrue(again.size() <= 2, again::toString);
    assertTrue(again.getFirst().message().text().contains("\"seq\":2,"), again::toString);
  }

  @Test
  void anAckAheadOfWhatExistsIsRefused() {
    requiringAppAcks();
    world.run(1000);
    world.outbox.data("pv1", 1000);
    world.run(100);
    send("ack", "{\"epoch\":\"e1\",\"upto\":2}", null);
    assertTrue(reply("ack").contains("\"ok\":false"));
    assertEquals(0, world.outbox.ackedCount());
  }

  @Test
  void malformedAcksAreRefused() {
    requiringAppAcks();
    world.run(1000);
    for (String bad :
        new String[] {
          "",
          "[]",
          "{",
          "{\"epoch\":\"e1\"}",
          "{\"epoch\":1,\"upto\":1}",
          "{\"epoch\":\"e1\",\"upto\":-1}",
          "{\"epoch\":\"e1\",\"upto\":0,\"ranges\":[[2,1]]}",
          "{\"epoch\":\"xx\",\"upto\":0}",
          "{\"epoch\":\"e1\",\"upto\":99999999999999999999}"
        }) {
      send("ack", bad, null);
      assertTrue(reply("ack").contains("\"ok\":false"), bad);
    }
  }
}
