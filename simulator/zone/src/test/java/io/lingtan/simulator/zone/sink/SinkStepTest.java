package io.lingtan.simulator.zone.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** While PostgreSQL is away. */
final class SinkStepTest {
  private static final TopicPartition PARTITION = new TopicPartition(ZoneTopic.KEPT.topic(), 0);

  @Test
  void postgresIsTriedOnceASecondAndNothingCountsAsWritten() throws Exception {
    MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
    consumer.assign(Set.of(PARTITION));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    consumer.addRecord(new ConsumerRecord<>(PARTITION.topic(), 0, 0, "gw", new byte[] {'{', '}'}));
    AtomicInteger tries = new AtomicInteger();
    try (ServerSocket nobody = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> hangUp(nobody, tries));
      SinkStep sink =
          new SinkStep(
              consumer,
              "jdbc:postgresql://127.0.0.1:" + nobody.getLocalPort() + "/none?sslmode=disable");
      MonotonicInstant start = new MonotonicInstant(1);
      for (int millis = 0; millis < 60_000; millis += 100) {
        assertEquals(0, sink.step(start.plusMillis(millis)));
        assertFalse(sink.due().isBefore(start.plusMillis(millis)));
      }
      assertNull(consumer.committed(Set.of(PARTITION)).get(PARTITION));
      sink.close();
    }
    assertEquals(60, tries.get());
  }

  private static void hangUp(ServerSocket nobody, AtomicInteger tries) {
    while (!nobody.isClosed()) {
      try (Socket _ = nobody.accept()) {
        tries.incrementAndGet();
      } catch (IOException e) {
        return;
      }
    }
  }
}
