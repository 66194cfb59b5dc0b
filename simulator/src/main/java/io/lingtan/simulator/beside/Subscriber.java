package io.lingtan.simulator.beside;

import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.agent.run.Time;
import java.util.concurrent.atomic.AtomicLong;
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
 * A subscriber with a session that the broker keeps, so that what arrives while this side is away
 * is handed over later. Own thread; messages go into an inbox of {@value #MOST_WAITING}, and one
 * that finds it full is counted: then nothing can be proved.
 */
public final class Subscriber extends NamedStep {

  private static final int MOST_WAITING = 100_000;
  private static final long SESSION_SECONDS = 3_600;
  private static final int ANSWER_MILLIS = 3_000;
  private static final long RETRY_MILLIS = 200;

  private final String clientId;
  private final String url;
  private final String filter;
  private final Time time;
  private final Inbox<Arrival> arrivals = new Inbox<>(MOST_WAITING);
  private final AtomicLong sessionsLost = new AtomicLong();
  private @Nullable MqttAsyncClient client;
  private boolean hadSession;
  private volatile boolean connected;
  private MonotonicInstant due;

  /** A message as it came. */
  public record Arrival(String topic, byte[] payload, boolean retained, long atMillis) {}

  /**
   * @param port of the broker on this machine
   * @param filter the topics
   */
  public Subscriber(String clientId, int port, String filter, Time time) {
    super("subscriber " + clientId);
    this.clientId = clientId;
    this.url = "tcp://127.0.0.1:" + port;
    this.filter = filter;
    this.time = time;
    this.due = time.now();
  }

  /** Messages in the order in which they came. */
  public Inbox<Arrival> arrivals() {
    return arrivals;
  }

  public boolean isConnected() {
    return connected;
  }

  /** How often the broker had forgotten this subscriber. */
  public long sessionsLost() {
    return sessionsLost.get();
  }

  @Override
  public int step(MonotonicInstant now) {
    MqttAsyncClient present = client;
    if (present != null && present.isConnected()) {
      due = now.plusMillis(RETRY_MILLIS);
      return 0;
    }
    if (now.isBefore(due)) {
      return 0;
    }
    connected = false;
    if (present != null) {
      letGo(present);
    }
    connect();
    due = time.now().plusMillis(RETRY_MILLIS);
    return 0;
  }

  private void connect() {
    MqttAsyncClient fresh = null;
    try {
      fresh = new MqttAsyncClient(url, clientId, new MemoryPersistence());
      fresh.setCallback(new Callback());
      MqttConnectionOptions options = new MqttConnectionOptions();
      options.setCleanStart(false);
      options.setSessionExpiryInterval(SESSION_SECONDS);
      options.setAutomaticReconnect(false);
      options.setConnectionTimeout(ANSWER_MILLIS / 1_000);
      options.setKeepAliveInterval(10);
      IMqttToken answer = fresh.connect(options);
      answer.waitForCompletion(ANSWER_MILLIS);
      if (hadSession && !answer.getSessionPresent()) {
        sessionsLost.incrementAndGet();
      }
      fresh.subscribe(filter, 1).waitForCompletion(ANSWER_MILLIS);
      hadSession = true;
      client = fresh;
      connected = true;
    } catch (MqttException e) {
      // The broker is away, as it is meant to be now and then; the next step tries again.
      if (fresh != null) {
        letGo(fresh);
      }
    }
  }

  private static void letGo(MqttAsyncClient gone) {
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
  public void close() {
    connected = false;
    if (client != null) {
      letGo(client);
    }
  }

  private final class Callback implements MqttCallback {
    @Override
    public void messageArrived(String topic, MqttMessage message) {
      arrivals.offer(
          new Arrival(
              topic, message.getPayload(), message.isRetained(), time.wall().millisAt(time.now())));
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
      connected = false;
      waiter.wake();
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
