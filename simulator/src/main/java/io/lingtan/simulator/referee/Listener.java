package io.lingtan.simulator.referee;

import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * Receives everything at a broker, in a session that the broker keeps over its restart. Own thread;
 * messages go into an inbox, and one that finds it full is counted there: then nothing is proven.
 */
final class Listener implements Step {

  private static final int MOST_WAITING = 100_000;
  private static final long SESSION_SECONDS = 3_600;
  private static final int ANSWER_MILLIS = 3_000;
  private static final long RETRY_MILLIS = 200;

  private final String url;
  private final Inbox<Message> messages = new Inbox<>("messages", MOST_WAITING);
  private final Waiter waiter = Waiter.parking();
  private @Nullable MqttAsyncClient client;
  private volatile boolean connected;
  private MonotonicInstant due;

  /** A message as it came; not one that was retained before. */
  record Message(String topic, byte[] payload) {}

  Listener(int port, Time time) {
    this.url = "tcp://127.0.0.1:" + port;
    this.due = time.now();
  }

  Inbox<Message> messages() {
    return messages;
  }

  boolean isConnected() {
    return connected;
  }

  @Override
  public String name() {
    return "referee's subscriber";
  }

  @Override
  public int step(MonotonicInstant now) {
    MqttAsyncClient present = client;
    boolean up = present != null && present.isConnected();
    if (!up && !now.isBefore(due)) {
      connected = false;
      letGo();
      connect();
    }
    due = now.plusMillis(RETRY_MILLIS);
    return 0;
  }

  private void connect() {
    try {
      MqttAsyncClient fresh = new MqttAsyncClient(url, "lingtan-referee", new MemoryPersistence());
      client = fresh;
      fresh.setCallback(new Callback());
      MqttConnectionOptions options = new MqttConnectionOptions();
      options.setCleanStart(false);
      options.setSessionExpiryInterval(SESSION_SECONDS);
      options.setAutomaticReconnect(false);
      options.setConnectionTimeout(ANSWER_MILLIS / 1_000);
      options.setKeepAliveInterval(10);
      IMqttToken answer = fresh.connect(options);
      answer.waitForCompletion(ANSWER_MILLIS);
      fresh.subscribe("#", 1).waitForCompletion(ANSWER_MILLIS);
      connected = true;
    } catch (MqttException e) {
      // The broker is away, as it is meant to be in one phase; the next step tries again.
      letGo();
    }
  }

  private void letGo() {
    MqttAsyncClient gone = client;
    client = null;
    if (gone == null) {
      return;
    }
    try {
      gone.disconnectForcibly(0, 0, false);
    } catch (MqttException | RuntimeException e) {
      // It was not connected, or never had been: Paho then trips over what it has not made yet.
    }
    try {
      gone.close(true);
    } catch (MqttException | RuntimeException e) {
      // Nothing is left to free.
    }
  }

  @Override
  public MonotonicInstant due() {
    return due;
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }

  @Override
  public void close() {
    connected = false;
    letGo();
  }

  private final class Callback implements MqttCallback {
    @Override
    public void messageArrived(String topic, MqttMessage message) {
      if (!message.isRetained()) {
        messages.offer(new Message(topic, message.getPayload()));
      }
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
      connected = false;
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {}

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
  }
}
