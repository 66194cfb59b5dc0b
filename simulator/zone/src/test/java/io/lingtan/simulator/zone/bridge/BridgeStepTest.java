package io.lingtan.simulator.zone.bridge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.link.AuditClient;
import io.lingtan.agent.audit.link.BrokerAddress;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.testing.ScriptedBroker;
import io.lingtan.testing.ScriptedBroker.Packet;
import io.lingtan.testing.ScriptedBroker.Peer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A bridge to a Kafka that does not take everything. */
@Timeout(30)
final class BridgeStepTest {

  private static final int PUBACK = 4;
  private static final int QOS_1 = 0x32;
  private static final String TOPIC = "lingtan/v1/gw-1/event";

  private final Time time = new SystemTime(List.of("system"));
  private final MockProducer<String, byte[]> producer =
      new MockProducer<>(false, null, new StringSerializer(), new ByteArraySerializer());

  /** How far the bridge's clock is ahead of the machine's. */
  private Duration ahead = Duration.ZERO;

  /** Sends three messages to whoever has subscribed. */
  private static boolean sendThree(Packet packet, Peer peer) throws IOException {
    if (packet.type() != ScriptedBroker.SUBSCRIBE) {
      return false;
    }
    peer.answer(packet);
    for (int id = 1; id <= 3; id++) {
      ByteArrayOutputStream publish = new ByteArrayOutputStream();
      publish.write(QOS_1);
      publish.write(2 + TOPIC.length() + 2 + 1 + 2);
      publish.writeBytes(new byte[] {0, (byte) TOPIC.length()});
      publish.writeBytes(TOPIC.getBytes(US_ASCII));
      publish.writeBytes(new byte[] {0, (byte) id, 0});
      publish.writeBytes("{}".getBytes(US_ASCII));
      peer.sendBytes(publish.toByteArray());
    }
    return true;
  }

  private void until(BridgeStep bridge, BooleanSupplier holds) {
    MonotonicInstant end = time.now().plus(Duration.ofSeconds(15));
    while (!holds.getAsBoolean()) {
      assertTrue(time.now().isBefore(end), "it does not come");
      bridge.step(time.now().plus(ahead));
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void whatKafkaDoesNotTakeOfAConnectionThatIsOverHarmsNotTheNext() throws Exception {
    try (ScriptedBroker broker = ScriptedBroker.start(BridgeStepTest::sendThree)) {
      BridgeStep bridge =
          new BridgeStep(
              new AuditClient.Options(
                  BrokerAddress.parse(broker.url()), "zone-bridge-1", null, null, null, true),
              "zone",
              producer,
              new MockConsumer<>("latest"),
              time);
      until(bridge, () -> producer.history().size() == 3);
      assertTrue(producer.errorNext(new TimeoutException("of the first connection")));
      bridge.step(time.now()); // which ends it
      ahead = Duration.ofSeconds(2);
      until(bridge, () -> producer.history().size() == 6);

      assertTrue(producer.errorNext(new TimeoutException("late, of the first connection")));
      assertTrue(producer.completeNext(), "late, of the first connection");
      assertEquals(
          0, bridge.step(time.now().plus(ahead)), "neither ends nor acknowledges anything");
      for (int i = 0; i < 3; i++) {
        assertTrue(producer.completeNext());
      }
      until(bridge, () -> broker.received(PUBACK).size() == 3);
      assertEquals(2, broker.received(ScriptedBroker.CONNECT).size());
      bridge.close();
    }
  }
}
