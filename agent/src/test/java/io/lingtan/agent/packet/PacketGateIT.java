package io.lingtan.agent.packet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.RequiresTool;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.internal.CommsSender;
import org.eclipse.paho.mqttv5.client.internal.NetworkModule;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Paho behind the gate, and Debian's mosquitto before it. */
@RequiresTool("mosquitto")
final class PacketGateIT {

  @TempDir Path folder;

  private final BlockingQueue<MqttMessage> arrived = new LinkedBlockingQueue<>();
  private final Semaphore room = new Semaphore(0);

  private final CountDownLatch asked = new CountDownLatch(100);

  private boolean take(int bytes) {
    asked.countDown();
    return room.tryAcquire();
  }

  private final class Client extends MqttAsyncClient {
    Client(Mosquitto mosquitto) throws MqttException {
      super("tcp://127.0.0.1:" + mosquitto.port(), "gated", new MemoryPersistence());
    }

    @Override
    protected NetworkModule[] createNetworkModules(String address, MqttConnectionOptions options)
        throws MqttException {
      NetworkModule[] ways = super.createNetworkModules(address, options);
      Arrays.setAll(
          ways,
          i -> new GatedWay(ways[i], from -> new PacketGate(from, 1000, PacketGateIT.this::take)));
      return ways;
    }
  }

  @Test
  void answersThatPahoNeverAskedForDoItNoHarmWhileAMessageWaits() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder)) {
      Client client = new Client(mosquitto);
      MqttCallback listener = mock();
      doAnswer(call -> arrived.add(call.getArgument(1)))
          .when(listener)
          .messageArrived(any(), any());
      client.setCallback(listener);
      client.connect().waitForCompletion();
      try {
        client.subscribe("to/us", 1).waitForCompletion();
        client.publish("to/us", "waits".getBytes(UTF_8), 1, false);
        assertTrue(asked.await(60, TimeUnit.SECONDS));
        // What its sender says of a connection that was given up while it began is a stack trace.
        assertFalse(Logger.getLogger(CommsSender.class.getName()).isLoggable(Level.SEVERE));
        assertTrue(client.isConnected());
        assertEquals(0, arrived.size());
        room.release();
        MqttMessage message = arrived.poll(60, TimeUnit.SECONDS);
        assertArrayEquals("waits".getBytes(UTF_8), message == null ? null : message.getPayload());
        assertTrue(client.isConnected());
      } finally {
        client.disconnectForcibly(0, 0, false);
        client.close(true);
      }
    }
  }
}
