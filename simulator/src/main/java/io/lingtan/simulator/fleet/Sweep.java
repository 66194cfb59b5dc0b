package io.lingtan.simulator.fleet;

import io.lingtan.agent.audit.link.BrokerAddress;
import java.util.List;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;

/** Takes what a fleet has left at somebody's broker away: retained messages, and a session. */
final class Sweep {

  private static final long ANSWER_MILLIS = 10_000;

  private Sweep() {}

  /** Does what it can; what is left harms nobody and is said. */
  static void of(BrokerAddress broker, List<String> gateways) {
    try {
      MqttAsyncClient client =
          new MqttAsyncClient(
              "tcp://" + broker.host() + ":" + broker.port(),
              Fleet.AUDITOR_ID,
              new MemoryPersistence());
      try {
        MqttConnectionOptions options = new MqttConnectionOptions();
        // A clean start under the auditor's name ends its session.
        options.setCleanStart(true);
        options.setSessionExpiryInterval(0L);
        client.connect(options).waitForCompletion(ANSWER_MILLIS);
        for (String gateway : gateways) {
          sweep(client, "lingtan/v1/" + gateway + "/");
        }
        client.disconnect().waitForCompletion(ANSWER_MILLIS);
      } finally {
        client.close(true);
      }
    } catch (MqttException e) {
      System.err.println(
          "what the fleet's gateways retained is still at "
              + broker
              + " ("
              + e.getMessage()
              + "): delete the topics lingtan/v1/fleet-*");
    }
  }

  private static void sweep(MqttAsyncClient client, String root) throws MqttException {
    IMqttToken last = null;
    for (String topic : List.of("status", "store", "meta", "meta/" + Fleet.DEVICE)) {
      last = client.publish(root + topic, new MqttMessage(new byte[0], 1, true, null));
    }
    if (last != null) {
      last.waitForCompletion(ANSWER_MILLIS);
    }
  }
}
