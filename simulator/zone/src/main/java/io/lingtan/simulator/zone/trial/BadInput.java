package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.seal.SigningKey;
import io.lingtan.simulator.zone.fold.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;

/** What somebody sends in a gateway's name, and into the midst of its records. */
final class BadInput {

  private static final long ANSWER_MILLIS = 10_000;
  private static final int LARGE_BYTES = 700_000;

  /** Why they have to be dead letters. */
  static final Set<String> REASONS =
      new TreeSet<>(
          Set.of(
              Refusal.CLONED_ID.word(),
              Refusal.GARBAGE.word(),
              Refusal.LATER_SCHEMA.word(),
              Refusal.NOT_A_MEMBER.word(),
              Refusal.TOO_LARGE.word(),
              Refusal.UNSIGNED.word(),
              Refusal.WRONG_SIGNATURE.word()));

  private BadInput() {}

  static void send(String brokerUrl, String gateway, RandomGenerator random) throws IOException {
    String root = "lingtan/v1/" + gateway + "/";
    String record =
        "{\"epoch\":\"ffffffff\",\"seq\":1,\"after\":0,\"ts\":1,\"interval\":\"1m\",\"start\":0,\"end\":60000,\"rev\":9,"
            + "\"metrics\":{\"elec.grid.import\":{\"v\":1000000,\"u\":\"kW.h\"}},\"prev\":\"A\"";
    SigningKey other = SigningKey.make(random);
    try {
      MqttAsyncClient client =
          new MqttAsyncClient(
              brokerUrl.replace("mqtt://", "tcp://"), "zone-bad-input", new MemoryPersistence());
      try {
        client.connect(new MqttConnectionOptions()).waitForCompletion(ANSWER_MILLIS);
        publish(client, root + "data/gate", "\u0000{ no JSON");
        publish(client, "lingtan/v1/nobody/event", "{}");
        publish(client, root + "event", "x".repeat(LARGE_BYTES));
        publish(client, root + "meta", "{\"schema\":\"lingtan/v2\"}");
        publish(
            client,
            root + "meta",
            "{\"schema\":\"lingtan/v1\",\"key\":" + other.open().jwk() + "}");
        publish(client, root + "interval/1m", record + "}");
        publish(
            client,
            root + "interval/1m",
            record + ",\"sig\":\"" + other.sign(record + "}") + "\"}");
        client.disconnect().waitForCompletion(ANSWER_MILLIS);
      } finally {
        client.close(true);
      }
    } catch (MqttException e) {
      throw new IOException("bad input cannot be sent: " + e.getMessage(), e);
    }
  }

  private static void publish(MqttAsyncClient client, String topic, String text)
      throws MqttException {
    client
        .publish(topic, new MqttMessage(text.getBytes(StandardCharsets.UTF_8), 1, false, null))
        .waitForCompletion(ANSWER_MILLIS);
  }
}
