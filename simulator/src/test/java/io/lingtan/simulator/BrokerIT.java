package io.lingtan.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import io.lingtan.testing.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo's broker as a process of its own, from the app folder. */
@Timeout(180)
final class BrokerIT {
  @TempDir Path folder;

  @Test
  void itTakesAnyClientSaysNothingElseAndEndsWithItsStandardInput() throws Exception {
    int port = Ports.free();
    Process broker = start(port);
    try {
      var client = client(port, "one");
      client.connect();
      assertTrue(client.isConnected());
      client.disconnect();
      client.close();
      end(broker);
    } finally {
      broker.destroyForcibly();
    }
  }

  @Test
  void aSubscriberThatWasAwayMissesNothingThoughTheBrokerWasStartedAnew() throws Exception {
    int port = Ports.free();
    Process broker = start(port);
    try {
      var subscriber = client(port, "subscriber");
      subscriber.connect(session());
      subscriber.subscribe("records/#", 1);
      subscriber.disconnectForcibly();
      subscriber.close();
      publish(port, "before");
      end(broker);
      broker = start(port);
      publish(port, "after");

      var got = new LinkedBlockingQueue<String>();
      subscriber = client(port, "subscriber");
      MqttCallback listener = mock();
      doAnswer(
              call -> {
                MqttMessage message = call.getArgument(1);
                return got.add(new String(message.getPayload(), StandardCharsets.UTF_8));
              })
          .when(listener)
          .messageArrived(any(), any());
      subscriber.setCallback(listener);
      assertTrue(subscriber.connectWithResult(session()).getSessionPresent());
      assertEquals("before", got.poll(10, TimeUnit.SECONDS));
      assertEquals("after", got.poll(10, TimeUnit.SECONDS));
      subscriber.disconnect();
      subscriber.close();
      end(broker);
    } finally {
      broker.destroyForcibly();
    }
  }

  private Process start(int port) throws IOException {
    Process broker =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                "target/lingtan-sim/lib/broker/*",
                "io.lingtan.simulator.broker.Main",
                "127.0.0.1",
                String.valueOf(port),
                folder.resolve("broker").toString())
            .redirectError(folder.resolve("err").toFile())
            .start();
    assertEquals(
        "ready",
        broker.inputReader(StandardCharsets.UTF_8).readLine(),
        () -> read(folder.resolve("err")));
    return broker;
  }

  private void end(Process broker) throws Exception {
    broker.getOutputStream().close();
    assertTrue(broker.waitFor(20, TimeUnit.SECONDS), "the broker outlived its standard input");
    assertEquals(0, broker.exitValue());
    assertEquals("", read(folder.resolve("err")));
  }

  private static MqttClient client(int port, String id) throws MqttException {
    return new MqttClient("tcp://127.0.0.1:" + port, id, new MemoryPersistence());
  }

  private static MqttConnectionOptions session() {
    var options = new MqttConnectionOptions();
    options.setCleanStart(false);
    options.setSessionExpiryInterval(3_600L);
    return options;
  }

  private static void publish(int port, String text) throws MqttException {
    var publisher = client(port, "publisher");
    publisher.connect();
    publisher.publish("records/a", text.getBytes(StandardCharsets.UTF_8), 1, false);
    publisher.disconnect();
    publisher.close();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
