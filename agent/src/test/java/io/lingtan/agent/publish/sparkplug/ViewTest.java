package io.lingtan.agent.publish.sparkplug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.Bench;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.publish.ViewSnapshot;
import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.sparkplug.Edge.Got;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.eclipse.tahu.protobuf.SparkplugBProto;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The view's cursor over a real journal, and what becomes of it when things go wrong. */
@Timeout(30)
final class ViewTest {

  private static final String STATE = "spBv1.0/STATE/scada";

  @TempDir Path folder;
  private Edge edge;

  @BeforeEach
  void open() throws IOException {
    edge = new Edge(folder);
  }

  @AfterEach
  void close() {
    edge.close();
  }

  private void reopen(String more, long maxSize) throws IOException {
    edge.close();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
    edge = new Edge(folder, more, maxSize);
  }

  private ViewSnapshot shown() {
    return edge.step.snapshot();
  }

  /** Values of a device's power in the order in which they were told; births not included. */
  private List<Double> powers(boolean late) {
    Map<Long, String> names = new HashMap<>();
    List<Double> powers = new ArrayList<>();
    for (Got one : edge.got()) {
      for (SparkplugBProto.Payload.Metric metric : one.payload().getMetricsList()) {
        if (one.type().equals("DBIRTH")) {
          names.put(metric.getAlias(), metric.getName());
        } else if (one.type().equals("DDATA")
            && "power".equals(names.get(metric.getAlias()))
            && metric.getIsHistorical() == late) {
          powers.add(metric.getDoubleValue());
        }
      }
    }
    return powers;
  }

  /** Reads one each second. */
  private void readSeconds(int from, int to) {
    for (int i = from; i <= to; i++) {
      edge.read("gate", "power", i);
      edge.run(1000);
    }
  }

  private static List<Double> counted(int from, int to) {
    List<Double> numbers = new ArrayList<>();
    for (int i = from; i <= to; i++) {
      numbers.add((double) i);
    }
    return numbers;
  }

  @Test
  void aViewThatIsNewBeginsWithWhatComesFromNowOn() throws Exception {
    reopen("", 64_000_000);
    edge.read("gate", "power", 1);
    edge.read("gate", "power", 2);
    edge.run(60_000);
    // Both were there when it looked for the first time; the birth says the newest.
    assertEquals(2, edge.got("DBIRTH").getFirst().metric("power").getDoubleValue());
    assertEquals(List.of(), powers(true));
    assertEquals(List.of(), powers(false));
    readSeconds(3, 5);
    assertEquals(counted(3, 5), powers(false));
    assertEquals(0, shown().lag());
  }

  @Test
  void itAcknowledgesNothing() {
    readSeconds(1, 10);
    assertEquals(0, edge.journal.state().acked());
    assertEquals(10, edge.journal.state().waiting());
  }

  @Test
  void whatWasRecordedWhileAwayIsToldAsHistoricalBesideTheLiveValues() {
    readSeconds(1, 100);
    edge.run(120_000); // so that nothing before is unsure
    edge.broker.isDown = true;
    edge.broker.drop();
    readSeconds(101, 700);
    assertTrue(shown().lag() >= 600, shown()::toString);
    edge.forget();
    edge.broker.isDown = false;
    edge.run(300_000);
    readSeconds(701, 710);
    assertEquals(700, edge.got("DBIRTH").getFirst().metric("power").getDoubleValue());
    assertEquals(counted(101, 700), powers(true));
    assertEquals(counted(701, 710), powers(false));
    assertEquals(0, shown().lag());
    assertEquals(600, shown().late());
    assertEquals(
        List.of("uplink.view_down", "uplink.view_down", "uplink.view_up"), edge.eventNames());
    assertEquals("closed", edge.events.get(0).detail().get("reason"));
    assertEquals("unreachable", edge.events.get(1).detail().get("reason"));
  }

  @Test
  void lateValuesHaveTheTimeOfTheirRecord() {
    readSeconds(1, 1);
    edge.run(120_000);
    edge.broker.isDown = true;
    edge.broker.drop();
    long then = edge.now();
    edge.read("gate", "power", 2);
    edge.run(400_000);
    edge.forget();
    edge.broker.isDown = false;
    edge.run(400_000);
    var metric = edge.got("DDATA").getFirst().payload().getMetrics(0);
    assertEquals(then, metric.getTimestamp());
    assertTrue(metric.getIsHistorical());
    assertTrue(edge.got("DDATA").getFirst().payload().getTimestamp() > then + 300_000);
  }

  @Test
  void theLastMinuteBeforeABreakIsToldOnceMore() {
    readSeconds(1, 200);
    edge.forget();
    edge.broker.drop();
    edge.run(10_000);
    readSeconds(201, 201);
    List<Double> again = powers(true);
    assertEquals(200, again.getLast());
    assertTrue(again.size() >= 60 && again.size() <= 63, again::toString);
  }

  @Test
  void afterAStopInGoodOrderNothingIsToldTwice() {
    readSeconds(1, 50);
    edge.restart();
    edge.forget();
    edge.run(10_000);
    assertEquals(List.of(), powers(true));
    assertEquals(50, edge.got("DBIRTH").getFirst().metric("power").getDoubleValue());
    readSeconds(51, 53);
    assertEquals(counted(51, 53), powers(false));
  }

  @Test
  void afterAKillItGoesOnFromTheLastSave() {
    readSeconds(1, 150);
    edge.kill();
    edge.forget();
    edge.run(10_000);
    List<Double> again = powers(true);
    assertEquals(150, again.getLast());
    assertTrue(again.size() <= 61, again::toString);
    assertEquals(counted(151 - again.size(), 150), again);
  }

  @Test
  void whatTheJournalDroppedIsSaidAndTheViewGoesOnFromWhatIsLeft() throws Exception {
    reopen("", 8_000_000);
    readSeconds(1, 3);
    edge.run(120_000);
    edge.broker.isDown = true;
    edge.broker.drop();
    SplittableRandom random = new SplittableRandom(1);
    int last = 3;
    while (edge.journal.state().lost() == 0) {
      Batch batch = edge.journal.begin();
      for (int i = 0; i < 100; i++) {
        last++;
        byte[] noise = new byte[1000]; // which nothing can pack smaller
        random.nextBytes(noise);
        Values.Builder values =
            new Values.Builder()
                .put(Point.of("power"), last * 1_000_000L)
                .state(HexFormat.of().formatHex(noise));
        batch.data(
            Sample.of("gate", edge.time.boot(), edge.time.now().nanos(), values.build()),
            edge.now() + i);
      }
      batch.commit(edge.now(), null);
      edge.run(1000);
    }
    edge.forget();
    edge.broker.isDown = false;
    edge.run(900_000);
    Event gap =
        edge.events.stream()
            .filter(event -> event.name().equals("uplink.view_gap"))
            .findFirst()
            .orElseThrow();
    long gone = shown().gone();
    assertEquals(4L, gap.detail().get("from"));
    assertEquals(gone, gap.detail().get("count"));
    // The newest are still in memory, dropped or not.
    assertTrue(gone > 0 && gone <= edge.journal.state().lost() - 3, shown()::toString);
    List<Double> told = powers(true);
    assertEquals(counted((int) (4 + gone), last), told);
    assertEquals(0, shown().lag());
  }

  @Test
  void earlierEpochsAreToldToTheirEnd() {
    readSeconds(1, 2);
    edge.run(120_000);
    edge.broker.isDown = true;
    edge.broker.drop();
    readSeconds(3, 20);
    Bench.endEpoch(edge.journal, "test");
    readSeconds(21, 40);
    edge.forget();
    edge.broker.isDown = false;
    edge.run(400_000);
    readSeconds(41, 42);
    assertEquals(counted(3, 40), powers(true));
    assertEquals(counted(41, 42), powers(false));
    assertEquals(0, shown().lag());
  }

  @Test
  void recordsWithoutADateArePassedOver() {
    readSeconds(1, 1);
    Batch batch = edge.journal.begin();
    batch.data(
        Sample.of(
            "gate",
            edge.time.boot(),
            edge.time.now().nanos(),
            new Values.Builder().put(Point.of("power"), 5).build()),
        JournalRecord.UNDATED);
    batch.commit(edge.now(), null);
    edge.run(10_000);
    assertEquals(1, shown().lag()); // held: it may get its date
    edge.journal.releaseBoot(edge.time.boot());
    edge.run(10_000);
    assertEquals(0, shown().lag());
    assertEquals(1, shown().passed());
    assertEquals(List.of(), powers(true));
  }

  @Test
  void aHeldRecordIsToldWhenItsBootIsDated() {
    readSeconds(1, 1);
    Batch batch = edge.journal.begin();
    batch.data(
        Sample.of(
            "gate",
            edge.time.boot(),
            edge.time.now().nanos(),
            new Values.Builder().put(Point.of("power"), 5_000_000).build()),
        JournalRecord.UNDATED);
    batch.commit(edge.now(), null);
    edge.run(10_000);
    edge.journal.dateBoot(edge.time.boot(), edge.time.wall().offsetMillis());
    edge.run(10_000);
    assertEquals(List.of(5.0), powers(true));
    assertEquals(0, shown().lag());
  }

  @Test
  void aPointThatWasNotBornIsBornFirst() {
    readSeconds(1, 1);
    long alias = edge.alias("gate", "power");
    edge.forget();
    edge.read("gate", "soc", 80);
    edge.run(2000);
    Got birth = edge.got().getFirst();
    assertEquals("spBv1.0/wuxi/DBIRTH/gw/gate", birth.topic());
    assertEquals(1, edge.got().size());
    assertEquals(80, birth.metric("soc").getDoubleValue());
    assertEquals(alias, birth.metric("power").getAlias());
    edge.forget();
    edge.read("gone-device", "power", 3);
    edge.run(2000);
    assertEquals("spBv1.0/wuxi/DBIRTH/gw/gone-device", edge.got().getFirst().topic());
    assertEquals(1, edge.got().size());
  }

  @Test
  void aPointThatIsLearntFromALateRecordIsBornFirst() {
    readSeconds(1, 1);
    edge.run(120_000);
    edge.broker.holds = true; // too slow for what follows
    for (int i = 2; i <= 40; i++) {
      edge.read("gate", "power", i);
    }
    edge.run(1000);
    for (int i = 0; i < 400; i++) {
      edge.read("gate", "soc", i);
    }
    edge.run(1000);
    edge.broker.holds = false;
    edge.broker.write();
    edge.run(60_000);
    Map<Long, String> born = new HashMap<>();
    List<Double> told = new ArrayList<>();
    for (Got one : edge.got()) {
      for (SparkplugBProto.Payload.Metric metric : one.payload().getMetricsList()) {
        if (one.type().endsWith("BIRTH")) {
          born.put(metric.getAlias(), metric.getName());
        }
        assertTrue(!metric.hasAlias() || born.containsKey(metric.getAlias()), one.topic());
        if ("soc".equals(born.get(metric.getAlias())) && !metric.getIsNull()) {
          told.add(metric.getDoubleValue());
        }
      }
    }
    assertTrue(told.containsAll(counted(0, 399)), told::toString);
  }

  @Test
  void onlyWhatASunSpecDeviceHasIsBorn() {
    readSeconds(1, 1);
    edge.read("inv", "power", 5);
    edge.bad("inv", "temperature", Reason.SENTINEL);
    edge.run(2000);
    assertEquals(List.of("power"), points(edge.got("DBIRTH").getLast()));
    long alias = edge.alias("inv", "power");
    edge.forget();
    edge.read("inv", "energy_generated", 7);
    edge.run(2000);
    assertEquals(List.of("DBIRTH"), edge.got().stream().map(Got::type).toList());
    assertEquals(List.of("power", "energy_generated"), points(edge.got().getLast()));
    assertEquals(alias, edge.alias("inv", "power"));
    edge.restart();
    edge.run(2000);
    assertEquals(List.of("power", "energy_generated"), points(edge.got("DBIRTH").getLast()));
  }

  /** SparkplugTopics of what a birth tells, without what the device is. */
  private static List<String> points(Got birth) {
    return birth.payload().getMetricsList().stream()
        .map(SparkplugBProto.Payload.Metric::getName)
        .filter(name -> !name.startsWith("Properties/"))
        .toList();
  }

  @Test
  void birthsSayWhoADeviceIs() {
    readSeconds(1, 1);
    Got birth = edge.got("DBIRTH").getFirst();
    assertEquals("Eastron", birth.metric("Properties/Hardware Make").getStringValue());
    assertEquals("grid", birth.metric("Properties/Role").getStringValue());
    assertEquals("eastron-sdm630", birth.metric("Properties/Profile").getStringValue());
    assertTrue(birth.metric("Properties/Description").getStringValue().startsWith("meter, "));
    assertEquals(
        "Test", edge.got("NBIRTH").getFirst().metric("Properties/Description").getStringValue());
    assertTrue(
        birth.payload().getMetricsList().stream()
            .noneMatch(metric -> metric.getName().equals("Properties/Serial Number")));
    edge.forget();
    edge.identity.put("gate", Map.of("serial", "4711", "model", "SDM630MCT"));
    edge.run(20_000);
    assertEquals(List.of("DBIRTH"), edge.got().stream().map(Got::type).toList());
    birth = edge.got().getFirst();
    assertEquals("4711", birth.metric("Properties/Serial Number").getStringValue());
    assertEquals("SDM630MCT", birth.metric("Properties/Hardware Model").getStringValue());
  }

  @Test
  void theLastFiguresOfEachLengthAreKnownAfterAStart() {
    edge.interval("1Y", 365_000_000);
    edge.interval("15m", 1_000_000);
    long then = edge.now();
    edge.run(1000);
    Bench.endEpoch(edge.journal, "test");
    edge.interval("15m", 2_000_000);
    Batch batch = edge.journal.begin();
    for (int i = 1; i <= 2500; i++) { // more than is looked through for the newest values
      batch.data(
          Sample.of(
              "gate",
              edge.time.boot(),
              edge.time.now().nanos(),
              new Values.Builder().put(Point.of("power"), i).build()),
          edge.now() + i);
    }
    batch.commit(edge.now(), null);
    edge.run(5000);
    edge.restart();
    edge.forget();
    edge.run(5000);
    Got birth = edge.got("NBIRTH").getFirst();
    assertEquals(365, birth.metric("year/elec_grid_import").getDoubleValue());
    assertEquals(then, birth.metric("year/elec_grid_import").getTimestamp());
    assertEquals(2, birth.metric("15m/elec_grid_import").getDoubleValue());
    assertTrue(birth.metric("day/elec_grid_import").getIsNull());
  }

  @Test
  void aValueThatIsAsItWasIsNotToldAgain() {
    readSeconds(1, 1);
    for (int i = 0; i < 10; i++) {
      edge.read("gate", "power", i < 8 ? 1 : 2);
      edge.run(1000);
    }
    assertEquals(List.of(2.0), powers(false));
    edge.fail("gate", Reason.TIMEOUT);
    edge.read("gate", "power", 2);
    edge.run(1000);
    assertEquals(3, edge.got("DDATA").size()); // that it failed, and that it is back
    assertEquals(0, shown().lag());
  }

  @Test
  void whatIsLateIsToldWhole() {
    readSeconds(1, 1);
    edge.run(120_000);
    edge.broker.isDown = true;
    edge.broker.drop();
    for (int i = 0; i < 5; i++) {
      edge.read("gate", "power", 1);
      edge.run(1000);
    }
    edge.broker.isDown = false;
    edge.run(400_000);
    assertEquals(List.of(1.0, 1.0, 1.0, 1.0, 1.0), powers(true));
  }

  @Test
  void whatASlowLinkMissedIsToldForThePresentWithTheNextValue() {
    edge.read("gate", "voltage_l1", 230);
    readSeconds(1, 1);
    long voltage = edge.alias("gate", "voltage_l1");
    edge.broker.holds = true;
    for (int i = 2; i <= 40; i++) {
      edge.read("gate", "power", i);
    }
    edge.run(1000);
    edge.read("gate", "voltage_l1", 231); // learnt, and told as historical
    for (int i = 41; i <= 400; i++) {
      edge.read("gate", "power", i);
    }
    edge.run(1000);
    edge.broker.holds = false;
    edge.broker.write();
    edge.run(10_000);
    List<Boolean> told = new ArrayList<>();
    for (Got one : edge.got("DDATA")) {
      for (SparkplugBProto.Payload.Metric metric : one.payload().getMetricsList()) {
        if (metric.getAlias() == voltage && metric.getDoubleValue() == 231) {
          told.add(metric.getIsHistorical());
        }
      }
    }
    told.sort(null);
    assertEquals(List.of(false, true), told);
  }

  @Test
  void theSameFigureOfAnotherIntervalIsNews() {
    edge.run(1000);
    edge.interval("15m", 1_000_000);
    edge.run(900_000);
    edge.interval("15m", 1_000_000);
    edge.interval("15m", 1_000_000); // another revision that says the same
    edge.run(1000);
    assertEquals(2, edge.got("NDATA").size());
  }

  @Test
  void aCommandToADeviceIsRefusedAndSaid() {
    readSeconds(1, 1);
    edge.run(5000);
    edge.forget();
    edge.broker.arrive("spBv1.0/wuxi/DCMD/gw/gate", new byte[0], false);
    edge.broker.arrive("spBv1.0/wuxi/DCMD/gw/gate", new byte[0], false);
    edge.run(1000);
    assertEquals(List.of(), edge.got());
    assertEquals(2, shown().commandsRefused());
    assertEquals(List.of("command.refused"), edge.eventNames());
    assertEquals("DCMD", edge.events.getFirst().detail().get("command"));
  }

  @Test
  void aBrokerThatLetsNobodyHearOfCommandsToDevicesDoesNoHarm() throws Exception {
    reopen("", 64_000_000);
    edge.broker.refusedFilter = "DCMD";
    readSeconds(1, 1);
    assertTrue(shown().isOnline());
  }

  @Test
  void withOneServerTheNextIsNotSpokenOf() throws Exception {
    reopen(", primary_host: scada", 64_000_000);
    edge.broker.retain(Edge.ONE, STATE, "{\"online\":true,\"timestamp\":1}");
    edge.run(1000);
    edge.broker.retain(Edge.ONE, STATE, "{\"online\":false,\"timestamp\":2}");
    edge.run(100);
    String said = String.valueOf(edge.events.getLast().detail().get("detail"));
    assertTrue(said.contains("the primary host is offline; it is waited for there"), said);
  }

  @Test
  void aFailedPollMakesValuesNullAndStale() {
    readSeconds(1, 2);
    edge.forget();
    edge.fail("gate", Reason.TIMEOUT);
    edge.run(1000);
    var metric = edge.got("DDATA").getFirst().payload().getMetrics(0);
    assertTrue(metric.getIsNull());
    assertFalse(metric.hasDoubleValue());
    assertEquals(500, metric.getProperties().getValues(0).getIntValue());
    assertEquals(0, edge.got("DDEATH").size());
  }

  @Test
  void whatIsLateOfADeviceThatIsGoneIsToldBeforeItsDeath() {
    readSeconds(1, 1);
    edge.run(120_000);
    edge.broker.isDown = true;
    edge.broker.drop();
    readSeconds(2, 10);
    edge.fail("gate", Reason.OFFLINE);
    edge.run(1000);
    edge.forget();
    edge.broker.isDown = false;
    edge.run(400_000);
    List<String> types = edge.got().stream().map(Got::type).toList();
    assertEquals(List.of("NBIRTH", "DBIRTH", "DDATA", "DDEATH"), types);
    assertTrue(edge.got("DBIRTH").getFirst().metric("power").getIsNull());
    List<Double> told = powers(true);
    assertEquals(counted(2, 10), told.subList(0, 9));
  }

  @Test
  void aRevisedFigureOfAnEarlierIntervalIsHistorical() {
    edge.run(1000);
    edge.interval("15m", 1_000_000);
    edge.run(900_000);
    edge.interval("15m", 2_000_000);
    edge.run(1000);
    Batch batch = edge.journal.begin();
    var metrics = new LinkedHashMap<String, Interval.Metric>();
    metrics.put(
        "elec.grid.import",
        new Interval.Metric(1_500_000L, "kW.h", Quality.EST_LINEAR, 50, 50, null, null, null));
    batch.interval(
        new Interval(
            "15m",
            edge.now() - 2_700_000,
            edge.now() - 1_800_000,
            1,
            metrics,
            new LinkedHashMap<>(),
            new LinkedHashMap<>()));
    batch.commit(edge.now(), null);
    edge.run(1000);
    var last = edge.got("NDATA").getLast().payload().getMetrics(0);
    assertTrue(last.getIsHistorical());
    assertEquals(1.5, last.getDoubleValue());
    assertFalse(edge.got("NDATA").getFirst().payload().getMetrics(0).getIsHistorical());
    edge.ask(Edge.REBIRTH, true);
    edge.run(2000);
    assertEquals(2, edge.got("NBIRTH").getLast().metric("15m/elec_grid_import").getDoubleValue());
  }

  @Test
  void aLinkThatIsTooSlowMakesWhatItMissedLate() {
    readSeconds(1, 1);
    edge.broker.holds = true;
    edge.read("gate", "power", 2);
    edge.run(1000);
    for (int i = 3; i <= 400; i++) {
      edge.read("gate", "power", i);
    }
    edge.run(1000);
    int under = edge.got("DDATA").size();
    assertTrue(under <= Outgoing.MOST_MESSAGES, "under way " + under);
    edge.broker.holds = false;
    edge.broker.write();
    edge.run(60_000);
    List<Double> all = new ArrayList<>(powers(false));
    all.addAll(powers(true));
    all.sort(null);
    assertEquals(counted(2, 400), all);
    assertTrue(powers(true).size() > 100);
    assertEquals(0, shown().lag());
  }

  @Test
  void aConnectionThatTakesNothingIsGivenUp() {
    readSeconds(1, 1);
    edge.broker.holds = true;
    edge.read("gate", "power", 2);
    edge.run(20_000);
    assertTrue(shown().connected());
    edge.run(11_000);
    assertTrue(edge.broker.did.stream().anyMatch(did -> did.what().equals("CUT")));
    assertEquals("stuck", edge.events.getFirst().detail().get("reason"));
  }

  @Test
  void aBirthThatTheBrokerDoesNotTakeIsSaid() {
    edge.broker.maximumPacket = 300;
    edge.run(10_000);
    assertFalse(shown().isOnline());
    assertTrue(String.valueOf(shown().problem()).contains("larger than the broker takes"));
    assertEquals(List.of("uplink.view_down"), edge.eventNames());
  }

  @Test
  void lateValuesFitIntoWhatTheBrokerTakes() {
    readSeconds(1, 1);
    edge.run(120_000);
    edge.broker.isDown = true;
    edge.broker.drop();
    readSeconds(2, 300);
    edge.forget();
    edge.broker.isDown = false;
    edge.broker.maximumPacket = 2500;
    edge.run(400_000);
    assertEquals(counted(2, 300), powers(true));
    edge.broker.did.forEach(
        did -> assertTrue(did.payload().length <= 2500, did.payload().length + " bytes"));
  }

  @Test
  void aBrokerThatRefusesTheSubscriptionIsSaid() throws Exception {
    reopen("", 64_000_000);
    edge.broker.refusedFilter = "NCMD";
    edge.run(5000);
    assertFalse(shown().isOnline());
    assertTrue(String.valueOf(shown().problem()).contains("allow it in the broker's ACL"));
    assertEquals(List.of(), edge.got());
  }

  @Test
  void aServerWithoutAWordOfThePrimaryHostIsLeftForTheNext() throws Exception {
    reopen(
        ", primary_host: scada, servers: [\"mqtt://one:1883\", \"mqtt://two:1883\"]", 64_000_000);
    edge.broker.retain(Edge.TWO, STATE, "{\"online\":true,\"timestamp\":1}");
    edge.run(29_000);
    assertEquals(List.of(Edge.ONE), edge.broker.tried);
    edge.run(10_000);
    assertEquals(List.of(Edge.ONE, Edge.TWO), edge.broker.tried);
    assertTrue(shown().isOnline());
  }

  @Test
  void nonsenseOnTheCommandTopicIsRefusedAndSaidOnce() {
    readSeconds(1, 1);
    edge.run(5000);
    for (int i = 0; i < 50; i++) {
      edge.broker.arrive("spBv1.0/wuxi/NCMD/gw", new byte[] {0x12, 5}, false);
    }
    edge.broker.arrive("spBv1.0/wuxi/NCMD/gw", new byte[0], true);
    edge.run(1000);
    assertEquals(51, shown().commandsRefused());
    assertEquals(List.of("command.refused"), edge.eventNames());
    assertEquals(1, shown().births());
  }

  @Test
  void manyRequestsForABirthAreOneEachSecond() {
    readSeconds(1, 1);
    edge.run(5000);
    for (int i = 0; i < 40; i++) {
      edge.ask(Edge.REBIRTH, true);
      edge.run(100);
    }
    assertTrue(shown().births() <= 6, shown()::toString);
    assertTrue(shown().births() >= 4, shown()::toString);
  }

  @Test
  void whatIsLateIsToldAfterAStartToo() {
    readSeconds(1, 1);
    edge.run(120_000);
    edge.broker.isDown = true;
    edge.broker.drop();
    readSeconds(2, 5);
    edge.restart();
    edge.broker.isDown = false;
    edge.run(10_000);
    assertEquals(counted(2, 5), powers(true));
  }

  @Test
  void whatIsSentIsCounted() {
    readSeconds(1, 5);
    assertEquals(edge.got().size(), shown().messages());
    assertEquals(1, shown().births());
    assertEquals(1, shown().connects());
    assertTrue(shown().connected() && shown().isOnline());
    assertEquals("sparkplug", shown().kind());
  }

  @Test
  void aRenewedCertificateIsTakenUpInGoodOrder() {
    readSeconds(1, 25);
    assertEquals(2, edge.broker.looks, "each 10 s");
    edge.forget();
    edge.broker.files = new Broker.Files(true, null);
    readSeconds(26, 40);
    List<String> types = edge.got().stream().map(Got::type).toList();
    assertEquals(List.of("NDEATH", "NBIRTH", "DBIRTH"), types.subList(0, 3));
    assertEquals(List.of(Edge.ONE, Edge.ONE), edge.broker.tried);
    List<Event> told = edge.events.stream().filter(e -> e.name().equals("uplink.renewed")).toList();
    assertEquals(1, told.size());
    assertEquals("sparkplug", told.getFirst().detail().get("view"));
    assertTrue(powers(false).containsAll(counted(28, 40)));
  }
}
