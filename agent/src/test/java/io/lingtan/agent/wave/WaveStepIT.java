package io.lingtan.agent.wave;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.link.AuditClient;
import io.lingtan.agent.audit.link.BrokerAddress;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.wave.Wave.Stage;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import org.eclipse.paho.mqttv5.client.IMqttMessageListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A wave among gateways that are silent or away, and a broker that goes; played by hand. */
@Timeout(60)
@RequiresTool("mosquitto")
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class WaveStepIT {

  private static final String OBEYS = "{\"config\":{\"serial\":null,\"state\":\"applied\"}}";

  @TempDir private Path folder;
  private final Time time = new SystemTime(List.of("system"));
  private final BlockingQueue<String> sent = new LinkedBlockingQueue<>();
  private MqttAsyncClient gateways;
  private Mosquitto mosquitto;
  private WaveStep step;

  @BeforeEach
  void open() throws Exception {
    mosquitto = Mosquitto.start(Files.createDirectory(folder.resolve("mosquitto")));
    Files.writeString(folder.resolve("site.yaml"), "lines: []\n");
    gateways =
        new MqttAsyncClient("tcp" + mosquitto.url().substring(4), "all", new MemoryPersistence());
    gateways.connect().waitForCompletion(10_000);
    MqttSubscription[] all = {new MqttSubscription("lingtan/v1/+/desired/config", 1)};
    IMqttMessageListener[] listener = {
      (topic, message) -> sent.add(new String(message.getPayload(), UTF_8))
    };
    gateways.subscribe(all, null, null, listener, new MqttProperties()).waitForCompletion(10_000);
  }

  @AfterEach
  void close() throws MqttException {
    step.close();
    gateways.disconnectForcibly(0, 1, false);
    gateways.close(true);
    mosquitto.close();
  }

  private void say(String topic, String text) throws MqttException {
    MqttClient client =
        new MqttClient("tcp" + mosquitto.url().substring(4), "field", new MemoryPersistence());
    client.connect();
    client.publish("lingtan/v1/" + topic, new MqttMessage(text.getBytes(UTF_8), 1, true, null));
    client.disconnect();
    client.close();
  }

  private void wave(Duration patience, Double... percents) {
    step =
        new WaveStep(
            new WaveStep.Orders(
                folder.resolve("wave.json"),
                new Documents(
                    folder.resolve("site.yaml"),
                    new Documents.Signer(
                        SigningKey.make(Randomness.seeded(1)),
                        7,
                        time.wall().millisAt(time.now()) + 600_000)),
                name -> true,
                List.of(percents),
                Duration.ofMillis(100),
                patience,
                0),
            null,
            new AuditClient.Options(
                BrokerAddress.parse(mosquitto.url()), "wave", null, null, null, false),
            time,
            System.out::println);
  }

  private void until(BooleanSupplier what) {
    while (!what.getAsBoolean()) {
      assertFalse(step.isFinished() && !what.getAsBoolean(), () -> "ended: " + step.trouble());
      step.step(time.now());
      step.waiter().await(step.due().nanosSince(time.now()));
    }
  }

  private Wave.Member only() {
    return step.wave().members().iterator().next();
  }

  @Test
  void whatASilentGatewayWasSentIsTakenBack() throws Exception {
    say("gw/status", "online");
    say("gw/reported", OBEYS);
    wave(Duration.ofSeconds(1), 100.0);
    until(() -> step.wave() != null && only().stage() == Stage.SENT);
    assertTrue(sent.poll(5, SECONDS).contains("\"serial\":7"));
    until(step::isFinished);
    assertEquals(Stage.FAILED, only().stage());
    assertTrue(only().why().startsWith("taken back"), only().why());
    assertEquals("", sent.poll(5, SECONDS));
  }

  @Test
  void whereAllAreAwayNothingIsSent() throws Exception {
    say("gw/reported", OBEYS);
    wave(Duration.ofSeconds(1), 50.0, 100.0);
    until(step::isFinished);
    assertTrue(step.wave().stopped().contains("no gateway has applied it"), step.wave().stopped());
    assertNull(sent.poll());
    assertFalse(step.wave().isEverywhere(0));
  }

  @Test
  void whileTheBrokerIsAwayNobodyIsSilent() throws Exception {
    say("gw/status", "online");
    say("gw/reported", OBEYS);
    wave(Duration.ofSeconds(4), 100.0);
    until(() -> step.wave() != null && only().stage() == Stage.SENT);
    mosquitto.stop();
    mosquitto.restart();
    // The step tries again after 5 s, longer than it waits for a gateway, which speaks a while
    // after.
    long from = System.nanoTime();
    until(() -> System.nanoTime() - from > 7_000_000_000L);
    say("gw/reported", "{\"config\":{\"serial\":7,\"state\":\"applied\"}}");
    until(step::isFinished);
    assertEquals(Stage.APPLIED, only().stage(), only().why());
    assertTrue(step.wave().isEverywhere(0));
  }
}
