package io.lingtan.agent.publish.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.MemoryBroker;
import io.lingtan.agent.publish.MemoryBroker.Got;
import io.lingtan.agent.publish.World;
import io.lingtan.agent.publish.lane.Window;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.run.Randomness;
import io.lingtan.testing.MessageSchemas;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records once more, to whoever asks, and to nobody's cost. */
final class ReplaysTest {

  private static final String MINE = "lingtan/v1/gw/reply/replay/mine";
  private static final String OTHER = "lingtan/v1/gw/reply/replay/other";
  private static final Pattern RECORD =
      Pattern.compile("\\{\"epoch\":\"(\\w+)\",\"seq\":(\\d+),\"after.*?\\}(\\}|(?=[,\\]])|$)");

  private final World world = new World();
  private final MemoryBroker broker = world.broker;

  private void ask(String payload, @Nullable String responseTopic, @Nullable String correlation) {
    broker
        .arrivals()
        .offer(
            new Signal.Arrived(
                broker.connection,
                "lingtan/v1/gw/cmd/replay",
                payload.getBytes(StandardCharsets.UTF_8),
                false,
                responseTopic,
                correlation == null ? null : correlation.getBytes(StandardCharsets.UTF_8)));
  }

  private static String wants(String epoch, long from, @Nullable Long to) {
    return "{\"epoch\":\"" + epoch + "\",\"from\":" + from + ",\"to\":" + to + "}";
  }

  private List<Got> to(String topic) {
    return broker.got.stream().filter(one -> one.topic().equals(topic)).toList();
  }

  private static boolean isBatch(Got got) {
    return got.message().text().contains("\"replay\":") && got.message().text().contains("records");
  }

  private List<Got> batches() {
    return broker.got.stream().filter(ReplaysTest::isBatch).toList();
  }

  /** Text by seq; the same record twice must be the same bytes. */
  private static Map<Long, String> records(List<Got> messages) {
    Map<Long, String> found = new TreeMap<>();
    for (Got got : messages) {
      Matcher record = RECORD.matcher(got.message().text());
      while (record.find()) {
        String before = found.put(Long.parseLong(record.group(2)), record.group());
        assertTrue(before == null || before.equals(record.group()), record.group());
      }
    }
    return found;
  }

  /** Some of all kinds, delivered. */
  private void deliver(int count) {
    world.run(1000);
    for (int i = 0; i < count; i++) {
      switch (i % 10) {
        case 3 -> world.outbox.interval("15m");
        case 7 -> world.outbox.event("meter.reset");
        default -> world.outbox.data("pv" + i % 2, 1000 + i);
      }
      if (i % 16 == 0) {
        world.run(100);
      }
    }
    world.run(1000);
    assertEquals(world.outbox.last(world.outbox.epoch), world.outbox.ackedCount());
  }

  /** As it is given as an example, with the epoch of these tests. */
  private static String golden(String name) {
    try (var in =
        ReplaysTest.class.getResourceAsStream("/io/lingtan/agent/publish/" + name + ".json")) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8)
          .strip()
          .replace("5f1c09ab", "e1");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With an epoch and intervals as a real journal has them. */
  private static void assertFits(String schema, String payload) {
    String real =
        payload
            .replace("\"epoch\":\"e1\"", "\"epoch\":\"00000001\"")
            .replaceAll(
                "(\"after\":\\d+)\\}",
                "$1,\"ts\":5,\"interval\":\"15m\",\"start\":1,\"end\":2,\"rev\":0,"
                    + "\"metrics\":{},\"registers\":{},\"factors\":{}}");
    try {
      MessageSchemas schemas = MessageSchemas.of(Path.of("..", "config", "schema"));
      assertEquals(List.of(), schemas.problems(schema, real), payload);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theAnswerComesFirstThenBatchesToTheRequesterOnlyAndTheLastSaysSo() {
    deliver(1000);
    Map<Long, String> first = records(broker.got);
    int before = broker.got.size();
    ask(wants("e1", 101, 900L), MINE, "c-1");
    world.run(5000);
    List<Got> got = broker.got.subList(before, broker.got.size());
    assertEquals(
        "{\"ok\":true,\"queued\":800,\"gone\":[],\"epoch\":\"e1\",\"replay\":\"c-1\"}",
        got.getFirst().message().text());
    assertTrue(got.size() > 3, "several batches");
    for (Got one : got) {
      assertEquals(MINE, one.topic());
      assertFalse(one.message().retained());
      assertArrayEquals(
          "c-1".getBytes(StandardCharsets.UTF_8), one.message().correlation(), one.topic());
    }
    List<Got> batches = batches();
    for (Got batch : batches) {
      assertFits("batch", batch.message().text());
      assertTrue(batch.message().text().contains("],\"replay\":\"c-1\""));
      assertEquals(
          batch.equals(batches.getLast()), batch.message().text().contains("\"done\":true"));
      assertTrue(batch.message().payload().length <= 60_000);
    }
    assertTrue(batches.getLast().message().text().endsWith(",\"done\":true,\"sent\":800}"));
    Map<Long, String> again = records(batches);
    assertEquals(800, again.size());
    again.forEach((seq, text) -> assertEquals(first.get(seq), text));
    assertEquals(1, world.step.snapshot().replays().taken());
    assertEquals(800, world.step.snapshot().replays().records());
    assertEquals(0, world.step.snapshot().replays().waiting());
  }

  @Test
  void withoutAResponseTopicBatchesGoWhereEverybodyReadsThem() {
    deliver(50);
    ask(wants("e1", 1, null), null, null);
    world.run(1000);
    String answer = broker.on("reply/replay").getLast().message().text();
    Matcher name = Pattern.compile("\"replay\":\"([0-9a-f]{8})\"").matcher(answer);
    assertTrue(name.find(), answer);
    List<Got> batches = broker.on("batch");
    assertEquals(batches, batches());
    assertEquals(50, records(batches).size());
    assertTrue(
        batches
            .getLast()
            .message()
            .text()
            .contains("],\"replay\":\"" + name.group(1) + "\",\"done\":true"));
  }

  @Test
  void itAcknowledgesNothing() {
    world.run(1000);
    broker.reason = message -> message.topic().contains("/data/") ? 135 : 0;
    world.outbox.data("pv1", 1000);
    broker.reason =
        message ->
            message.topic().contains("/data/") || message.topic().endsWith("batch") ? 135 : 0;
    world.run(3000);
    assertFalse(world.outbox.isAcked("e1", 1));
    ask(wants("e1", 1, null), MINE, "c");
    world.run(1000);
    assertEquals(1, records(to(MINE)).size());
    assertFalse(world.outbox.isAcked("e1", 1));
    broker.reason = message -> 0;
    world.run(120_000);
    assertTrue(world.outbox.isAcked("e1", 1));
    assertEquals(List.of(), world.outbox.doubleAcks);
  }

  @Test
  void anEpochThatHasEndedIsSentUnderItsOwnName() {
    deliver(30);
    Map<Long, String> first = records(broker.got);
    world.outbox.begin("e2");
    world.outbox.data("pv1", 5);
    world.run(1000);
    ask(wants("e1", 1, null), MINE, "c");
    world.run(1000);
    assertEquals(first, records(batches()));
    assertTrue(batches().getLast().message().text().startsWith("{\"epoch\":\"e1\",\"first\":1,"));
  }

  @Test
  void whatIsGoneIsListedAndTheRestComes() {
    deliver(200);
    world.outbox.forget("e1", 1, 20);
    world.outbox.forget("e1", 150, 150);
    ask(wants("e1", 1, 200L), MINE, "audit-1");
    world.run(1000);
    assertEquals(golden("reply-replay"), to(MINE).getFirst().message().text());
    assertEquals(179, records(batches()).size());
    assertFalse(batches().getLast().message().text().contains("gone"));
  }

  @Test
  void whereAllIsGoneTheEndStillComes() {
    deliver(20);
    world.outbox.forget("e1", 5, 10);
    ask(wants("e1", 5, 10L), MINE, "audit-1");
    world.run(1000);
    assertEquals(golden("batch-replay-end"), to(MINE).getLast().message().text());
    assertFits("batch", to(MINE).getLast().message().text());
  }

  @Test
  void whatGoesBetweenTheAnswerAndItsTurnIsToldAtTheEnd() {
    deliver(2000);
    broker.holdsAcks = true;
    ask(wants("e1", 1, null), MINE, "c");
    world.run(100);
    broker.answer();
    world.run(100);
    world.outbox.forget("e1", 1500, 1600);
    world.outbox.forget("e1", 2000, 2000);
    broker.holdsAcks = false;
    broker.answer();
    world.run(5000);
    String end = to(MINE).getLast().message().text();
    assertTrue(end.contains("\"sent\":1898,\"gone\":[[1500,1600],[2000,2000]]"), end);
    assertEquals(1898, records(batches()).size());
    assertFits("batch", end);
  }

  @Test
  void moreGapsThanAnAnswerCanListAreSaidToBeMore() {
    deliver(3000);
    for (long seq = 2; seq <= 3000; seq += 2) {
      world.outbox.forget("e1", seq, seq);
    }
    broker.maximumPacket = 9000;
    broker.drop();
    world.run(5000);
    ask(wants("e1", 1, null), MINE, "c");
    world.run(5000);
    String answer = to(MINE).getFirst().message().text();
    assertTrue(answer.contains("\"queued\":1500"), answer);
    assertTrue(answer.contains(",[4,4],") && answer.contains("\"truncated\":true"), answer);
    assertTrue(answer.length() < 9000);
    assertFits("reply", answer);
    assertEquals(1500, records(batches()).size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"epoch\":\"e1\"}|replay wants",
        "{\"from\":1,\"to\":2}|replay wants",
        "{\"epoch\":\"e1\",\"from\":0,\"to\":2}|numbers begin with 1",
        "{\"epoch\":\"e1\",\"from\":-1,\"to\":2}|numbers begin with 1",
        "{\"epoch\":\"e1\",\"from\":9,\"to\":2}|lies before from",
        "{\"epoch\":\"e1\",\"from\":\"1\",\"to\":2}|replay wants",
        "{\"epoch\":\"e1\",\"from\":1.5,\"to\":2}|replay wants",
        "{\"epoch\":\"e1\",\"from\":1,\"to\":99999999999999999999999}|replay wants",
        "{\"epoch\":\"e1\",\"from\":1,\"to\":[2]}|replay wants",
        "{\"epoch\":7,\"from\":1,\"to\":2}|replay wants",
        "{\"epoch\":\"\",\"from\":1,\"to\":2}|replay wants",
        "{\"epoch\":\"e1\",\"from\":1,\"to\":2,\"gateway\":\"gw\"}|replay wants",
        "{\"epoch\":\"e1\",\"from\":1,\"to\":2} and more|replay wants",
        "{\"epoch\":\"e1\",\"from\":1,\"to\":2|replay wants",
        "[]|replay wants",
        "nothing|replay wants",
        "{\"epoch\":\"nobody\",\"from\":1,\"to\":2}|there is no epoch nobody",
        "{\"epoch\":\"e1\",\"from\":1,\"to\":21}|epoch e1 ends at 20, and not at 21",
        "{\"epoch\":\"e1\",\"from\":21,\"to\":null}|epoch e1 ends at 20, and not at 21",
      })
  void whatCannotBeSentIsRefusedInWordsAndIsAnEvent(String payload, String words) {
    deliver(20);
    int before = broker.got.size();
    ask(payload, MINE, "c");
    world.run(1000);
    String answer = to(MINE).getLast().message().text();
    assertTrue(answer.startsWith("{\"ok\":false,\"error\":\"") && answer.contains(words), answer);
    assertEquals(before + 1, broker.got.size());
    assertTrue(world.eventNames().contains("command.refused"));
    assertEquals(0, world.step.snapshot().replays().taken());
  }

  @Test
  void aPayloadOrCorrelationThatIsTooLargeIsRefused() {
    deliver(20);
    ask(wants("e1", 1, 2L) + " ".repeat(70_000), MINE, "c");
    world.run(1000);
    assertTrue(to(MINE).getLast().message().text().contains("at most 65536 bytes"));
    ask(wants("e1", 1, 2L), MINE, "c".repeat(257));
    world.run(1000);
    assertTrue(to(MINE).getLast().message().text().contains("correlation data"));
    ask(wants("e1", 1, 2L), "lingtan/v1/gw/data/pv1", "c");
    world.run(1000);
    assertTrue(
        broker.on("reply/replay").getLast().message().text().contains("answers do not go to"));
    assertEquals(0, batches().size());
  }

  @Test
  void aRangeThatIsTooLongIsRefusedWithWhatToAskForInstead() {
    world.run(1000);
    world.outbox.jumpTo("e1", 3_000_000);
    ask(wants("e1", 1001, 1_001_001L), MINE, "c");
    world.run(1000);
    String answer = to(MINE).getLast().message().text();
    assertTrue(
        answer.contains("at most 1000000 numbers at once: ask for 1001 to 1001000 first"), answer);
    ask(wants("e1", 1, null), MINE, "c");
    world.run(1000);
    assertTrue(to(MINE).getLast().message().text().contains("ask for 1 to 1000000 first"));
  }

  @Test
  void fourMayWaitAndTheFifthIsToldToComeLater() {
    deliver(400);
    broker.holdsAcks = true;
    for (int i = 1; i <= 5; i++) {
      ask(wants("e1", i, 300L), MINE + i, "c" + i);
    }
    world.run(1000);
    String fifth = to(MINE + 5).getLast().message().text();
    assertTrue(fifth.contains("at most 4 replays") && fifth.endsWith("\"busy\":true}"), fifth);
    assertFits("reply", fifth);
    assertEquals(4, world.step.snapshot().replays().waiting());
    broker.holdsAcks = false;
    broker.answer();
    world.run(5000);
    for (int i = 1; i <= 4; i++) {
      assertEquals(301 - i, records(to(MINE + i)).size());
    }
    // One at a time: each ends before the next begins.
    List<String> order = batches().stream().map(Got::topic).distinct().toList();
    assertEquals(List.of(MINE + 1, MINE + 2, MINE + 3, MINE + 4), order);
    List<String> topics = batches().stream().map(Got::topic).toList();
    assertEquals(topics.stream().sorted().toList(), topics);
    ask(wants("e1", 1, 300L), MINE + 5, "c5");
    world.run(2000);
    assertEquals(300, records(to(MINE + 5)).size());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 16})
  void noReplayGoesBeforeWhatIsNew(int receiveMaximum) {
    deliver(3000);
    broker.receiveMaximum = receiveMaximum;
    broker.drop();
    world.run(5000);
    ask(wants("e1", 1, 3000L), MINE, "c");
    broker.holdsAcks = true;
    int[] between = {0};
    broker.onPublish = message -> between[0] += message.topic().equals(MINE) ? 1 : 0;
    for (int i = 0; i < 300; i++) {
      between[0] = 0;
      long seq = world.outbox.data("pv1", 9000 + i);
      while (!isSent(seq)) {
        assertEquals(0, between[0], "a replay goes before what is new");
        world.run(5);
        broker.answer();
      }
      world.run(5);
      broker.answer();
    }
    assertTrue(batches().size() > 5, "nothing was replayed meanwhile");
    broker.holdsAcks = false;
    broker.answer();
    world.run(10_000);
    assertEquals(3000, records(to(MINE)).size());
  }

  @Test
  void theLastPlaceInTheWindowIsLeftForWhatIsNew() {
    deliver(2000);
    broker.receiveMaximum = 3;
    broker.drop();
    world.run(5000);
    broker.holdsAcks = true;
    world.outbox.data("pv1", 1);
    world.outbox.data("pv1", 2);
    world.run(1);
    ask(wants("e1", 1, 2000L), MINE, "c");
    world.run(100);
    assertEquals(2, broker.unanswered.size());
    long newest = world.outbox.data("pv1", 3);
    world.run(1);
    assertTrue(isSent(newest));
  }

  private boolean isSent(long seq) {
    return broker.got.reversed().stream()
        .limit(100)
        .anyMatch(
            got ->
                got.topic().endsWith("/data/pv1")
                    && got.message().text().contains("\"seq\":" + seq + ","));
  }

  @Test
  void aBacklogGoesFirst() {
    deliver(100);
    int before = broker.got.size();
    broker.drop();
    for (int i = 0; i < 3000; i++) {
      world.outbox.data("pv1", 5000 + i);
    }
    broker.holdsAcks = true;
    while (!broker.up) {
      world.run(10);
    }
    ask(wants("e1", 1, 100L), MINE, "c");
    for (int i = 0; i < 1000 && batches().isEmpty(); i++) {
      world.run(20);
      broker.answer();
    }
    broker.holdsAcks = false;
    broker.answer();
    world.run(5000);
    List<String> order =
        broker.got.subList(before, broker.got.size()).stream()
            .filter(got -> got.topic().endsWith("/batch") || isBatch(got))
            .map(Got::topic)
            .toList();
    assertTrue(order.size() > 4, order::toString);
    assertEquals(order.stream().sorted().toList(), order); // "lingtan/..." before "mine/..."
    assertEquals(100, records(batches()).size());
  }

  @Test
  void itsRateIsBounded() {
    deliver(20);
    for (int i = 0; i < 400; i++) {
      world.outbox.data("pv1", 1000, "x".repeat(40_000));
      world.run(10);
    }
    world.run(60_000);
    long[] bytes = {0};
    broker.onPublish =
        message -> bytes[0] += message.topic().equals(MINE) ? message.payload().length : 0;
    ask(wants("e1", 1, null), MINE, "c");
    world.run(10_000);
    assertTrue(bytes[0] > 9_000_000, () -> "" + bytes[0]);
    assertTrue(bytes[0] < 10_400_000, () -> "" + bytes[0]);
    world.run(10_000);
    assertEquals(420, records(to(MINE)).size());
  }

  @Test
  void aLostConnectionEndsNothing() {
    deliver(2000);
    broker.holdsAcks = true;
    ask(wants("e1", 1, null), MINE, "c");
    world.run(100);
    for (int i = 0; i < 20; i++) {
      // What was under way at the last end travels alone now: a round trip for each topic of it.
      for (int k = 0; k < 6; k++) {
        broker.answer();
        world.run(50);
      }
      if (i % 2 == 0) {
        broker.drop();
        world.run(5000);
      }
    }
    broker.holdsAcks = false;
    broker.answer();
    world.run(10_000);
    assertEquals(2000, records(batches()).size());
    assertTrue(batches().getLast().message().text().endsWith("\"done\":true,\"sent\":2000}"));
    assertFalse(world.eventNames().contains("command.replay_ended"));
    assertTrue(broker.connection > 5);
  }

  @Test
  void threeConnectionsInARowThatEndUnderItEndIt() {
    deliver(200);
    broker.cutsOn = MINE;
    ask(wants("e1", 1, null), MINE, "c");
    ask(wants("e1", 1, null), OTHER, "d");
    world.run(600_000);
    assertEquals(3, to(MINE).size());
    assertTrue(world.eventNames().contains("command.replay_ended"));
    assertEquals(1, world.step.snapshot().replays().ended());
    assertEquals(200, records(to(OTHER)).size());
  }

  @Test
  void whereNobodyListensItEndsAfterAWhile() {
    deliver(200);
    broker.reason = message -> message.topic().equals(MINE) ? 0x10 : 0;
    ask(wants("e1", 1, null), MINE, "c");
    world.run(100_000);
    assertEquals(1, world.step.snapshot().replays().waiting());
    assertTrue(to(MINE).size() > 5, "tried again");
    world.run(60_000);
    assertEquals(0, world.step.snapshot().replays().waiting());
    assertEquals(0, batches().size());
    assertTrue(
        world.events.stream()
            .anyMatch(
                event ->
                    event.name().equals("command.replay_ended")
                        && String.valueOf(event.detail()).contains("nobody listens to " + MINE)));
    // A requester that came back in time gets everything.
    ask(wants("e1", 1, null), MINE, "c2");
    world.run(30_000);
    broker.reason = message -> 0;
    world.run(30_000);
    assertEquals(200, records(batches()).size());
  }

  @Test
  void aTopicThatIsRefusedEndsItAndHoldsUpNobody() {
    deliver(200);
    broker.reason = message -> message.topic().equals(MINE) ? 135 : 0;
    ask(wants("e1", 1, null), MINE, "c");
    world.run(1000);
    world.outbox.data("pv1", 5);
    world.run(1000);
    assertTrue(world.outbox.isAcked("e1", world.outbox.last("e1")));
    world.run(200_000);
    assertTrue(world.eventNames().contains("command.replay_ended"));
    assertEquals(0, world.step.snapshot().replays().waiting());
  }

  @Test
  void aJournalThatCannotBeReadIsTriedAgainThenToldToTheRequester() {
    deliver(300);
    world.outbox.isUnreadable = true;
    ask(wants("e1", 1, null), MINE, "c");
    world.run(20_000);
    assertEquals(0, to(MINE).size());
    world.outbox.isUnreadable = false;
    world.run(20_000);
    assertEquals(300, records(batches()).size());
    world.outbox.isUnreadable = true;
    ask(wants("e1", 1, null), MINE, "d");
    world.run(200_000);
    String answer = to(MINE).getLast().message().text();
    assertTrue(answer.startsWith("{\"ok\":false,\"error\":\"the journal cannot be read"), answer);
    assertEquals(1, world.step.snapshot().replays().ended());
  }

  @Test
  void aJournalThatFailsInTheMiddleIsToldInTheLastMessage() {
    deliver(2000);
    broker.holdsAcks = true;
    ask(wants("e1", 1, null), MINE, "c");
    world.run(100);
    broker.answer();
    world.run(100);
    broker.holdsAcks = false;
    world.outbox.isUnreadable = true;
    broker.answer();
    world.run(200_000);
    String end = to(MINE).getLast().message().text();
    assertTrue(end.contains("\"done\":true") && end.contains("\"error\":\"the journal"), end);
    assertFits("batch", end);
    assertTrue(records(batches()).size() < 2000);
  }

  @Test
  void theBrokersMaximumPacketIsKeptAndWhatIsLargerIsTold() {
    deliver(300);
    long large = world.outbox.data("pv1", 1000, "x".repeat(3000));
    world.run(1000);
    broker.maximumPacket = 2000;
    broker.drop();
    world.run(5000);
    ask(wants("e1", 1, null), MINE, "c".repeat(100));
    world.run(10_000);
    for (Got got : to(MINE)) {
      assertTrue(got.message().packetBytes() <= 2000, () -> "" + got.message().packetBytes());
    }
    assertEquals(300, records(batches()).size());
    String end = to(MINE).getLast().message().text();
    assertTrue(end.endsWith("\"sent\":300,\"too_large\":[[" + large + "," + large + "]]}"), end);
    assertFits("batch", end);
  }

  @Test
  void withoutADateItGoesToItsOwnTopicUnlessThereIsOnlyOneReader() {
    world.run(1000);
    world.outbox.data("pv1", 1000);
    world.outbox.data("pv1", JournalRecord.UNDATED);
    world.outbox.data("pv1", 2000);
    world.outbox.data("pv1", JournalRecord.UNDATED);
    world.run(1000);
    assertEquals(2, broker.on("undated").size());
    ask(wants("e1", 1, null), null, "c");
    world.run(1000);
    assertEquals(4, broker.on("undated").size());
    assertEquals(
        broker.on("undated").get(0).message().text(), broker.on("undated").get(2).message().text());
    assertEquals(List.of(1L, 3L), List.copyOf(records(broker.on("batch")).keySet()));
    assertTrue(broker.on("batch").getLast().message().text().endsWith("\"done\":true,\"sent\":4}"));
    ask(wants("e1", 1, null), MINE, "d");
    world.run(1000);
    assertEquals(4, records(to(MINE)).size());
    assertEquals(4, broker.on("undated").size());
  }

  @Test
  void bytesThatAreNoTextNameItInBase64() {
    assertEquals("gAECAw", ReplayJson.name(new byte[] {(byte) 0x80, 1, 2, 3}));
    assertEquals("AQI", ReplayJson.name(new byte[] {1, 2}));
    assertEquals("无锡-1", ReplayJson.name("无锡-1".getBytes(StandardCharsets.UTF_8)));
    assertEquals(null, ReplayJson.name(new byte[0]));
    assertEquals(null, ReplayJson.name(null));
  }

  @Test
  void anotherProcessKnowsNothingOfIt() {
    deliver(2000);
    broker.holdsAcks = true;
    ask(wants("e1", 1, null), MINE, "c");
    world.run(100);
    broker.holdsAcks = false;
    broker.drop();
    world.step.close();
    broker.signals().drain(signal -> {}, 1000);
    world.step = world.make();
    world.run(60_000);
    assertEquals(0, batches().size());
    assertEquals(0, world.step.snapshot().replays().waiting());
  }

  @Test
  void aProcessThatIsToEndWaitsForNoReplay() {
    deliver(5000);
    ask(wants("e1", 1, null), MINE, "c");
    for (int i = 0; i < 5; i++) {
      world.step.step(world.time.now());
    }
    for (int i = 0; i < 10 && !world.step.isFinished(); i++) {
      world.step.step(world.time.now());
    }
    assertTrue(world.step.isFinished());
    assertTrue(records(batches()).size() < 5000);
  }

  @Test
  void whateverHappensAllComesThatWasAnnouncedAndAsItWas() {
    for (long seed = 1; seed <= 20; seed++) {
      new Round(seed).play();
    }
  }

  /** Disconnections, held PUBACKs, refusals, records that age out, and requests on top. */
  private static final class Round {
    private final ReplaysTest test = new ReplaysTest();
    private final World world = test.world;
    private final MemoryBroker broker = test.broker;
    private final long seed;
    private final RandomGenerator random;

    Round(long seed) {
      this.seed = seed;
      this.random = Randomness.seeded(seed);
    }

    void play() {
      test.deliver(500 + random.nextInt(1500));
      Map<Long, String> first = records(broker.got);
      long last = world.outbox.last("e1");
      Map<String, long[]> asked = new LinkedHashMap<>();
      for (int i = 0; i < 60; i++) {
        switch (random.nextInt(8)) {
          case 0 -> {
            if (broker.up) {
              broker.drop();
            }
          }
          case 1 -> broker.holdsAcks = !broker.holdsAcks;
          case 2 -> broker.receiveMaximum = 1 + random.nextInt(20);
          case 3 -> {
            int refusing = random.nextInt(3);
            broker.reason =
                m ->
                    refusing == 0 && m.topic().startsWith(MINE)
                        ? random.nextBoolean() ? 151 : 0x10
                        : 0;
          }
          case 4 -> {
            long from = 1 + random.nextLong(last);
            world.outbox.forget("e1", from, Math.min(last, from + random.nextInt(30)));
          }
          default -> world.outbox.data("pv1", 5000 + i);
        }
        if (asked.size() < 4 && broker.up && random.nextInt(5) == 0) {
          long from = 1 + random.nextLong(last);
          long to = from + random.nextLong(last - from + 1);
          String topic = MINE + asked.size();
          asked.put(topic, new long[] {from, to});
          test.ask(wants("e1", from, to), topic, topic);
        }
        world.run(random.nextInt(3000));
        if (broker.holdsAcks && random.nextBoolean()) {
          broker.answer();
        }
      }
      broker.reason = message -> 0;
      broker.holdsAcks = false;
      broker.receiveMaximum = 1000;
      broker.answer();
      world.run(120_000);
      List<String> ended = new ArrayList<>();
      world.events.stream()
          .filter(event -> event.name().equals("command.replay_ended"))
          .forEach(event -> ended.add(String.valueOf(event.detail())));
      asked.forEach((topic, range) -> check(topic, range[0], range[1], first, ended));
      assertEquals(0, world.step.snapshot().replays().waiting(), "seed " + seed);
      assertTrue(!asked.isEmpty(), "seed " + seed);
      assertTrue(broker.most <= Window.MOST_MESSAGES, "seed " + seed);
    }

    private void check(
        String topic, long from, long to, Map<Long, String> first, List<String> ended) {
      List<Got> got = test.to(topic);
      if (got.isEmpty() || ended.stream().anyMatch(detail -> detail.contains(topic))) {
        return;
      }
      String end = got.getLast().message().text();
      String what = "seed " + seed + " " + topic + ": " + end;
      assertTrue(end.contains("\"done\":true"), what);
      Map<Long, String> again = records(got);
      again.forEach((seq, text) -> assertEquals(first.get(seq), text, what));
      String gone = end.contains("\"gone\"") ? end : got.getFirst().message().text();
      Matcher range = Pattern.compile("\\[(\\d+),(\\d+)\\]").matcher(gone);
      while (range.find()) {
        for (long seq = Long.parseLong(range.group(1));
            seq <= Long.parseLong(range.group(2));
            seq++) {
          again.put(seq, "gone");
        }
      }
      for (long seq = from; seq <= to; seq++) {
        assertTrue(again.containsKey(seq), what + " without " + seq);
      }
      long came = again.values().stream().filter(text -> !text.equals("gone")).count();
      assertTrue(end.contains("\"sent\":" + came), what + " but " + came);
    }
  }
}
