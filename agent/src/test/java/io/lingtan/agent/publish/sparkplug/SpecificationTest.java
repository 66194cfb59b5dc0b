package io.lingtan.agent.publish.sparkplug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.publish.sparkplug.Edge.Got;
import io.lingtan.agent.publish.sparkplug.FakeBroker.Did;
import io.lingtan.agent.reading.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.eclipse.tahu.protobuf.SparkplugBProto;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The rules of a session, one test for each, by the id of the requirement in the Eclipse Sparkplug
 * Specification 3.0.0 (sparkplug.eclipse.org, chapters 2 and 4 to 6; the same ids are in {@code
 * Requirements.java} of its TCK). Rules about hosts, brokers, templates and data sets are not ours.
 */
final class SpecificationTest {

  private static final String STATE = "spBv1.0/STATE/scada";
  private static final String ON_TWO = ", servers: [\"mqtt://one:1883\", \"mqtt://two:1883\"]";

  @TempDir Path folder;
  private @Nullable Edge edge;

  private Edge edge(String more) throws IOException {
    Edge made = new Edge(folder, more);
    edge = made;
    return made;
  }

  /** Online, with two devices. */
  private Edge online() throws IOException {
    Edge made = edge("");
    made.read("gate", "power", 1);
    made.read("pv1", "power", 2);
    made.run(1000);
    return made;
  }

  /** With a primary host that is online. */
  private Edge hosted(String more) throws IOException {
    Edge made = edge(", primary_host: scada" + more);
    made.broker.retain(Edge.ONE, STATE, state(true, 100));
    made.read("gate", "power", 1);
    made.run(1000);
    return made;
  }

  private static String state(boolean online, long timestamp) {
    return "{\"online\":" + online + ",\"timestamp\":" + timestamp + "}";
  }

  /** A conversation with every type of message in it. */
  private Edge talked() throws IOException {
    Edge made = online();
    for (int i = 0; i < 5; i++) {
      made.read("gate", "power", i);
      made.run(1000);
    }
    made.interval("15m", 12_534_000);
    made.fail("pv1", Reason.OFFLINE);
    made.run(1000);
    made.read("pv1", "power", 3);
    made.run(1000);
    made.close();
    Set<String> types = new HashSet<>();
    made.got().forEach(one -> types.add(one.type()));
    assertEquals(Set.of("NBIRTH", "DBIRTH", "DDATA", "NDATA", "DDEATH", "NDEATH"), types);
    return made;
  }

  @AfterEach
  void close() {
    if (edge != null && edge.broker.up) {
      edge.close();
    }
  }

  private static List<String> whats(Edge edge) {
    return edge.broker.did.stream().map(Did::what).toList();
  }

  private static SparkplugBProto.Payload will(Edge edge) {
    return Edge.parse(edge.broker.wills.getLast().payload());
  }

  private static long bdSeq(SparkplugBProto.Payload payload) {
    return payload.getMetricsList().stream()
        .filter(metric -> metric.getName().equals("bdSeq"))
        .findFirst()
        .orElseThrow()
        .getLongValue();
  }

  private static void assertMqtt(Edge edge, String type) {
    assertFalse(edge.got(type).isEmpty(), type);
    for (Got one : edge.got(type)) {
      assertEquals(0, one.qos(), one.topic());
      assertFalse(one.retained(), one.topic());
    }
  }

  private static void assertDated(Edge edge, String type) {
    assertFalse(edge.got(type).isEmpty(), type);
    for (Got one : edge.got(type)) {
      assertTrue(one.payload().hasTimestamp(), one.topic());
      assertTrue(one.payload().getTimestamp() >= Edge.START, one.topic());
      assertTrue(one.payload().getTimestamp() <= edge.now(), one.topic());
    }
  }

  private static void assertNumbered(Edge edge, String type) {
    int next = 0;
    int seen = 0;
    for (Got one : edge.got()) {
      if (one.type().equals("NDEATH")) {
        continue;
      }
      next = one.type().equals("NBIRTH") ? 0 : next;
      if (one.type().equals(type)) {
        seen++;
        assertTrue(one.payload().hasSeq(), one.topic());
        assertEquals(next, one.payload().getSeq(), one.topic());
      }
      next = (next + 1) % 256;
    }
    assertTrue(seen > 0, type);
  }

  // Chapter 2: principles.

  @Test
  @DisplayName("tck-id-principles-birth-certificates-order")
  void birthsComeFirst() throws Exception {
    assertEquals("NBIRTH", online().got().getFirst().type());
  }

  @Test
  @DisplayName("tck-id-principles-rbe-recommended")
  void nothingIsToldTwiceOnASchedule() throws Exception {
    Edge edge = online();
    edge.forget();
    edge.run(600_000);
    assertEquals(List.of(), edge.got());
  }

  // Chapter 4: topics.

  @Test
  @DisplayName("tck-id-topic-structure-namespace-a")
  void theNameSpaceIsThatOfSparkplugB() throws Exception {
    talked().got().forEach(one -> assertTrue(one.topic().startsWith("spBv1.0/"), one.topic()));
  }

  @Test
  @DisplayName("tck-id-topic-structure-namespace-device-id-associated-message-types")
  void messagesOfADeviceNameIt() throws Exception {
    for (Got one : talked().got()) {
      if (one.type().startsWith("D")) {
        assertTrue(
            one.topic().matches("spBv1.0/wuxi/" + one.type() + "/gw/(gate|pv1)"), one.topic());
      }
    }
  }

  @Test
  @DisplayName("tck-id-topic-structure-namespace-device-id-non-associated-message-types")
  void messagesOfTheNodeNameNoDevice() throws Exception {
    for (Got one : talked().got()) {
      if (one.type().startsWith("N")) {
        assertEquals("spBv1.0/wuxi/" + one.type() + "/gw", one.topic());
      }
    }
  }

  @Test
  @DisplayName("tck-id-topics-nbirth-topic")
  void aNodesBirthHasItsTopic() throws Exception {
    assertEquals("spBv1.0/wuxi/NBIRTH/gw", online().got("NBIRTH").getFirst().topic());
  }

  @Test
  @DisplayName("tck-id-topics-nbirth-mqtt")
  void aNodesBirthIsQos0AndNotRetained() throws Exception {
    assertMqtt(online(), "NBIRTH");
  }

  @Test
  @DisplayName("tck-id-topics-nbirth-seq-num")
  void aNodesBirthHasNumberZero() throws Exception {
    var birth = online().got("NBIRTH").getFirst().payload();
    assertTrue(birth.hasSeq());
    assertEquals(0, birth.getSeq());
  }

  @Test
  @DisplayName("tck-id-topics-nbirth-timestamp")
  void aNodesBirthIsDated() throws Exception {
    assertDated(online(), "NBIRTH");
  }

  @Test
  @DisplayName("tck-id-topics-nbirth-metric-reqs")
  void aNodesBirthNamesAllThatIsToldLater() throws Exception {
    Edge edge = talked();
    Set<Long> named = new HashSet<>();
    edge.got("NBIRTH")
        .forEach(one -> one.payload().getMetricsList().forEach(m -> named.add(m.getAlias())));
    edge.got("NDATA")
        .forEach(
            one ->
                one.payload()
                    .getMetricsList()
                    .forEach(m -> assertTrue(named.contains(m.getAlias()), one.topic())));
  }

  @Test
  @DisplayName("tck-id-topics-nbirth-metrics")
  void metricsOfANodesBirthHaveNameTypeAndValue() throws Exception {
    assertBorn(online().got("NBIRTH"));
  }

  private static void assertBorn(List<Got> births) {
    assertFalse(births.isEmpty());
    for (Got birth : births) {
      for (var metric : birth.payload().getMetricsList()) {
        assertTrue(metric.hasName() && metric.hasDatatype(), metric::toString);
        boolean hasValue =
            metric.hasLongValue()
                || metric.hasDoubleValue()
                || metric.hasBooleanValue()
                || metric.hasStringValue();
        assertNotEquals(hasValue, metric.getIsNull(), metric::toString);
      }
    }
  }

  @Test
  @DisplayName("tck-id-topics-nbirth-bdseq-included")
  void aNodesBirthHasABdSeq() throws Exception {
    assertEquals(4, online().got("NBIRTH").getFirst().metric("bdSeq").getDatatype());
  }

  @Test
  @DisplayName("tck-id-topics-nbirth-bdseq-matching")
  void aNodesBirthHasTheBdSeqOfTheWill() throws Exception {
    Edge edge = online();
    edge.broker.drop();
    edge.run(5000);
    assertEquals(1, bdSeq(will(edge)));
    assertEquals(1, bdSeq(edge.got("NBIRTH").getLast().payload()));
  }

  @Test
  @DisplayName("tck-id-topics-nbirth-bdseq-increment")
  void theBdSeqStartsAtZeroAndGoesUpWithEachConnect() throws Exception {
    Edge edge = edge("");
    edge.broker.isDown = true;
    edge.run(60_000);
    edge.broker.isDown = false;
    edge.run(300_000);
    edge.broker.drop();
    edge.broker.isDown = true;
    edge.run(60_000);
    edge.restart();
    edge.run(60_000);
    edge.broker.isDown = false;
    edge.broker.refuses = true;
    edge.run(300_000);
    edge.broker.refuses = false;
    edge.run(300_000);
    List<Long> seen =
        edge.broker.wills.stream().map(will -> bdSeq(Edge.parse(will.payload()))).toList();
    assertTrue(seen.size() > 3, seen::toString);
    assertTrue(edge.broker.tried.size() > seen.size() + 10, edge.broker.tried::toString);
    for (int i = 0; i < seen.size(); i++) {
      assertEquals(i, seen.get(i), seen.toString());
    }
    assertEquals(seen.getLast(), bdSeq(edge.got("NBIRTH").getLast().payload()));
  }

  @Test
  @DisplayName("tck-id-topics-nbirth-rebirth-metric")
  void aNodesBirthSaysHowToAskForAnother() throws Exception {
    var metric = online().got("NBIRTH").getFirst().metric(Edge.REBIRTH);
    assertEquals(11, metric.getDatatype());
    assertTrue(metric.hasBooleanValue());
    assertFalse(metric.getBooleanValue());
  }

  @Test
  @DisplayName("tck-id-topics-ndata-mqtt")
  void aNodesValuesAreQos0AndNotRetained() throws Exception {
    assertMqtt(talked(), "NDATA");
  }

  @Test
  @DisplayName("tck-id-topics-ndata-seq-num")
  void aNodesValuesHaveTheNextNumber() throws Exception {
    assertNumbered(talked(), "NDATA");
  }

  @Test
  @DisplayName("tck-id-topics-ndata-timestamp")
  void aNodesValuesAreDated() throws Exception {
    assertDated(talked(), "NDATA");
  }

  @Test
  @DisplayName("tck-id-topics-ndata-payload")
  void aNodesValuesAreThoseThatChanged() throws Exception {
    Edge edge = online();
    long alias = edge.got("NBIRTH").getFirst().metric("15m/elec_grid_import").getAlias();
    edge.interval("15m", 12_534_000);
    edge.run(1000);
    assertEquals(12.534, edge.got("NDATA").getFirst().metric(alias).getDoubleValue());
  }

  @Test
  @DisplayName("tck-id-topics-ndeath-topic")
  void aNodesDeathHasItsTopic() throws Exception {
    assertEquals("spBv1.0/wuxi/NDEATH/gw", talked().got("NDEATH").getFirst().topic());
  }

  @Test
  @DisplayName("tck-id-topics-ndeath-payload")
  void aNodesDeathHasTheBdSeqOnly() throws Exception {
    var death = will(online());
    assertEquals(1, death.getMetricsCount());
    assertEquals("bdSeq", death.getMetrics(0).getName());
  }

  @Test
  @DisplayName("tck-id-topics-ndeath-seq")
  void aNodesDeathHasNoNumber() throws Exception {
    assertFalse(talked().got("NDEATH").getFirst().payload().hasSeq());
  }

  @Test
  @DisplayName("tck-id-topics-dbirth-topic")
  void aDevicesBirthHasItsTopic() throws Exception {
    assertEquals(
        List.of("spBv1.0/wuxi/DBIRTH/gw/gate", "spBv1.0/wuxi/DBIRTH/gw/pv1"),
        online().got("DBIRTH").stream().map(Got::topic).toList());
  }

  @Test
  @DisplayName("tck-id-topics-dbirth-mqtt")
  void aDevicesBirthIsQos0AndNotRetained() throws Exception {
    assertMqtt(online(), "DBIRTH");
  }

  @Test
  @DisplayName("tck-id-topics-dbirth-seq")
  void aDevicesBirthHasTheNextNumber() throws Exception {
    assertNumbered(talked(), "DBIRTH");
  }

  @Test
  @DisplayName("tck-id-topics-dbirth-timestamp")
  void aDevicesBirthIsDated() throws Exception {
    assertDated(online(), "DBIRTH");
  }

  @Test
  @DisplayName("tck-id-topics-dbirth-metric-reqs")
  void aDevicesBirthNamesAllThatIsToldLater() throws Exception {
    Edge edge = talked();
    Set<Long> named = new HashSet<>();
    edge.got("DBIRTH")
        .forEach(one -> one.payload().getMetricsList().forEach(m -> named.add(m.getAlias())));
    edge.got("DDATA")
        .forEach(
            one ->
                one.payload()
                    .getMetricsList()
                    .forEach(m -> assertTrue(named.contains(m.getAlias()), one.topic())));
  }

  @Test
  @DisplayName("tck-id-topics-dbirth-metrics")
  void metricsOfADevicesBirthHaveNameTypeAndValue() throws Exception {
    assertBorn(online().got("DBIRTH"));
  }

  @Test
  @DisplayName("tck-id-topics-ddata-topic")
  void aDevicesValuesHaveTheirTopic() throws Exception {
    assertEquals("spBv1.0/wuxi/DDATA/gw/gate", talked().got("DDATA").getFirst().topic());
  }

  @Test
  @DisplayName("tck-id-topics-ddata-mqtt")
  void aDevicesValuesAreQos0AndNotRetained() throws Exception {
    assertMqtt(talked(), "DDATA");
  }

  @Test
  @DisplayName("tck-id-topics-ddata-seq-num")
  void aDevicesValuesHaveTheNextNumber() throws Exception {
    assertNumbered(talked(), "DDATA");
  }

  @Test
  @DisplayName("tck-id-topics-ddata-timestamp")
  void aDevicesValuesAreDated() throws Exception {
    assertDated(talked(), "DDATA");
  }

  @Test
  @DisplayName("tck-id-topics-ddata-payload")
  void aDevicesValuesAreThoseThatChanged() throws Exception {
    Edge edge = online();
    edge.forget();
    edge.read("gate", "power", 48.215);
    edge.run(1000);
    assertEquals(1, edge.got().size());
    assertEquals(1, edge.got("DDATA").getFirst().payload().getMetricsCount());
    assertEquals(48.215, edge.got("DDATA").getFirst().payload().getMetrics(0).getDoubleValue());
  }

  @Test
  @DisplayName("tck-id-topics-ddeath-topic")
  void aDevicesDeathHasItsTopic() throws Exception {
    assertEquals("spBv1.0/wuxi/DDEATH/gw/pv1", talked().got("DDEATH").getFirst().topic());
  }

  @Test
  @DisplayName("tck-id-topics-ddeath-mqtt")
  void aDevicesDeathIsQos0AndNotRetained() throws Exception {
    assertMqtt(talked(), "DDEATH");
  }

  @Test
  @DisplayName("tck-id-topics-ddeath-seq-num")
  void aDevicesDeathHasTheNextNumber() throws Exception {
    assertNumbered(talked(), "DDEATH");
  }

  // Chapter 5: operational behaviour.

  @Test
  @DisplayName("tck-id-case-sensitivity-metric-names")
  void noTwoNamesDifferInCaseOnly() throws Exception {
    Set<String> seen = new HashSet<>();
    for (var metric : online().got("NBIRTH").getFirst().payload().getMetricsList()) {
      String name = metric.getName();
      assertTrue(seen.add(name.toLowerCase(Locale.ROOT)), name);
    }
    assertTrue(seen.contains("month/elec_grid_import"), seen::toString);
  }

  @Test
  @DisplayName("tck-id-message-flow-edge-node-ncmd-subscribe")
  void itListensToCommandsWithQos1() throws Exception {
    Did did =
        online().broker.did.stream()
            .filter(one -> one.what().equals("SUBSCRIBE"))
            .findFirst()
            .orElseThrow();
    assertEquals("spBv1.0/wuxi/NCMD/gw", did.topic());
    assertEquals(1, did.qos());
  }

  @Test
  @DisplayName("tck-id-message-flow-edge-node-birth-publish-connect")
  void itIsConnectedBeforeItIsBorn() throws Exception {
    List<String> whats = whats(online());
    assertEquals(List.of("CONNECT", "SUBSCRIBE", "SUBSCRIBE", "PUBLISH"), whats.subList(0, 4));
  }

  @Test
  @DisplayName("tck-id-message-flow-edge-node-birth-publish-will-message-topic")
  void theWillIsTheNodesDeath() throws Exception {
    assertEquals("spBv1.0/wuxi/NDEATH/gw", online().broker.wills.getFirst().topic());
  }

  @Test
  @DisplayName("tck-id-message-flow-edge-node-birth-publish-will-message-payload")
  void theWillIsAPayloadOfSparkplugB() throws Exception {
    var payload = will(online());
    assertEquals(1, payload.getMetricsCount());
    assertEquals("bdSeq", payload.getMetrics(0).getName());
    assertTrue(payload.hasTimestamp());
  }

  @Test
  @DisplayName("tck-id-message-flow-edge-node-birth-publish-will-message-payload-bdSeq")
  void theBdSeqComesRoundAfter255AndIsKeptOverRestarts() throws Exception {
    Edge edge = edge("");
    for (int i = 0; i < 300; i++) {
      edge.run(200);
      assertEquals(i % 256, bdSeq(will(edge)));
      assertEquals(4, will(edge).getMetrics(0).getDatatype());
      if (i % 2 == 0) {
        edge.restart();
      } else {
        edge.kill();
      }
    }
    edge.run(200);
  }

  @Test
  @DisplayName("tck-id-message-flow-edge-node-birth-publish-will-message-will-retained")
  void theWillIsNotRetained() throws Exception {
    assertFalse(online().broker.wills.getFirst().retained());
  }

  @Test
  @DisplayName("tck-id-message-flow-edge-node-birth-publish-phid-wait")
  void nothingIsBornBeforeThePrimaryHostIsOnline() throws Exception {
    Edge edge = edge(", primary_host: scada");
    edge.read("gate", "power", 1);
    edge.run(600_000);
    assertEquals(List.of(), edge.got());
    assertTrue(edge.step.snapshot().connected());
    assertFalse(edge.step.snapshot().isOnline());
    edge.broker.retain(Edge.ONE, STATE, state(true, 100));
    edge.run(1000);
    assertEquals("NBIRTH", edge.got().getFirst().type());
  }

  @Test
  @DisplayName("tck-id-message-flow-edge-node-birth-publish-phid-wait-id")
  void anotherHostIsNotThePrimaryOne() throws Exception {
    Edge edge = edge(", primary_host: scada");
    edge.broker.retain(Edge.ONE, "spBv1.0/STATE/other", state(true, 100));
    edge.run(1000);
    assertFalse(whats(edge).contains("PUBLISH"));
    assertEquals(
        PrimaryHost.Word.NOTHING,
        new PrimaryHost("scada")
            .heard(
                Edge.ONE,
                new Signal.Arrived(
                    1,
                    "spBv1.0/STATE/other",
                    state(true, 100).getBytes(StandardCharsets.UTF_8),
                    true,
                    null,
                    null)));
  }

  @Test
  @DisplayName("tck-id-message-flow-edge-node-birth-publish-phid-wait-online")
  void aPrimaryHostThatSaysNoIsNotThere() throws Exception {
    Edge edge = edge(", primary_host: scada");
    for (String word :
        List.of(
            state(false, 100),
            "ONLINE",
            "{}",
            "{\"online\":true}",
            "{\"online\":\"true\",\"timestamp\":1}",
            "{\"online\":true,\"timestamp\":\"x\"}")) {
      edge.broker.retain(Edge.ONE, STATE, word);
      edge.run(1000);
      assertEquals(List.of(), edge.got(), word);
    }
  }

  @Test
  @DisplayName("tck-id-message-flow-edge-node-birth-publish-phid-wait-timestamp")
  void anOlderWordOfThePrimaryHostDoesNotCount() throws Exception {
    Edge edge = edge(", primary_host: scada");
    edge.broker.retain(Edge.ONE, STATE, state(false, 200));
    edge.run(1000);
    edge.broker.retain(Edge.ONE, STATE, state(true, 199));
    edge.run(1000);
    assertEquals(List.of(), edge.got());
    edge.broker.retain(Edge.ONE, STATE, state(true, 200));
    edge.run(1000);
    assertEquals("NBIRTH", edge.got().getFirst().type());
  }

  @Test
  @DisplayName("tck-id-message-flow-edge-node-birth-publish-phid-offline")
  void whenThePrimaryHostLeavesItDiesAndBeginsAgain() throws Exception {
    Edge edge = hosted("");
    edge.forget();
    edge.broker.retain(Edge.ONE, STATE, state(false, 101));
    edge.run(10_000);
    List<String> whats = whats(edge);
    assertEquals(List.of("PUBLISH", "DISCONNECT", "CONNECT"), whats.subList(0, 3));
    assertEquals("NDEATH", edge.got().getFirst().type());
    assertEquals(1, edge.got().size());
    edge.broker.retain(Edge.ONE, STATE, state(true, 102));
    edge.run(1000);
    assertEquals("NBIRTH", edge.got().get(1).type());
  }

  @Test
  @DisplayName("tck-id-operational-behavior-edge-node-intentional-disconnect-ndeath")
  void beforeItLeavesItDies() throws Exception {
    Edge edge = online();
    edge.close();
    List<String> whats = whats(edge);
    assertEquals(List.of("PUBLISH", "DISCONNECT"), whats.subList(whats.size() - 2, whats.size()));
    assertEquals("NDEATH", edge.got().getLast().type());
  }

  @Test
  @DisplayName("tck-id-operational-behavior-edge-node-termination-host-offline")
  void itLeavesWhenThePrimaryHostDoes() throws Exception {
    Edge edge = hosted("");
    edge.forget();
    edge.broker.retain(Edge.ONE, STATE, state(false, 100));
    edge.run(1000);
    assertTrue(whats(edge).contains("DISCONNECT"));
  }

  @Test
  @DisplayName("tck-id-operational-behavior-edge-node-termination-host-offline-reconnect")
  void havingLeftItGoesToTheNextServer() throws Exception {
    Edge edge = hosted(ON_TWO);
    edge.broker.retain(Edge.ONE, STATE, state(false, 101));
    edge.run(1000);
    assertEquals(List.of(Edge.ONE, Edge.TWO), edge.broker.tried);
  }

  @Test
  @DisplayName("tck-id-operational-behavior-edge-node-intentional-disconnect-packet")
  void afterItsDeathItSendsDisconnect() throws Exception {
    Edge edge = online();
    edge.close();
    assertEquals("DISCONNECT", whats(edge).getLast());
  }

  @Test
  @DisplayName("tck-id-operational-behavior-edge-node-termination-host-offline-timestamp")
  void itStaysWhenTheWordIsOlderThanTheLast() throws Exception {
    Edge edge = hosted("");
    edge.forget();
    edge.broker.retain(Edge.ONE, STATE, state(false, 99));
    edge.run(10_000);
    assertEquals(List.of(), whats(edge));
    assertTrue(edge.step.snapshot().isOnline());
  }

  @Test
  @DisplayName("tck-id-message-flow-device-birth-publish-nbirth-wait")
  void devicesAreBornAfterTheNode() throws Exception {
    assertEquals(
        List.of("NBIRTH", "DBIRTH", "DBIRTH"),
        online().got().stream().map(Got::type).limit(3).toList());
  }

  @Test
  @DisplayName("tck-id-message-flow-device-birth-publish-dbirth-match-edge-node-topic")
  void devicesAreBornUnderTheirNode() throws Exception {
    online()
        .got("DBIRTH")
        .forEach(one -> assertTrue(one.topic().startsWith("spBv1.0/wuxi/DBIRTH/gw/")));
  }

  @Test
  @DisplayName("tck-id-operational-behavior-device-ddeath")
  void aDeviceThatIsLostIsDeadAndBornAgainWhenItIsBack() throws Exception {
    Edge edge = online();
    edge.forget();
    edge.fail("pv1", Reason.OFFLINE);
    edge.run(1000);
    assertEquals("DDEATH", edge.got().getLast().type());
    edge.fail("pv1", Reason.OFFLINE);
    edge.run(1000);
    assertEquals(1, edge.got("DDEATH").size());
    edge.forget();
    edge.read("pv1", "power", 7);
    edge.run(1000);
    assertEquals(List.of("DBIRTH"), edge.got().stream().map(Got::type).toList());
    assertEquals(7, edge.got().getFirst().metric("power").getDoubleValue());
  }

  @Test
  @DisplayName(
      "tck-id-operational-behavior-primary-application-state-with-multiple-servers-state-subs")
  void itListensToThePrimaryHostsStateAtEachServer() throws Exception {
    Edge edge = edge(", primary_host: scada" + ON_TWO);
    edge.broker.retain(Edge.ONE, STATE, state(false, 100));
    edge.run(10_000);
    List<String> listens = new ArrayList<>();
    for (Did did : edge.broker.did) {
      if (did.what().equals("CONNECT") || did.topic().equals(STATE)) {
        listens.add(did.topic());
      }
    }
    assertEquals(List.of(Edge.ONE, STATE, Edge.TWO, STATE), listens.subList(0, 4));
  }

  @Test
  @DisplayName(
      "tck-id-operational-behavior-primary-application-state-with-multiple-servers-single-server")
  void itIsConnectedToOneServerAtATime() throws Exception {
    Edge edge = hosted(ON_TWO);
    edge.broker.retain(Edge.TWO, STATE, state(true, 90));
    edge.broker.retain(Edge.ONE, STATE, state(false, 101));
    edge.run(10_000);
    int open = 0;
    for (Did did : edge.broker.did) {
      switch (did.what()) {
        case "CONNECT" -> open++;
        case "DISCONNECT", "CUT" -> open--;
        default -> {}
      }
      assertTrue(open <= 1, "connected twice");
    }
    assertEquals(List.of(Edge.ONE, Edge.TWO), edge.broker.tried);
  }

  @Test
  @DisplayName("tck-id-operational-behavior-primary-application-state-with-multiple-servers-walk")
  void itWalksToTheServerWhereThePrimaryHostIs() throws Exception {
    Edge edge = edge(", primary_host: scada" + ON_TWO);
    edge.broker.retain(Edge.ONE, STATE, state(false, 100));
    edge.broker.retain(Edge.TWO, STATE, state(true, 90));
    edge.read("gate", "power", 1);
    edge.run(10_000);
    assertEquals(List.of(Edge.ONE, Edge.TWO), edge.broker.tried);
    assertTrue(edge.step.snapshot().isOnline());
    assertEquals(Edge.TWO, edge.step.snapshot().server());
  }

  @Test
  @DisplayName("tck-id-operational-behavior-edge-node-birth-sequence-wait")
  void itWaitsOnTheNextServerToo() throws Exception {
    Edge edge = hosted(ON_TWO);
    edge.forget();
    edge.broker.retain(Edge.ONE, STATE, state(false, 101));
    edge.run(10_000);
    assertEquals(List.of("NDEATH"), edge.got().stream().map(Got::type).toList());
    edge.broker.retain(Edge.TWO, STATE, state(true, 5));
    edge.run(60_000);
    assertEquals("NBIRTH", edge.got().get(1).type());
  }

  @Test
  @DisplayName("tck-id-operational-behavior-data-publish-dbirth-values")
  void whatIsNotKnownIsNullInABirth() throws Exception {
    Edge edge = online();
    var birth = edge.got("DBIRTH").getFirst();
    assertEquals(1, birth.metric("power").getDoubleValue());
    var unknown = birth.metric("voltage_l1");
    assertTrue(unknown.getIsNull());
    assertFalse(unknown.hasDoubleValue());
    assertEquals(500, unknown.getProperties().getValues(0).getIntValue());
  }

  @Test
  @DisplayName("tck-id-operational-behavior-data-publish-dbirth-change")
  void aFailureThatChangesNothingIsNotTold() throws Exception {
    Edge edge = online();
    edge.forget();
    edge.fail("gate", Reason.TIMEOUT);
    edge.fail("gate", Reason.TIMEOUT);
    edge.run(1000);
    assertEquals(1, edge.got().size());
  }

  @Test
  @DisplayName("tck-id-operational-behavior-data-commands-rebirth-name-aliases")
  void theMetricToAskForABirthHasNoAlias() throws Exception {
    assertFalse(online().got("NBIRTH").getFirst().metric(Edge.REBIRTH).hasAlias());
  }

  @Test
  @DisplayName("tck-id-operational-behavior-data-commands-ncmd-rebirth-value")
  void onlyTrueAsksForABirth() throws Exception {
    Edge edge = online();
    edge.run(5000);
    edge.forget();
    edge.ask(Edge.REBIRTH, false);
    edge.ask("Node Control/Reboot", true);
    edge.run(5000);
    assertEquals(List.of(), edge.got());
    assertEquals(2, edge.step.snapshot().commandsRefused());
    assertEquals(1, edge.eventNames().stream().filter("command.refused"::equals).count());
  }

  @Test
  @DisplayName("tck-id-operational-behavior-data-commands-rebirth-action-1")
  void noValuesAreToldBetweenTheRequestAndTheBirth() throws Exception {
    Edge edge = online();
    edge.run(5000);
    edge.ask(Edge.REBIRTH, true);
    edge.run(0);
    edge.forget();
    edge.ask(Edge.REBIRTH, true); // a second one at once waits for its turn
    for (int i = 0; i < 3; i++) {
      edge.read("gate", "power", i);
      edge.run(200);
      assertEquals(List.of(), edge.got());
    }
    edge.run(2000);
    assertEquals("NBIRTH", edge.got().getFirst().type());
  }

  @Test
  @DisplayName("tck-id-operational-behavior-data-commands-rebirth-action-2")
  void whoAsksGetsAllBirths() throws Exception {
    Edge edge = online();
    edge.run(5000);
    edge.forget();
    edge.ask(Edge.REBIRTH, true);
    edge.run(1000);
    assertEquals(
        List.of("NBIRTH", "DBIRTH", "DBIRTH"), edge.got().stream().map(Got::type).toList());
    assertEquals(2, edge.step.snapshot().births());
  }

  @Test
  @DisplayName("tck-id-operational-behavior-data-commands-rebirth-action-3")
  void anotherBirthHasTheSameBdSeq() throws Exception {
    Edge edge = online();
    edge.run(5000);
    edge.ask(Edge.REBIRTH, true);
    edge.run(1000);
    assertEquals(bdSeq(will(edge)), bdSeq(edge.got("NBIRTH").getLast().payload()));
    assertEquals(1, edge.broker.wills.size());
  }

  // Chapter 6: payloads.

  @Test
  @DisplayName("tck-id-payloads-timestamp-in-UTC")
  void withoutATrustedClockNothingIsTold() throws Exception {
    Edge edge = edge("");
    edge.time.trust(false);
    edge.run(60_000);
    assertEquals(List.of(), edge.broker.tried);
    edge.time.trust(true);
    edge.run(5000);
    assertDated(edge, "NBIRTH");
  }

  @Test
  @DisplayName("tck-id-payloads-sequence-num-always-included")
  void everyMessageButTheNodesDeathHasANumber() throws Exception {
    talked()
        .got()
        .forEach(
            one -> assertEquals(!one.type().equals("NDEATH"), one.payload().hasSeq(), one.topic()));
  }

  @Test
  @DisplayName("tck-id-payloads-sequence-num-incrementing")
  void numbersGoTo255AndBeginAgain() throws Exception {
    Edge edge = online();
    for (int i = 0; i < 600; i++) {
      edge.read("gate", "power", i);
      edge.run(20);
    }
    List<Long> seqs = edge.got().stream().map(one -> one.payload().getSeq()).toList();
    assertTrue(seqs.size() > 600);
    for (int i = 0; i < seqs.size(); i++) {
      assertEquals(i % 256, seqs.get(i));
    }
  }

  @Test
  @DisplayName("tck-id-payloads-alias-uniqueness")
  void noAliasStandsForTwoNames() throws Exception {
    Set<Long> aliases = new HashSet<>();
    for (Got one : online().got()) {
      if (one.type().endsWith("BIRTH")) {
        one.payload().getMetricsList().stream()
            .filter(SparkplugBProto.Payload.Metric::hasAlias)
            .forEach(metric -> assertTrue(aliases.add(metric.getAlias()), metric.getName()));
      }
    }
    assertTrue(aliases.size() > 20, aliases::toString);
  }

  @Test
  @DisplayName("tck-id-payloads-alias-birth-requirement")
  void birthsHaveNamesAndAliases() throws Exception {
    for (Got one : online().got()) {
      if (one.type().endsWith("BIRTH")) {
        one.payload()
            .getMetricsList()
            .forEach(
                metric -> {
                  assertFalse(metric.getName().isEmpty(), metric::toString);
                  assertEquals(
                      !metric.getName().equals(Edge.REBIRTH), metric.hasAlias(), metric.getName());
                });
      }
    }
  }

  @Test
  @DisplayName("tck-id-payloads-alias-data-cmd-requirement")
  void valuesHaveAliasesAndNoNames() throws Exception {
    for (Got one : talked().got()) {
      if (one.type().endsWith("DATA")) {
        one.payload()
            .getMetricsList()
            .forEach(metric -> assertTrue(metric.hasAlias() && !metric.hasName()));
      }
    }
  }

  @Test
  @DisplayName("tck-id-payloads-name-birth-data-requirement")
  void everyMetricIsDated() throws Exception {
    talked()
        .got()
        .forEach(
            one ->
                one.payload()
                    .getMetricsList()
                    .forEach(metric -> assertTrue(metric.getTimestamp() >= Edge.START)));
  }

  // Not kept, and it is a SHOULD: tck-id-payloads-metric-datatype-not-req, see Births.now.
  @Test
  @DisplayName("tck-id-payloads-metric-datatype-value")
  void typesAreThoseOfTheSpecification() throws Exception {
    for (Got one : talked().got()) {
      one.payload()
          .getMetricsList()
          .forEach(metric -> assertTrue(Set.of(4, 10, 11, 12).contains(metric.getDatatype())));
    }
  }

  @Test
  @DisplayName("tck-id-payloads-propertyset-keys-array-size")
  void setsOfPropertiesHaveAsManyKeysAsValues() throws Exception {
    List<SparkplugBProto.Payload.PropertySet> sets = new ArrayList<>();
    talked()
        .got()
        .forEach(
            one ->
                one.payload().getMetricsList().forEach(metric -> sets.add(metric.getProperties())));
    sets.forEach(set -> assertEquals(set.getKeysCount(), set.getValuesCount()));
    assertTrue(sets.stream().anyMatch(set -> set.getKeysCount() == 2));
  }

  @Test
  @DisplayName("tck-id-payloads-propertyset-quality-value-type")
  void theQualityIsAnInt32() throws Exception {
    var quality = online().got("DBIRTH").getFirst().metric("power").getProperties();
    assertEquals("Quality", quality.getKeys(0));
    assertEquals(3, quality.getValues(0).getType());
    assertTrue(quality.getValues(0).hasIntValue());
  }

  @Test
  @DisplayName("tck-id-payloads-propertyset-quality-value-value")
  void theQualityIsGoodBadOrStale() throws Exception {
    Edge edge = online();
    edge.forget();
    edge.bad("gate", "power", Reason.SENTINEL);
    edge.run(1000);
    edge.bad("gate", "power", Reason.TIMEOUT);
    edge.run(1000);
    edge.read("gate", "power", 4);
    edge.run(1000);
    edge.read("gate", "power", 5);
    edge.run(1000);
    List<Integer> seen =
        edge.got("DDATA").stream()
            .map(one -> one.payload().getMetrics(0).getProperties())
            .map(set -> set.getValuesCount() == 0 ? -1 : set.getValues(0).getIntValue())
            .toList();
    // What is good and was good before is not said again.
    assertEquals(List.of(0, 500, 192, -1), seen);
    assertTrue(edge.got("DDATA").getFirst().payload().getMetrics(0).getIsNull());
  }

  @Test
  @DisplayName("tck-id-payloads-dbirth-order")
  void devicesAreBornBeforeAnyValue() throws Exception {
    List<String> types = talked().got().stream().map(Got::type).toList();
    int firstValue = types.indexOf("DDATA");
    assertEquals(List.of("NBIRTH", "DBIRTH", "DBIRTH"), types.subList(0, firstValue));
  }

  @Test
  @DisplayName("tck-id-payloads-ndeath-will-message")
  void everyConnectHasAWill() throws Exception {
    Edge edge = online();
    edge.broker.drop();
    edge.run(5000);
    assertEquals(2, edge.broker.wills.size());
    edge.broker.wills.forEach(will -> assertTrue(will.payload().length > 0));
  }

  @Test
  @DisplayName("tck-id-payloads-ndeath-bdseq")
  void theDeathHasTheBdSeqOfTheBirth() throws Exception {
    Edge edge = talked();
    assertEquals(
        bdSeq(edge.got("NBIRTH").getLast().payload()),
        bdSeq(edge.got("NDEATH").getLast().payload()));
  }

  @Test
  @DisplayName("tck-id-payloads-ddeath-timestamp")
  void aDevicesDeathIsDated() throws Exception {
    assertDated(talked(), "DDEATH");
  }
}
