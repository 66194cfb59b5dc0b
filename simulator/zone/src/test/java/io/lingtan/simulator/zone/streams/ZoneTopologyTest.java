package io.lingtan.simulator.zone.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.Tree;
import io.lingtan.simulator.zone.fold.Incoming;
import io.lingtan.simulator.zone.fold.Members;
import io.lingtan.simulator.zone.fold.PaperGateway;
import io.lingtan.simulator.zone.fold.ZoneSum;
import io.lingtan.simulator.zone.kafka.TextHeaders;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two gateways' messages through the whole flow. */
final class ZoneTopologyTest {
  private static final long KWH = 1_000_000;
  private static final Duration HORIZON = Duration.ofDays(10);
  private static final String FIRST = "15m " + PaperGateway.START;

  @TempDir private Path folder;
  private final Random random = new Random(3);
  private final PaperGateway roof = new PaperGateway("roof", "r1", random);
  private final PaperGateway depot = new PaperGateway("depot", "d1", random);
  private final List<TestRecord<String, byte[]>> closings = new ArrayList<>();
  private TopologyTestDriver driver;
  private TestInputTopic<String, byte[]> messages;

  @BeforeEach
  void begin() {
    Members members =
        new Members(Map.of("roof", List.of(roof.key.open()), "depot", List.of(depot.key.open())));
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "zone-test");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    properties.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    driver =
        new TopologyTestDriver(
            ZoneTopology.of(members, true, new Horizon(HORIZON)),
            properties,
            Instant.ofEpochMilli(PaperGateway.START));
    messages =
        driver.createInputTopic(
            ZoneTopic.MESSAGES.topic(), new StringSerializer(), new ByteArraySerializer());
  }

  @AfterEach
  void end() {
    driver.close();
  }

  private void send(Incoming message) {
    RecordHeaders headers = new RecordHeaders();
    TextHeaders.put(headers, ZoneTopic.TOPIC, message.topic());
    messages.pipeInput(
        new TestRecord<>(
            message.gateway(),
            message.payload(),
            headers,
            Instant.ofEpochMilli(message.arrivedMillis())));
  }

  private List<TestRecord<String, byte[]>> read(ZoneTopic topic) {
    var output =
        driver.createOutputTopic(
            topic.topic(), new StringDeserializer(), new ByteArrayDeserializer());
    return output.isEmpty() ? List.of() : output.readRecordsToList();
  }

  private Map<String, ZoneSum> sums() {
    Map<String, ZoneSum> newest = new TreeMap<>();
    read(ZoneTopic.SUMS).stream()
        .filter(sum -> sum.key().contains(" ") || !closings.add(sum))
        .forEach(sum -> newest.put(sum.key(), ZoneSum.read(sum.value())));
    return newest;
  }

  /** Closings since the last call. */
  private List<TestRecord<String, byte[]>> closed() {
    sums();
    List<TestRecord<String, byte[]>> closed = List.copyOf(closings);
    closings.clear();
    return closed;
  }

  private ZoneSum first() {
    return Objects.requireNonNull(sums().get(FIRST), FIRST);
  }

  private static long imported(ZoneSum sum) {
    return Objects.requireNonNull(sum.amounts().get("elec.grid.import")).longValueExact();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void aRevisionReplacesAndNeverAdds() {
    send(roof.interval(0, 0, 5 * KWH, KWH));
    send(depot.interval(0, 0, 7 * KWH, KWH));
    assertEquals(12 * KWH, imported(first()));
    Incoming second = roof.interval(0, 1, 6 * KWH, KWH);
    Incoming third = roof.interval(0, 2, 4 * KWH, KWH);
    send(third);
    send(second);
    send(third);
    ZoneSum sum = first();
    assertEquals(11 * KWH, imported(sum));
    assertEquals(2, sum.gateways());
  }

  @Test
  void whatIsMissingAtOneGatewayIsInTheSumOfTheOthers() {
    send(roof.interval(0, 0, -1, 0));
    send(depot.interval(0, 0, 7 * KWH, KWH));
    ZoneSum sum = first();
    assertEquals(2, sum.gateways());
    assertEquals(Map.of("co2.scope2.location", 1L, "elec.grid.import", 1L), sum.counts());
    assertEquals(7 * KWH, imported(sum));
  }

  @Test
  void theZoneClosesWhenEveryMemberIsCoveredAndNotBefore() {
    send(roof.interval(0, 0, KWH, KWH));
    send(roof.store(1, PaperGateway.START));
    Incoming lost = depot.data("meter", PaperGateway.START);
    send(depot.interval(0, 0, KWH, KWH));
    send(depot.store(2, PaperGateway.START));
    assertEquals(List.of(), closed());
    send(lost);
    List<TestRecord<String, byte[]>> closed = closed();
    assertEquals(1, closed.size());
    assertEquals("15m", closed.getFirst().key());
    assertEquals(
        "{\"length\":\"15m\",\"until\":%d,\"members\":2}"
            .formatted(PaperGateway.START + PaperGateway.QUARTER),
        text(closed.getFirst().value()));
  }

  @Test
  void whatClosesAnIntervalComesBehindItsSumInTheSamePartition() {
    send(roof.interval(0, 0, KWH, KWH));
    send(roof.store(1, PaperGateway.START));
    Incoming last = depot.interval(0, 0, KWH, KWH);
    send(depot.store(1, PaperGateway.START));
    send(last);
    List<TestRecord<String, byte[]>> all = read(ZoneTopic.SUMS);
    assertEquals(List.of(FIRST, FIRST, "15m"), all.stream().map(TestRecord::key).toList());
    assertEquals(2, ZoneSum.read(all.get(1).value()).gateways());
    for (int count = 1; count < 32; count++) {
      assertEquals(ZoneTopology.partition("15m", count), ZoneTopology.partition(FIRST, count));
    }
  }

  @Test
  void aRootIsMadeAtTheCloseAndAnotherOneForWhatIsRevisedAfterIt() throws Malformed {
    send(roof.interval(0, 0, 5 * KWH, KWH));
    send(depot.interval(0, 0, 7 * KWH, KWH));
    send(roof.interval(1, 0, KWH, KWH));
    send(roof.store(2, PaperGateway.START));
    driver.advanceWallClockTime(Duration.ofSeconds(6));
    assertEquals(List.of(), read(ZoneTopic.ROOTS), "not closed");
    send(depot.store(1, PaperGateway.START));
    driver.advanceWallClockTime(Duration.ofSeconds(6));
    List<TestRecord<String, byte[]>> roots = read(ZoneTopic.ROOTS);
    assertEquals(List.of(FIRST + " 0"), roots.stream().map(TestRecord::key).toList());
    assertTotal(12, roots.getFirst());
    driver.advanceWallClockTime(Duration.ofSeconds(6));
    assertEquals(List.of(), read(ZoneTopic.ROOTS), "nothing new");
    send(depot.interval(0, 1, 6 * KWH, KWH));
    send(depot.interval(0, 2, 8 * KWH, KWH));
    driver.advanceWallClockTime(Duration.ofSeconds(6));
    roots = read(ZoneTopic.ROOTS);
    assertEquals(List.of(FIRST + " 1"), roots.stream().map(TestRecord::key).toList());
    assertTotal(13, roots.getFirst());
    assertEquals(
        List.of(
            FIRST + " roof 0",
            FIRST + " depot 0",
            "15m " + (PaperGateway.START + PaperGateway.QUARTER) + " roof 0",
            FIRST + " depot 1",
            FIRST + " depot 1"),
        read(ZoneTopic.LEAVES).stream().map(TestRecord::key).toList());
  }

  private static void assertTotal(long kilowattHours, TestRecord<String, byte[]> root)
      throws Malformed {
    Tree figure = Tree.parse(root.value()).object("figures").object("elec.grid.import");
    assertEquals(String.valueOf(kilowattHours * KWH), figure.text("total"));
    assertEquals(2, figure.number("gateways"));
  }

  @Test
  void theZoneIsClosedNoFurtherThanItsLastMember() {
    send(roof.interval(0, 0, KWH, KWH));
    send(roof.interval(1, 0, KWH, KWH));
    send(roof.store(2, PaperGateway.START));
    send(depot.interval(0, 0, KWH, KWH));
    send(depot.store(1, PaperGateway.START));
    String until = "\"until\":" + (PaperGateway.START + PaperGateway.QUARTER) + ",";
    assertTrue(text(closed().getLast().value()).contains(until));
  }

  @Test
  void aGatewayIsToldOfItsHighestNumberAndNotTwice() {
    send(roof.data("pv1", PaperGateway.START));
    send(roof.data("pv1", PaperGateway.START + 1));
    roof.data("pv1", PaperGateway.START + 2);
    send(roof.data("pv1", PaperGateway.START + 3));
    driver.advanceWallClockTime(Duration.ofSeconds(2));
    List<TestRecord<String, byte[]>> acks = read(ZoneTopic.COMMANDS);
    assertEquals(1, acks.size());
    assertEquals("roof", acks.getFirst().key());
    assertEquals("{\"epoch\":\"r1\",\"upto\":2,\"ranges\":[[4,4]]}", text(acks.getFirst().value()));
    driver.advanceWallClockTime(Duration.ofSeconds(2));
    assertEquals(List.of(), read(ZoneTopic.COMMANDS));
  }

  @Test
  void anAcknowledgementThatGotLostIsToldAgainWhenTheGatewayStillWaits() {
    send(roof.data("pv1", PaperGateway.START));
    driver.advanceWallClockTime(Duration.ofSeconds(2));
    assertEquals(1, read(ZoneTopic.COMMANDS).size());
    send(roof.store(0, PaperGateway.START));
    driver.advanceWallClockTime(Duration.ofSeconds(2));
    assertEquals(1, read(ZoneTopic.COMMANDS).size());
    send(roof.store(1, PaperGateway.START + 1));
    driver.advanceWallClockTime(Duration.ofSeconds(2));
    assertEquals(List.of(), read(ZoneTopic.COMMANDS));
  }

  @Test
  void whatStaysAwayIsAskedForOnceItCannotBeOnItsWayAnyMore() {
    send(roof.data("pv1", PaperGateway.START));
    roof.data("pv1", PaperGateway.START + 1);
    Incoming lost = roof.data("pv1", PaperGateway.START + 2);
    send(roof.data("pv1", PaperGateway.START + 3));
    driver.advanceWallClockTime(Duration.ofSeconds(11));
    assertEquals(List.of(), replays());
    driver.advanceWallClockTime(Duration.ofSeconds(21));
    assertEquals(List.of("{\"epoch\":\"r1\",\"from\":2,\"to\":3}"), replays());
    send(lost);
    driver.advanceWallClockTime(Duration.ofSeconds(31));
    assertEquals(List.of("{\"epoch\":\"r1\",\"from\":2,\"to\":2}"), replays());
  }

  @Test
  void noMoreIsAskedForAtOnceThanAGatewayGives() {
    send(roof.data("pv1", PaperGateway.START));
    send(new PaperGateway(roof, 3_000_000).data("pv1", PaperGateway.START));
    driver.advanceWallClockTime(Duration.ofSeconds(11));
    driver.advanceWallClockTime(Duration.ofSeconds(21));
    assertEquals(List.of("{\"epoch\":\"r1\",\"from\":2,\"to\":1000001}"), replays());
  }

  private List<String> replays() {
    return read(ZoneTopic.COMMANDS).stream()
        .filter(one -> TextHeaders.get(one.headers(), ZoneTopic.TOPIC).equals("cmd/replay"))
        .map(one -> text(one.value()))
        .toList();
  }

  @Test
  void aDeadLetterSaysWhyAndTheRestFlows() {
    send(new Incoming("nobody", "event", new byte[] {'x'}, PaperGateway.START));
    send(roof.message("data/pv1", "{"));
    send(roof.data("pv1", PaperGateway.START));
    List<TestRecord<String, byte[]>> dead = read(ZoneTopic.DEAD);
    assertEquals(
        List.of("not_a_member", "garbage"),
        dead.stream().map(letter -> TextHeaders.get(letter.headers(), ZoneTopic.REASON)).toList());
    assertEquals("data/pv1", TextHeaders.get(dead.getLast().headers(), ZoneTopic.TOPIC));
    assertEquals(1, read(ZoneTopic.KEPT).size());
  }

  /** As a bridge would hand it on so long after the first quarter. */
  private static Incoming later(Incoming message, Duration after) {
    return new Incoming(
        message.gateway(),
        message.topic(),
        message.payload(),
        PaperGateway.START + after.toMillis());
  }

  @Test
  void whatIsBeyondTheHorizonLeavesTheStores() {
    int perDay = (int) (Duration.ofDays(1).toMillis() / PaperGateway.QUARTER);
    for (int day = 0; day <= 20; day++) {
      for (PaperGateway gateway : List.of(roof, depot)) {
        send(later(gateway.interval(day * perDay, 0, KWH, KWH), Duration.ofDays(day).plusHours(1)));
      }
    }
    List<Long> left = new ArrayList<>();
    try (var all = driver.<String, byte[]>getKeyValueStore("zone-sums").all()) {
      all.forEachRemaining(
          sum ->
              left.add((Long.parseLong(sum.key.substring(4)) - PaperGateway.START) / 86_400_000));
    }
    assertEquals(LongStream.rangeClosed(9, 20).boxed().toList(), left);
    assertEquals(2 * 12, driver.getKeyValueStore("newest").approximateNumEntries());
    Set<String> tombstones = new TreeSet<>();
    read(ZoneTopic.SUMS).stream()
        .filter(sum -> sum.value() == null)
        .forEach(sum -> tombstones.add(sum.key()));
    assertEquals(9, tombstones.size());
    assertTrue(tombstones.contains(FIRST));
  }

  @Test
  void aFigureFromBeyondTheHorizonIsKeptAndInNoSum() {
    send(later(roof.interval(0, 0, 5 * KWH, KWH), HORIZON.plusMinutes(14)));
    send(later(depot.interval(0, 0, 7 * KWH, KWH), HORIZON.plusMinutes(16)));
    assertEquals(5 * KWH, imported(first()));
    List<TestRecord<String, byte[]>> dead = read(ZoneTopic.DEAD);
    assertEquals(
        List.of("too_old"),
        dead.stream().map(letter -> TextHeaders.get(letter.headers(), ZoneTopic.REASON)).toList());
    assertEquals(2, read(ZoneTopic.KEPT).size());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void anyOrderAndDuplicationGivesTheSameSumsAndRecords(long seed) {
    Random drawn = new Random(seed);
    List<Incoming> all = new ArrayList<>();
    long total = 0;
    int records = 0;
    for (PaperGateway gateway : List.of(roof, depot)) {
      for (int quarter = 0; quarter < 6; quarter++) {
        all.add(gateway.data("meter", PaperGateway.START + quarter));
        long amount = drawn.nextInt(1_000_000_000);
        if (drawn.nextBoolean()) {
          all.add(gateway.interval(quarter, 0, amount / 3, 1));
          records++;
        }
        all.add(gateway.interval(quarter, 1, amount, 1));
        records += 2;
        total += amount;
        all.add(gateway.store(gateway.seq(), PaperGateway.START + quarter));
      }
    }
    for (int i = drawn.nextInt(all.size()); i > 0; i--) {
      all.add(all.get(drawn.nextInt(all.size())));
    }
    Collections.shuffle(all, drawn);
    all.forEach(this::send);
    Map<String, ZoneSum> sums = sums();
    assertEquals(6, sums.size());
    assertEquals(
        total, sums.values().stream().mapToLong(ZoneTopologyTest::imported).sum(), "seed " + seed);
    assertTrue(sums.values().stream().allMatch(sum -> sum.gateways() == 2));
    assertEquals(
        records,
        read(ZoneTopic.KEPT).stream()
            .filter(kept -> TextHeaders.get(kept.headers(), ZoneTopic.TOPIC).equals("record"))
            .count());
    assertTrue(
        text(closed().getLast().value())
            .contains("\"until\":" + (PaperGateway.START + 6 * PaperGateway.QUARTER)));
  }
}
