package io.lingtan.agent.publish.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.publish.MemoryBroker;
import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.link.Topics;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.MonotonicInstant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class StateTopicsTest {

  private static final Point POWER = Point.of("power");
  private static final Point TEMPERATURE = Point.of("temperature");
  private static final Point STATE = Point.of("state");

  private final MemoryBroker broker = new MemoryBroker();
  private final Sending sending = new Sending(broker, new Window());
  private final StateTopics states = new StateTopics(new Topics("gw"));
  private long seconds = 1;

  StateTopicsTest() {
    broker.connect(1, "mqtt://one:1883", new Broker.Will("will", new byte[0]));
    sending.open(16, Integer.MAX_VALUE);
  }

  private String after(Sample sample) {
    long seq = ++seconds;
    states.seen(new DataRecord("e1", seq, seq - 1, 1000 * seq, sample));
    states.send(sending, new MonotonicInstant(seconds * 1_000_000_000L));
    return broker.on("state/pv1").getLast().message().text();
  }

  private static Sample sample(Values values, Map<Point, Reason> bad) {
    return new Sample("pv1", "boot-1", 1, values, new TreeMap<>(), new TreeMap<>(bad), null);
  }

  private static Values power(long watts) {
    return new Values.Builder().put(POWER, watts * 1_000_000).build();
  }

  private static Values all() {
    return new Values.Builder()
        .putAll(power(5))
        .put(TEMPERATURE, 20_000_000)
        .state("running")
        .build();
  }

  @Test
  void aPointThatBecameBadLosesItsNumberAndSaysWhy() {
    assertEquals(
        "{\"ts\":2000,\"values\":{\"power\":5,\"temperature\":20,\"state\":\"running\"}}",
        after(sample(all(), Map.of())));
    assertEquals(
        "{\"ts\":3000,\"values\":{\"power\":6},"
            + "\"bad\":{\"temperature\":\"sentinel\",\"state\":\"range\"}}",
        after(sample(power(6), Map.of(TEMPERATURE, Reason.SENTINEL, STATE, Reason.RANGE))));
  }

  @Test
  void aBadPointStaysBadUntilItHasAValueAgain() {
    after(sample(all(), Map.of()));
    after(sample(power(6), Map.of(TEMPERATURE, Reason.SENTINEL)));
    assertEquals(
        "{\"ts\":4000,\"values\":{\"power\":7,\"state\":\"running\"},"
            + "\"bad\":{\"temperature\":\"sentinel\"}}",
        after(sample(power(7), Map.of())));
    Values warm = new Values.Builder().put(TEMPERATURE, 21_000_000).build();
    assertEquals(
        "{\"ts\":5000,\"values\":{\"power\":7,\"temperature\":21,\"state\":\"running\"}}",
        after(sample(warm, Map.of())));
  }

  @Test
  void aFailedPollLeavesNothingButItsReason() {
    after(sample(power(6), Map.of(TEMPERATURE, Reason.SENTINEL)));
    assertEquals(
        "{\"ts\":3000,\"values\":{},\"bad\":{\"*\":\"timeout\"}}",
        after(Sample.failed("pv1", "boot-1", 1, Reason.TIMEOUT)));
    assertEquals("{\"ts\":4000,\"values\":{\"power\":8}}", after(sample(power(8), Map.of())));
  }
}
