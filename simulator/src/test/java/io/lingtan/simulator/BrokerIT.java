package io.lingtan.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo's broker as a process of its own, from the app folder. */
@Timeout(60)
final class BrokerIT {
  @TempDir Path folder;

  @Test
  void itTakesAnyClientSaysNothingElseAndEndsWithItsStandardInput() throws Exception {
    int port = freePort();
    Path err = folder.resolve("err");
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
            .redirectError(err.toFile())
            .start();
    try (var out = broker.inputReader(StandardCharsets.UTF_8)) {
      assertEquals("ready", out.readLine(), () -> read(err));
      var client = new MqttClient("tcp://127.0.0.1:" + port, "one", new MemoryPersistence());
      client.connect();
      assertTrue(client.isConnected());
      client.disconnect();
      client.close();

      broker.getOutputStream().close();
      assertTrue(broker.waitFor(20, TimeUnit.SECONDS), "the broker outlived its standard input");
      assertEquals(0, broker.exitValue());
      assertEquals("", read(err));
    } finally {
      broker.destroyForcibly();
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
