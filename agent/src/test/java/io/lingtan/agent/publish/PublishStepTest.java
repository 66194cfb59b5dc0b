package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.publish.MemoryBroker.Got;
import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.link.Failure;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Parts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class PublishStepTest {

  private static final Pattern SEQ = Pattern.compile("\"seq\":(\\d+)");

  private final World world = new World();
  private final MemoryBroker broker = world.broker;

  private static List<Long> seqs(List<Got> messages) {
    List<Long> found = new ArrayList<>();
    for (Got one : messages) {
      Matcher seq = SEQ.matcher(one.message().text());
      while (seq.find()) {
        found.add(Long.parseLong(seq.group(1)));
      }
    }
    return found;
  }

  /** And lets the store pass that follows the first drain. */
  private void connect() {
    world.run(3000);
    assertTrue(world.step.snapshot().connected());
  }

  private void commitData(int count) {
    for (int i = 0; i < count; i++) {
      world.outbox.data("pv1", 1000 + i);
    }
  }

  private void assertAllAcked(int count) {
    assertEquals(count, world.outbox.ackedCount());
    assertEquals(List.of(), world.outbox.doubleAcks);
  }

  @Test
  void aConnectionBeginsWithABirthThatIsRetained() {
    connect();
    assertEquals(
        "online", new String(broker.retained.get("lingtan/v1/gw/status"), StandardCharsets.UTF_8));
    assertTrue(broker.on("meta").getFirst().message().text().contains("\"schema\":\"lingtan/v1\""));
    assertTrue(broker.on("store").getFirst().message().text().startsWith("{\"epoch\":\"e1\""));
  }

  @Test
  void eachConnectionAsksWhatTheCentreWantsAndSaysWhatBecameOfIt() {
    DesiredState desired = new DesiredState();
    world.desired = desired;
    world.fleet = new Site.Centre("A".repeat(43), null, null, Duration.ofMinutes(10));
    world.step = world.make();
    broker.retained.put("lingtan/v1/gw/desired/config", "{}".getBytes(StandardCharsets.UTF_8));
    connect();
    assertEquals("{}", new String(desired.take(), StandardCharsets.UTF_8));
    assertEquals(List.of(), broker.on("reported"));
    desired.report("one");
    world.run(100);
    desired.report("two");
    world.run(100);
    broker.drop();
    world.run(120_000);
    assertTrue(world.step.snapshot().connected());
    assertEquals("{}", new String(desired.take(), StandardCharsets.UTF_8));
    assertEquals(
        List.of("one", "two", "two"),
        broker.on("reported").stream().map(got -> got.message().text()).toList());
    assertTrue(broker.on("reported").stream().allMatch(got -> got.message().retained()));
  }

  @Test
  void whatAnEarlierProcessReportedIsReadBeforeAnythingIsSaid() {
    DesiredState desired = new DesiredState();
    world.desired = desired;
    world.fleet = new Site.Centre("A".repeat(43), null, null, Duration.ofMinutes(10));
    world.step = world.make();
    String before = "{\"config\":{\"why\":\"\",\"serial\":[],\"obeyed\":12},\"sig\":\"\"}";
    broker.retained.put("lingtan/v1/gw/reported", before.getBytes(StandardCharsets.UTF_8));
    broker.retained.put("lingtan/v1/gw/desired/config", "{}".getBytes(StandardCharsets.UTF_8));
    connect();
    assertEquals(12, desired.recalled());
    assertEquals(List.of(), broker.on("reported"), "nothing is known yet");
    desired.report(before);
    world.run(100);
    assertEquals(List.of(), broker.on("reported"), "it stands there already");
    desired.report(obeyed(13));
    world.run(100);
    assertEquals(obeyed(13), broker.on("reported").getLast().message().text());
    assertEquals(12, desired.recalled());
  }

  private static String obeyed(long serial) {
    return "{\"config\":{\"obeyed\":" + serial + "}}";
  }

  /** As with a network that is up after the agent, or a broker that is away at its start. */
  @Test
  void aReportThatWaitsForTheConnectionDoesNotHideWhatTheBrokerKept() {
    DesiredState desired = new DesiredState();
    world.desired = desired;
    world.fleet = new Site.Centre("A".repeat(43), null, null, Duration.ofMinutes(10));
    world.step = world.make();
    AtomicInteger woken = new AtomicInteger();
    desired.onWant(woken::incrementAndGet);
    desired.report(obeyed(5));
    broker.retained.put("lingtan/v1/gw/reported", obeyed(12).getBytes(StandardCharsets.UTF_8));
    connect();
    world.run(1000);
    assertEquals(12, desired.recalled());
    assertEquals(1, woken.get(), "whoever obeys hears of it");
    assertEquals(List.of(), broker.on("reported"), "less never takes its place");
    desired.report(obeyed(12) + " ");
    world.run(1000);
    assertEquals(obeyed(12) + " ", broker.on("reported").getFirst().message().text());
    broker.drop();
    world.run(120_000);
    assertEquals(2, broker.on("reported").size(), "and again over the next connection");
  }

  @Test
  void whatAStrangerReportedInOurNameLocksNobodyOut() {
    DesiredState desired = new DesiredState();
    world.desired = desired;
    world.fleet = new Site.Centre("A".repeat(43), null, null, Duration.ofMinutes(10));
    world.step = world.make();
    String forged = "{\"by\":\"a stranger\",\"config\":{\"obeyed\":9007199254740991}}";
    broker.retained.put("lingtan/v1/gw/reported", forged.getBytes(StandardCharsets.UTF_8));
    desired.report(obeyed(5));
    connect();
    world.run(1000);
    assertEquals(0, desired.recalled());
    assertEquals(obeyed(5), broker.on("reported").getFirst().message().text());
  }

  @Test
  void whatWasReportedGoesWithTheFleet() {
    world.desired = new DesiredState();
    world.step = world.make();
    broker.retained.put("lingtan/v1/gw/reported", "before".getBytes(StandardCharsets.UTF_8));
    broker.retained.put("lingtan/v1/gw/desired/config", "{}".getBytes(StandardCharsets.UTF_8));
    connect();
    world.run(100);
    assertEquals(1, broker.on("reported").size());
    assertEquals("", broker.on("reported").getFirst().message().text());
    assertTrue(broker.on("reported").getFirst().message().retained());
    assertEquals(null, world.desired.take(), "nor is anything asked for");
  }

  @Test
  void whatIsCommittedWhileConnectedGoesOnceLive() {
    connect();
    commitData(40);
    world.run(1000);
    assertEquals(40, broker.on("data/pv1").size());
    assertEquals(0, broker.on("batch").size());
    assertAllAcked(40);
  }

  @Test
  void whatWasCommittedWhileAwayGoesToBatchOnlyAscending() {
    commitData(700);
    connect();
    commitData(3);
    world.run(2000);
    assertEquals(3, broker.on("data/pv1").size());
    List<Long> late = seqs(broker.on("batch"));
    assertEquals(700, late.size());
    assertEquals(late.stream().sorted().toList(), late);
    assertAllAcked(703);
  }

  /** The epoch ends while the next one's first records wait in the cursor behind it. */
  @Test
  void anEarlierEpochThatEndsCostsTheNextOneNoneOfItsData() {
    world.with(
        Parts.mqtt(
            world.mqtt.servers(),
            null,
            null,
            null,
            null,
            null,
            Duration.ZERO,
            2000,
            false,
            false,
            List.of()));
    commitData(20);
    world.outbox.begin("e2");
    commitData(300);
    broker.holdsAcks = true;
    connect();
    broker.holdsAcks = false;
    broker.answer();
    commitData(1);
    world.run(1000);
    List<Long> late = seqs(broker.on("batch"));
    assertEquals(LongStream.rangeClosed(1, 20).boxed().toList(), late.subList(0, 20));
    assertEquals(LongStream.rangeClosed(1, 300).boxed().toList(), late.subList(20, late.size()));
    assertAllAcked(321);
  }

  @Test
  void anEarlierEpochThatEndsCostsTheNextOneNoneOfItsEvents() {
    world.outbox.event("agent.start");
    world.outbox.begin("e2");
    for (int i = 0; i < 300; i++) {
      world.outbox.event("agent.start");
    }
    broker.holdsAcks = true;
    connect();
    broker.holdsAcks = false;
    broker.answer();
    world.outbox.event("agent.start");
    world.run(1000);
    List<Got> events = broker.on("event");
    assertEquals(
        LongStream.rangeClosed(1, 301).boxed().toList(), seqs(events.subList(1, events.size())));
    assertAllAcked(302);
  }

  @Test
  void noBatchIsLargerThanThePayloadBound() {
    world.with(
        Parts.mqtt(
            world.mqtt.servers(),
            null,
            null,
            null,
            null,
            null,
            Duration.ZERO,
            2000,
            false,
            false,
            List.of()));
    commitData(300);
    connect();
    world.run(1000);
    assertAllAcked(300);
    int largest =
        broker.on("batch").stream().mapToInt(one -> one.message().payload().length).max().orElse(0);
    assertTrue(largest <= 2000 && largest > 1800, "largest batch: " + largest);
  }

  @Test
  void aWithheldPubackNeverCounts() {
    connect();
    broker.holdsAcks = true;
    commitData(5);
    world.run(5000);
    assertEquals(0, world.outbox.ackedCount());
    assertEquals(5, world.step.snapshot().delivery().inFlight());
    broker.answer();
    world.run(100);
    assertAllAcked(5);
  }

  @Test
  void aBrokerThatStopsAnsweringIsConnectedAnewAndNothingIsLost() {
    connect();
    broker.holdsAcks = true;
    commitData(5);
    world.run(29_000);
    assertEquals(1, broker.connection);
    world.run(4000);
    assertEquals(2, broker.connection);
    assertTrue(world.eventNames().contains("uplink.down"));
    broker.holdsAcks = false;
    broker.answer();
    world.run(40_000);
    assertAllAcked(world.outbox.ackedCount());
    assertTrue(world.outbox.isAcked("e1", 1) && world.outbox.isAcked("e1", 5));
  }

  @Test
  void whatIsInFlightAtADisconnectGoesToBatchAndIsCountedOnce() {
    connect();
    broker.holdsAcks = true;
    commitData(7);
    world.run(100);
    assertEquals(7, broker.on("data/pv1").size());
    broker.drop();
    broker.holdsAcks = false;
    world.run(5000);
    assertEquals(7, broker.on("data/pv1").size());
    assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L, 7L), seqs(broker.on("batch")));
    assertAllAcked(7);
    assertEquals(7, world.step.snapshot().records().resent());
  }

  @Test
  void anAcknowledgementOfAnEarlierConnectionIsIgnored() {
    connect();
    broker.holdsAcks = true;
    commitData(1);
    world.run(100);
    Got old = broker.unanswered.getLast();
    broker.drop();
    world.run(3000);
    broker.signals().offer(new Signal.Acked(old.connection(), old.id(), 0));
    world.run(100);
    assertEquals(0, world.outbox.ackedCount());
  }

  @Test
  void aRefusalIsNotDeliveryAndIsTriedAgainAtMostHalfAMinuteApart() {
    connect();
    broker.reason = message -> message.topic().endsWith("/event") ? 135 : 0;
    world.outbox.event("agent.start");
    long interval = world.outbox.interval("15m");
    world.run(1000);
    assertTrue(world.outbox.isAcked("e1", interval), "another topic is not held up");
    assertFalse(world.outbox.isAcked("e1", 1));
    assertEquals(1, world.eventNames().stream().filter("uplink.refused"::equals).count());
    int before = broker.on("event").size();
    world.run(600_000);
    int tries = broker.on("event").size() - before;
    assertTrue(tries >= 20 && tries <= 24, "tries in ten minutes: " + tries);
    broker.reason = message -> 0;
    world.run(61_000);
    assertTrue(world.outbox.isAcked("e1", 1));
    assertEquals(List.of(), world.outbox.doubleAcks);
  }

  @Test
  void afterARefusalAllEventsFollowInOrder() {
    connect();
    broker.reason = message -> message.topic().endsWith("/event") ? 135 : 0;
    for (int i = 0; i < 50; i++) {
      world.outbox.event("agent.start");
    }
    world.run(10_000);
    int before = broker.on("event").size();
    broker.reason = message -> 0;
    world.run(61_000);
    List<Got> after = broker.on("event");
    List<Long> order = seqs(after.subList(before, after.size()));
    assertEquals(50, order.size());
    assertEquals(order.stream().sorted().toList(), order);
    assertAllAcked(50);
  }

  @Test
  void dataRefusedOnItsOwnTopicIsDeliveredInABatch() {
    connect();
    broker.reason = message -> message.topic().contains("/data/") ? 135 : 0;
    commitData(20);
    world.run(1000);
    assertAllAcked(20);
    assertFalse(broker.on("batch").isEmpty());
  }

  @Test
  void whatIsRefusedIsTriedAtOnceWhenSomebodyAsksButNotEachTimeHeDoes() {
    connect();
    broker.reason = message -> message.topic().endsWith("/event") ? 135 : 0;
    world.outbox.event("agent.start");
    world.run(100_000);
    int before = broker.on("event").size();
    for (int i = 0; i < 50; i++) {
      world.step.tryRefused();
      world.run(10);
    }
    assertEquals(1, broker.on("event").size() - before, "fifty wishes in half a second");
    broker.reason = message -> 0;
    world.run(3000);
    assertTrue(world.outbox.isAcked("e1", 1));
    assertEquals(0, world.step.snapshot().link().refusing().count());
  }

  @Test
  void whoeverIsCutForWhatIsRefusedConnectsAtOnceWhenSomebodyAsks() {
    connect();
    broker.reason = message -> message.topic().endsWith("/event") ? 135 : 0;
    world.outbox.event("agent.start");
    world.run(1000);
    long connects = world.step.snapshot().link().connects();
    for (int i = 0; i < 6; i++) {
      broker.drop();
      world.run(20);
      world.step.tryRefused();
      world.run(3000);
      assertEquals(connects + i + 1, world.step.snapshot().link().connects());
    }
  }

  @Test
  void aBatchIsTriedWithOneRecordUntilItsTopicIsAllowed() {
    connect();
    broker.reason = message -> message.topic().endsWith("/batch") ? 135 : 0;
    broker.holdsAcks = true;
    commitData(1);
    world.run(100);
    broker.holdsAcks = false;
    for (int i = 0; i < 5; i++) {
      broker.drop();
      commitData(40);
      world.run(3000);
    }
    world.run(60_000);
    List<Got> batches = broker.on("batch");
    assertTrue(batches.size() > 3, batches.size() + " tries");
    int first = batches.getFirst().message().payload().length;
    int last = batches.getLast().message().payload().length;
    assertTrue(last * 4 < first, last + " B in a try, " + first + " B in what was refused first");
  }

  @Test
  void aTopicThatEndsTheConnectionIsFoundAmongThoseThatAreUnderWayWithIt() {
    connect();
    broker.holdsAcks = true;
    broker.cutsOn = "/data/m2";
    // What is sent before it is another topic each time, and its PUBACK is lost with the
    // connection.
    for (String order : List.of("0123", "1023", "3120", "0213")) {
      order.chars().forEach(digit -> world.outbox.data("m" + (char) digit, 1000));
      for (int i = 0; i < 200; i++) {
        world.run(20);
        broker.answer();
      }
    }
    List<Event> refused =
        world.events.stream().filter(event -> event.name().equals("uplink.refused")).toList();
    assertEquals(1, refused.size(), world.eventNames()::toString);
    assertEquals("lingtan/v1/gw/data/m2", refused.getFirst().detail().get("topic"));
    assertEquals(1, world.step.snapshot().records().refused());
    assertEquals(16, world.outbox.ackedCount(), "data goes in batches");
  }

  @Test
  void aBirthThatEndsTheConnectionIsFoundBesideABacklog() {
    boolean[] isForbidden = {false};
    broker.holdsAcks = true;
    broker.onPublish = message -> isForbidden[0] |= message.topic().endsWith("/gw/meta");
    for (int i = 0; i < 10; i++) {
      world.outbox.event("meter.reset");
      world.outbox.interval("15m");
      commitData(20);
    }
    for (int i = 0; i < 3_000; i++) {
      world.run(20);
      if (isForbidden[0]) {
        // The broker cuts a moment later, and what it has acknowledged meanwhile is lost.
        isForbidden[0] = false;
        broker.drop();
      }
      broker.answer();
    }
    List<Event> refused =
        world.events.stream().filter(event -> event.name().equals("uplink.refused")).toList();
    assertEquals(1, refused.size(), world.eventNames()::toString);
    assertEquals("lingtan/v1/gw/meta", refused.getFirst().detail().get("topic"));
    assertEquals(220, world.outbox.ackedCount());
  }

  @Test
  void aTopicThatIsNeverAnsweredIsFoundWhereOthersAre() {
    connect();
    broker.silentOn = "/event";
    world.outbox.event("agent.start");
    commitData(3);
    world.run(120_000);
    List<Event> refused =
        world.events.stream().filter(event -> event.name().equals("uplink.refused")).toList();
    assertEquals("lingtan/v1/gw/event", refused.getFirst().detail().get("topic"));
    assertEquals(1, refused.size());
    assertEquals(3, world.outbox.ackedCount());
  }

  @Test
  void aBrokerThatAnswersNothingForbidsNothing() {
    connect();
    commitData(3);
    broker.holdsAcks = true;
    commitData(3);
    world.outbox.event("meter.reset");
    world.run(300_000);
    assertFalse(world.eventNames().contains("uplink.refused"), world.eventNames()::toString);
  }

  @Test
  void whoIsThrownOutByAnotherClientSuspectsNoTopic() {
    connect();
    broker.holdsAcks = true;
    for (int i = 0; i < 4; i++) {
      commitData(1);
      world.run(500);
      broker.drop(Failure.Kind.TAKEN_OVER, 0x8E);
      world.run(200_000);
      broker.answer();
    }
    assertFalse(world.eventNames().contains("uplink.refused"), world.eventNames()::toString);
  }

  @Test
  void aTopicThatEndsTheConnectionTwiceLetsAllOthersGoFirst() {
    connect();
    broker.cutsOn = "/event";
    world.outbox.event("agent.start");
    long interval = world.outbox.interval("15m");
    world.run(20_000);
    assertTrue(world.outbox.isAcked("e1", interval));
    assertTrue(world.eventNames().contains("uplink.refused"));
  }

  /** As mosquitto 2.0 without a bound on its queues: it refuses, and cuts a moment later. */
  @Test
  void aTopicOnItsWayWhenARefusalEndsTheConnectionIsNotTakenForTheForbiddenOne() {
    connect();
    broker.reason = message -> message.topic().endsWith("/event") ? 135 : 0;
    broker.holdsAcks = true;
    world.outbox.event("agent.start");
    long interval = world.outbox.interval("15m");
    world.run(20);
    broker.drop(); // the first refusal is lost with the connection
    boolean cuts = false;
    for (int i = 0; i < 500; i++) {
      world.run(20);
      if (cuts) {
        broker.drop();
      }
      cuts = broker.unanswered.stream().anyMatch(got -> got.topic().endsWith("/event"));
      broker.answer();
    }
    List<Object> refused =
        world.events.stream()
            .filter(event -> event.name().equals("uplink.refused"))
            .<Object>map(event -> event.detail().get("topic"))
            .toList();
    assertEquals(List.of("lingtan/v1/gw/event"), refused);
    assertTrue(world.outbox.isAcked("e1", interval));
  }

  @Test
  void aRefusedBatchHoldsUpNoLiveData() {
    commitData(10);
    broker.reason = message -> message.topic().endsWith("/batch") ? 151 : 0;
    connect();
    commitData(5);
    world.run(1000);
    assertEquals(5, world.outbox.ackedCount());
    broker.reason = message -> 0;
    world.run(61_000);
    assertAllAcked(15);
  }

  @Test
  void nobodyListeningCountsAsDeliveryAndIsSaidOnceAnHour() {
    connect();
    broker.reason = message -> 16;
    commitData(3);
    world.run(1000);
    commitData(3);
    world.run(1000);
    assertAllAcked(6);
    assertEquals(6, world.step.snapshot().records().nobody());
    assertEquals(1, world.eventNames().stream().filter("uplink.nobody_listens"::equals).count());
  }

  @Test
  void noMoreThanReceiveMaximumIsUnderWay() {
    broker.receiveMaximum = 1;
    commitData(30);
    connect();
    broker.holdsAcks = true;
    broker.most = 0;
    Map<String, Integer> firsts = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      // Live data never pauses, and still the others have their turns.
      commitData(1);
      if (i == 20) {
        world.outbox.event("agent.start");
        world.outbox.interval("1h");
      }
      world.run(20);
      broker.unanswered.forEach(one -> firsts.putIfAbsent(one.topic(), one.hashCode()));
      broker.answer();
      world.run(1);
    }
    assertEquals(1, broker.most);
    assertEquals(1, broker.on("event").size());
    assertEquals(1, broker.on("interval/1h").size());
    assertEquals(30, seqs(broker.on("batch")).stream().filter(seq -> seq <= 30).count());
  }

  @Test
  void theWindowIsAtMostSixteen() {
    connect();
    broker.holdsAcks = true;
    commitData(100);
    world.run(1000);
    assertEquals(16, world.step.snapshot().delivery().inFlight());
  }

  @Test
  void theWindowIsAtMostHalfAMegabyte() {
    connect();
    broker.holdsAcks = true;
    for (int i = 0; i < 16; i++) {
      world.outbox.data("pv1", 1000, "x".repeat(100_000));
    }
    world.run(1000);
    assertEquals(5, world.step.snapshot().delivery().inFlight());
    assertTrue(world.step.snapshot().delivery().inFlightBytes() <= 512 * 1024);
  }

  @Test
  void whatFallsMoreThan256RecordsBehindGoesLate() {
    connect();
    broker.holdsAcks = true;
    commitData(16);
    world.run(100);
    commitData(400);
    world.run(100);
    broker.holdsAcks = false;
    broker.answer();
    world.run(1000);
    List<Long> late = seqs(broker.on("batch"));
    assertEquals(160L, late.getLast());
    assertEquals(144, late.size());
    assertEquals(272, broker.on("data/pv1").size());
    assertAllAcked(416);
  }

  @Test
  void whatFallsFiveSecondsBehindGoesLate() {
    connect();
    broker.holdsAcks = true;
    commitData(16);
    world.run(100);
    commitData(10);
    world.run(5100);
    commitData(1);
    broker.holdsAcks = false;
    broker.answer();
    world.run(1000);
    assertEquals(10, seqs(broker.on("batch")).size());
    assertEquals(17, broker.on("data/pv1").size());
    assertAllAcked(27);
  }

  @Test
  void intervalsAndEventsGoToTheirTopicsInOrderLateOrNot() {
    for (int i = 0; i < 30; i++) {
      commitData(3);
      world.outbox.interval(i % 2 == 0 ? "15m" : "1h");
      world.outbox.event("agent.start");
    }
    connect();
    world.outbox.interval("15m");
    world.run(2000);
    for (String topic : List.of("interval/15m", "interval/1h", "event")) {
      List<Long> order = seqs(broker.on(topic));
      assertEquals(topic.endsWith("15m") ? 16 : topic.endsWith("1h") ? 15 : 30, order.size());
      assertEquals(order.stream().sorted().toList(), order);
    }
    assertAllAcked(world.outbox.ackedCount());
    assertEquals(151, world.outbox.ackedCount());
  }

  @Test
  void earlierEpochsAreDeliveredToTheirEndUnderTheirOwnName() {
    commitData(5);
    world.outbox.event("agent.start");
    world.outbox.begin("e2");
    commitData(4);
    world.outbox.event("agent.start");
    connect();
    world.run(1000);
    List<String> batches = broker.on("batch").stream().map(one -> one.message().text()).toList();
    assertEquals(2, batches.size());
    assertTrue(batches.get(0).startsWith("{\"epoch\":\"e1\",\"first\":1,\"last\":5,"));
    assertTrue(batches.get(1).startsWith("{\"epoch\":\"e2\",\"first\":1,\"last\":4,"));
    assertEquals(2, broker.on("event").size());
    assertAllAcked(11);
  }

  @Test
  void anEpochThatBeginsWhileConnectedGoesOnLive() {
    connect();
    commitData(5);
    world.run(500);
    world.outbox.begin("e2");
    commitData(5);
    world.run(500);
    assertEquals(10, broker.on("data/pv1").size());
    assertAllAcked(10);
    assertTrue(broker.on("store").getLast().message().text().startsWith("{\"epoch\":\"e2\""));
  }

  @Test
  void aRecordThatTheBrokerCannotTakeIsSetAsideAndBlocksNothing() {
    broker.maximumPacket = 1000;
    world.outbox.data("pv1", 1, "x".repeat(2000));
    commitData(3);
    connect();
    world.outbox.data("pv1", 1, "x".repeat(2000));
    commitData(3);
    world.run(1000);
    assertEquals(
        List.of("1 too_large", "5 too_large"), world.outbox.setAside.stream().sorted().toList());
    assertEquals(8, world.outbox.ackedCount());
    assertTrue(broker.got.stream().allMatch(one -> one.message().packetBytes() <= 1000));
  }

  @Test
  void aBrokerThatNamesNoMaximumButHasOneIsNotSentTheSameAgain() {
    connect();
    broker.holdsAcks = true;
    world.outbox.data("pv1", 1, "x".repeat(20_000));
    world.run(100);
    broker.drop(Failure.Kind.PACKET_TOO_LARGE, 149);
    broker.holdsAcks = false;
    commitData(2);
    world.run(3000);
    assertEquals(List.of("1 too_large"), world.outbox.setAside);
    assertTrue(world.outbox.isAcked("e1", 2));
  }

  @Test
  void whatOneServerFindsTooLargeAnotherIsSent() {
    world.with(World.mqtt(List.of("mqtt://one:1883", "mqtt://two:1883")));
    connect();
    broker.holdsAcks = true;
    world.outbox.data("pv1", 1, "x".repeat(20_000));
    world.run(100);
    broker.drop(Failure.Kind.PACKET_TOO_LARGE, 149);
    broker.holdsAcks = false;
    world.run(3000);
    assertEquals("mqtt://two:1883", broker.tried.getLast());
    assertEquals(List.of(), world.outbox.setAside);
    assertTrue(world.outbox.isAcked("e1", 1));
  }

  @Test
  void aServerWhosePacketsTakeNoRecordIsNotUsed() {
    broker.maximumPacket = 20;
    commitData(3);
    world.run(30_000);
    assertEquals(List.of(), world.outbox.setAside);
    assertFalse(world.step.snapshot().connected());
    broker.maximumPacket = 65_536;
    world.run(600_000);
    assertEquals(List.of(), world.outbox.setAside);
    assertAllAcked(3);
  }

  @Test
  void aServerThatFindsEverythingTooLargeCostsNoRecord() {
    connect();
    for (int i = 0; i < 10; i++) {
      broker.holdsAcks = true;
      commitData(1);
      world.run(10_000);
      broker.drop(Failure.Kind.PACKET_TOO_LARGE, 149);
    }
    broker.holdsAcks = false;
    world.run(60_000);
    assertEquals(List.of(), world.outbox.setAside);
    assertAllAcked(10);
  }

  @Test
  void aStoreTooLargeForTheBrokerShrinksAndSaysSo() {
    broker.maximumPacket = 300;
    for (int i = 0; i < 10; i++) {
      commitData(1);
      world.outbox.begin("epoch-" + i);
    }
    connect();
    world.run(1000);
    String store = broker.on("store").getFirst().message().text();
    assertTrue(store.contains("\"truncated\":true"), store);
    assertFalse(store.contains("\"previous\""), store);
    assertTrue(world.eventNames().contains("uplink.truncated"));
  }

  @Test
  void anUndatedRecordGoesToItsOwnTopic() {
    connect();
    world.outbox.data("pv1", JournalRecord.UNDATED);
    world.run(500);
    assertEquals(1, broker.on("undated").size());
    assertTrue(broker.on("undated").getFirst().message().text().contains("\"boot\":\"boot-1\""));
    broker.drop();
    world.outbox.data("pv1", JournalRecord.UNDATED);
    world.run(3000);
    assertEquals(2, broker.on("undated").size());
    assertEquals(0, broker.on("batch").size());
    assertAllAcked(2);
  }

  @Test
  void recordsWithoutADateAreAskedForOnlyAfterTheBrokerHasBeenThereForLong() {
    world.time.trust(false);
    connect();
    world.outbox.held = 3;
    world.outbox.onCommit.run();
    world.run(5 * 60_000);
    broker.drop();
    world.run(9 * 60_000);
    assertEquals(0, world.holdsEnded, "the broker was away in between");
    world.run(2 * 60_000);
    assertTrue(world.holdsEnded > 0);
    world.outbox.held = 0;
    world.outbox.onCommit.run();
    world.run(1000);
    world.holdsEnded = 0;
    world.run(20 * 60_000);
    assertEquals(0, world.holdsEnded, "nothing is held any more");
  }

  @Test
  void whatIsHeldUnderATrustedClockIsNobodysToAskFor() {
    connect();
    world.outbox.held = 3;
    world.outbox.onCommit.run();
    world.run(30 * 60_000);
    assertEquals(0, world.holdsEnded);
  }

  @Test
  void onAMeteredLinkDataTravelsInBatchesOnly() {
    world.with(
        Parts.mqtt(
            world.mqtt.servers(),
            null,
            null,
            null,
            null,
            null,
            Duration.ofSeconds(60),
            60_000,
            false,
            false,
            List.of()));
    connect();
    for (int i = 0; i < 240; i++) {
      commitData(1);
      world.run(1000);
    }
    world.run(61_000);
    assertEquals(0, broker.on("data/pv1").size());
    int batches = broker.on("batch").size();
    assertTrue(batches >= 4 && batches <= 6, "batches: " + batches);
    assertAllAcked(240);
  }

  @Test
  void lastValuesAreRetainedPerDeviceWhereSwitchedOn() {
    world.with(
        Parts.mqtt(
            world.mqtt.servers(),
            null,
            null,
            null,
            null,
            null,
            Duration.ZERO,
            60_000,
            false,
            true,
            List.of()));
    connect();
    for (int i = 0; i < 20; i++) {
      commitData(1);
      world.run(100);
    }
    world.run(2000);
    List<Got> states = broker.on("state/pv1");
    assertTrue(states.size() >= 2 && states.size() <= 4, "messages: " + states.size());
    assertEquals(0, states.getLast().message().qos());
    assertTrue(states.getLast().message().text().contains("\"values\":{\"power\":20}"));
  }

  @Test
  void theStoreIsRepublishedEachMinuteAndSoonAfterADrain() {
    commitData(50);
    connect();
    world.run(3000);
    String store = broker.on("store").getLast().message().text();
    assertTrue(store.contains("\"acked\":50"), store);
    int before = broker.on("store").size();
    world.run(300_000);
    assertEquals(5, broker.on("store").size() - before);
  }

  @Test
  void anotherClientWithOurIdIsAnAlarmAndTheTwoTakeTurnsOfMinutes() {
    connect();
    int tried = broker.tried.size();
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      // The other one, an impatient client, is back five seconds after each of our connections.
      world.run(5000);
      broker.drop(Failure.Kind.TAKEN_OVER, 142);
      long before = world.time.now().nanos();
      commitData(1);
      while (!broker.up) {
        world.run(100);
      }
      pauses.add((world.time.now().nanos() - before) / 1_000_000_000);
    }
    assertEquals(40, broker.tried.size() - tried);
    assertTrue(pauses.getFirst() >= 5 && pauses.getFirst() <= 11, pauses.toString());
    assertTrue(
        pauses.stream().skip(6).allMatch(pause -> pause >= 150 && pause <= 301), pauses.toString());
    assertEquals(40, world.step.snapshot().mishaps().takenOver());
    List<Event> told =
        world.events.stream().filter(event -> event.name().equals("uplink.rival")).toList();
    assertEquals(2L, told.getFirst().detail().get("times"));
    assertEquals(Event.Severity.ALARM, told.getFirst().severity());
    long hours = world.time.now().millis() / 3_600_000;
    assertTrue(told.size() >= 2 && told.size() <= hours + 1, told.size() + " in h: " + hours);
    world.run(5000);
    assertAllAcked(40);
  }

  @Test
  void oneTakeoverIsNoAlarmAndAfterAnHourThePatienceIsAsAtFirst() {
    for (int i = 0; i < 4; i++) {
      connect();
      broker.drop(Failure.Kind.TAKEN_OVER, 142);
      world.run(12_000);
      assertTrue(broker.up, "round " + i);
      world.run(Rivals.OVER.toMillis());
    }
    assertFalse(world.eventNames().contains("uplink.rival"));
  }

  @Test
  void theEndOfOurCertificateIsWarnedOfThreeTimesEachOnce() {
    long day = Duration.ofDays(1).toMillis();
    broker.certificateEnds = world.time.wall().millisAt(world.time.now()) + 40 * day + 60_000;
    connect();
    assertEquals(40, world.step.snapshot().link().certificateDays());
    List<Long> days = new ArrayList<>();
    for (int i = 0; i < 42; i++) {
      world.time.advanceMillis(day);
      world.run(1000);
      world.events.stream()
          .filter(event -> event.name().equals("uplink.certificate"))
          .forEach(event -> days.add((Long) event.detail().get("days")));
      world.events.clear();
      if (i == 35) {
        world.outbox.datedUntil = world.time.wall().millisAt(world.time.now());
        world.step = world.make(); // a restart tells nothing again
        connect();
      }
    }
    assertEquals(List.of(29L, 6L, 0L), days);
    assertEquals(-2, world.step.snapshot().link().certificateDays());
    // Another one in its place is looked at anew.
    broker.certificateEnds = world.time.wall().millisAt(world.time.now()) + 5 * day;
    world.run(1000);
    assertEquals(List.of("uplink.certificate"), world.eventNames());
  }

  @Test
  void renewedFilesAreTakenUpByAConnectionAnewAndUnusableOnesAreToldOnce() {
    connect();
    int tried = broker.tried.size();
    broker.files = new Broker.Files(false, "gw.key: is not the key of gw.pem");
    world.run(60_000);
    assertEquals(List.of("uplink.renewal_unusable"), world.eventNames());
    assertEquals(tried, broker.tried.size());
    broker.holdsAcks = true;
    commitData(3);
    world.run(100);
    broker.files = new Broker.Files(true, null);
    world.run(1000);
    broker.holdsAcks = false;
    broker.answer();
    world.run(2000);
    assertEquals(tried + 1, broker.tried.size());
    assertTrue(world.step.snapshot().connected());
    assertEquals(List.of("uplink.renewal_unusable", "uplink.renewed"), world.eventNames());
    assertAllAcked(3);
  }

  @Test
  void anOutageIsToldOnceHoweverManyTriesItTakes() {
    broker.isDown = true;
    world.run(600_000);
    assertTrue(broker.tried.size() > 8);
    assertEquals(List.of("uplink.down"), world.eventNames());
    assertNotNull(world.step.snapshot().link().problem());
    broker.isDown = false;
    world.run(301_000);
    assertEquals(List.of("uplink.down", "uplink.up"), world.eventNames());
  }

  @Test
  void serversAreTriedInOrder() {
    world.with(World.mqtt(List.of("mqtt://one:1883", "mqtt://two:1883")));
    broker.isDown = true;
    world.run(10);
    assertEquals(List.of("mqtt://one:1883", "mqtt://two:1883"), broker.tried.subList(0, 2));
  }

  private void retainedStore(String text) {
    broker.retained.put("lingtan/v1/gw/store", text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theStoreSaysWhileNothingIsRecordedAndSoonThatAllGoesOnAgain() {
    connect();
    world.outbox.blockedSince = 5000;
    world.run(61_000);
    assertTrue(store().contains(",\"blocked_since\":5000,"), this::store);
    world.outbox.blockedSince = StoreSnapshot.NOT_BLOCKED;
    commitData(1);
    world.run(2_000);
    assertFalse(store().contains("blocked_since"), this::store);
  }

  private String store() {
    return new String(broker.retained.get("lingtan/v1/gw/store"), StandardCharsets.UTF_8);
  }

  private Event replaced() {
    return world.events.stream()
        .filter(event -> event.name().equals("journal.replaced"))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aRetainedStoreOfAJournalThatIsGoneTellsSinceWhenNothingOfItIsKnown() {
    retainedStore(
        "{\"epoch\":\"0000beef\",\"ts\":5000,\"last\":900,\"acked\":890,"
            + "\"oldest_unacked_ts\":4000,\"previous\":[]}");
    commitData(3);
    world.with(world.mqtt);
    world.run(2000);
    assertEquals(Map.of("epoch", "0000beef", "last", 900L, "since", 4000L), replaced().detail());
    assertEquals(
        1, world.eventNames().stream().filter(name -> name.equals("journal.replaced")).count());
    assertTrue(
        store().contains("\"epoch\":\"e1\",\"run\":\"0a0a0a0a-0b0b0b0b-1\",\"ts\":"), this::store);
  }

  @Test
  void whereAllWasDeliveredWhatIsGoneBeginsWhenTheStoreWasWritten() {
    retainedStore(
        "{\"epoch\":\"0000beef\",\"ts\":5000,\"last\":9,\"acked\":9,"
            + "\"oldest_unacked_ts\":null,\"previous\":[]}");
    world.with(world.mqtt);
    world.run(2000);
    assertEquals(5000L, replaced().detail().get("since"));
  }

  @Test
  void aJournalThatHadEpochsBeforeMayHaveForgottenOne() {
    retainedStore("{\"epoch\":\"0000beef\",\"ts\":5000,\"last\":9,\"acked\":9}");
    world.outbox.begin("e2");
    world.with(world.mqtt);
    world.run(2000);
    assertFalse(world.eventNames().contains("journal.replaced"));
  }

  @Test
  void anImageFromBeforeAnEpochHasNotForgottenWhatNobodyTook() {
    retainedStore("{\"epoch\":\"0000beef\",\"ts\":5000,\"last\":9,\"acked\":0}");
    world.outbox.begin("e2");
    world.with(world.mqtt);
    world.run(2000);
    assertEquals(9L, replaced().detail().get("last"));
  }

  @Test
  void ourOwnRetainedStoreAheadOfUsEndsTheEpochBeforeAnyRecordIsSent() {
    broker.retained.put(
        "lingtan/v1/gw/store",
        "{\"epoch\":\"e1\",\"last\":900,\"acked\":900,\"previous\":[]}"
            .getBytes(StandardCharsets.UTF_8));
    commitData(3);
    world.outbox.common = 3;
    world.with(world.mqtt);
    commitData(2); // under numbers that the broker has seen with other content
    world.run(2000);
    assertTrue(world.eventNames().contains("journal.store_ahead"));
    assertEquals("next-of-e1", world.outbox.epoch);
    assertEquals(List.of("4 number_reused", "5 number_reused"), world.outbox.setAside);
    commitData(2);
    world.run(1000);
    assertTrue(world.outbox.isAcked("next-of-e1", 2));
    assertEquals(List.of(1L, 2L, 3L), seqs(broker.on("batch")));
  }

  @Test
  void aRetainedStoreOfAnEarlierEpochThatKnowsMoreOfOursEndsItToo() {
    broker.retained.put(
        "lingtan/v1/gw/store",
        "{\"epoch\":\"e9\",\"last\":5,\"previous\":[{\"epoch\":\"e1\",\"last\":40,\"acked\":40}]}"
            .getBytes(StandardCharsets.UTF_8));
    world.outbox.common = 0;
    world.run(2000);
    assertEquals("next-of-e1", world.outbox.epoch);
  }

  @Test
  void garbageInOurRetainedStoreSaysNothing() {
    broker.retained.put(
        "lingtan/v1/gw/store", "{\"epoch\":\"e1\",\"la".getBytes(StandardCharsets.UTF_8));
    connect();
    assertEquals("e1", world.outbox.epoch);
  }

  @Test
  void theMetaOfADeviceThatIsGoneIsCleared() {
    broker.retained.put("lingtan/v1/gw/meta/old", "{}".getBytes(StandardCharsets.UTF_8));
    connect();
    assertEquals(0, broker.retained.get("lingtan/v1/gw/meta/old").length);
  }

  @Test
  void aFullLedgerQueueLosesNoEventThatIsFew() {
    for (int i = 0; i < 1000; i++) {
      world.ledger.offer(
          new io.lingtan.agent.reading.Arrival.Noticed(
              io.lingtan.agent.reading.Event.of(
                  "agent.start", io.lingtan.agent.reading.Event.Severity.INFO),
              "b",
              1));
    }
    broker.isDown = true;
    world.run(2000);
    assertTrue(world.eventNames().contains("uplink.down"));
    assertEquals(0, world.step.snapshot().mishaps().eventsLost());
  }

  @Test
  void aBacklogDoesNotDelayWhatIsNew() {
    commitData(6_000);
    connect();
    broker.holdsAcks = true;
    // Each PUBACK takes 20 ms: live records still leave within a turn of the window.
    for (int i = 0; i < 100; i++) {
      long seq = world.outbox.data("pv1", 1000);
      world.run(20);
      broker.answer();
      world.run(1);
      assertTrue(world.outbox.isAcked("e1", seq), "live record " + seq);
    }
    assertTrue(world.outbox.ackedCount() > 5_000, "acked: " + world.outbox.ackedCount());
  }
}
