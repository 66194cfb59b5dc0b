package io.lingtan.agent.audit.link;

import io.lingtan.agent.audit.message.MessageReader;
import io.lingtan.agent.packet.GatedWay;
import io.lingtan.agent.packet.PacketGate;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.internal.NetworkModule;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the subscriber, from its first packet to its end; a new one is made for each
 * attempt.
 *
 * <p>Client id and session outlive it: the broker keeps what is published meanwhile, and sends
 * again what was not acknowledged. Messages are acknowledged by {@link #acknowledge} only. The
 * broker sends at most {@value #RECEIVE_MAXIMUM} beyond that, so the inbox does not overflow; a
 * broker that ignores the limit is disconnected and sends them again.
 *
 * <p>Methods are called by the step's thread; the library's threads only offer to the inbox.
 */
public final class AuditClient {

  public static final int RECEIVE_MAXIMUM = 256;

  /** So much of payloads may wait to be taken in; beyond that the broker has to wait. */
  public static final int ROOM_KILOBYTES = 3 * 1024;

  private static final int MOST_PACKET_BYTES = MessageReader.MOST_BYTES;
  private static final long LOOK_MILLIS = 500;
  private static final Pattern GATEWAY = Pattern.compile("^lingtan/v1/[A-Za-z0-9_-]{1,64}/");

  /** Long enough for a weekend and a holiday. */
  private static final long SESSION_SECONDS = 7 * 86_400L;

  private static final int KEEP_ALIVE_SECONDS = 20;
  private static final int NOBODY = 0x10;
  private static final long ANSWER_NANOS = 10_000_000_000L;

  /**
   * How to connect.
   *
   * @param session whether the broker is to keep what comes while nobody is connected
   */
  public record Options(
      BrokerAddress broker,
      String clientId,
      @Nullable String user,
      byte @Nullable [] password,
      @Nullable SSLSocketFactory tls,
      boolean session) {}

  /**
   * A message that waits to be taken in.
   *
   * @param from the connection that it has to be acknowledged on
   * @param id the packet id
   * @param correlation correlation data as text, empty if it has none
   * @param kilobytes of the room for what waits
   */
  public record Delivery(
      AuditClient from,
      int id,
      int qos,
      String topic,
      byte[] payload,
      boolean retained,
      String correlation,
      int kilobytes) {

    private static final byte[] NONE = {};

    /** What has to be known to acknowledge it. */
    public Delivery withoutPayload() {
      return new Delivery(from, id, qos, topic, NONE, retained, "", 0);
    }
  }

  /** The library's client, but that it reads through a {@link PacketGate}. */
  private final class GatedClient extends MqttAsyncClient {
    GatedClient() throws MqttException {
      super(options.broker().forPaho(), options.clientId(), new MemoryPersistence());
    }

    @Override
    protected NetworkModule[] createNetworkModules(String address, MqttConnectionOptions connection)
        throws MqttException {
      NetworkModule[] ways = super.createNetworkModules(address, connection);
      Arrays.setAll(
          ways,
          i ->
              new GatedWay(
                  ways[i],
                  from -> new PacketGate(from, MOST_PACKET_BYTES, AuditClient.this::takeRoom)));
      return ways;
    }
  }

  private enum Phase {
    CONNECTING,
    CONNECTED,
    SUBSCRIBING,
    FOLLOWING,
    OVER
  }

  private final Options options;
  private final Inbox<Delivery> inbox;
  private final Semaphore room;

  /** Kilobytes of the room that were taken for messages which have not arrived yet, in order. */
  private final Queue<Integer> taken = new ConcurrentLinkedQueue<>();

  private final Runnable wake;
  private final MqttAsyncClient client;
  private final MonotonicInstant deadlineToConnect;
  private MonotonicInstant deadlineToSubscribe = MonotonicInstant.NEVER;
  private Phase phase = Phase.CONNECTING;
  private IMqttToken token;
  private List<String> filters = List.of();
  private @Nullable Trouble trouble;
  private volatile @Nullable Trouble lost;
  private volatile boolean ended;

  private AuditClient(
      Options options, Inbox<Delivery> inbox, Semaphore room, Runnable wake, MonotonicInstant now)
      throws MqttException {
    this.options = options;
    this.inbox = inbox;
    this.room = room;
    this.wake = wake;
    this.deadlineToConnect = now.plusNanos(ANSWER_NANOS);
    this.client = new GatedClient();
    client.setManualAcks(true);
    client.setCallback(new Callback());
    this.token = client.connect(connectionOptions(), null, null);
  }

  /**
   * Begins to connect.
   *
   * @param room {@link #ROOM_KILOBYTES} of it; whoever takes a delivery gives its share back
   * @throws MqttException if the library cannot even try
   */
  public static AuditClient connect(
      Options options, Inbox<Delivery> inbox, Semaphore room, Runnable wake, MonotonicInstant now)
      throws MqttException {
    return new AuditClient(options, inbox, room, wake, now);
  }

  private MqttConnectionOptions connectionOptions() {
    MqttConnectionOptions connection = new MqttConnectionOptions();
    connection.setCleanStart(!options.session());
    connection.setSessionExpiryInterval(options.session() ? SESSION_SECONDS : 0L);
    connection.setReceiveMaximum(RECEIVE_MAXIMUM);
    connection.setMaximumPacketSize((long) MOST_PACKET_BYTES);
    connection.setKeepAliveInterval(KEEP_ALIVE_SECONDS);
    connection.setConnectionTimeout((int) (ANSWER_NANOS / 1_000_000_000L));
    connection.setAutomaticReconnect(false);
    if (options.user() != null) {
      connection.setUserName(options.user());
    }
    if (options.password() != null) {
      connection.setPassword(options.password());
    }
    if (options.tls() != null) {
      connection.setSocketFactory(options.tls());
    }
    connection.setHttpsHostnameVerificationEnabled(true);
    return connection;
  }

  /**
   * The library's receiving thread, before anything is allocated for the message. Whoever waited
   * further on would keep it from reading, and it takes a broker for dead that does not answer its
   * pings.
   */
  private boolean takeRoom(int bytes) throws IOException {
    int kilobytes = Math.min(1 + bytes / 1024, ROOM_KILOBYTES);
    try {
      if (room.tryAcquire(kilobytes, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        taken.add(kilobytes);
      } else if (!ended) {
        return false;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
    if (ended) {
      giveBack();
      throw new EOFException("the connection is over");
    }
    return true;
  }

  /** What has not arrived before the end does not arrive any more: the broker sends it again. */
  private void giveBack() {
    for (Integer share = taken.poll(); share != null; share = taken.poll()) {
      room.release(share);
    }
  }

  /** The library's threads: nothing but the inbox, and no exception may leave. */
  private final class Callback implements MqttCallback {

    @Override
    public void messageArrived(String topic, MqttMessage message) {
      Integer share = taken.poll();
      int kilobytes = share == null ? 0 : share;
      if (ended) {
        room.release(kilobytes);
        return;
      }
      boolean isFlawed = topic.startsWith(PacketGate.FLAWED);
      Delivery delivery =
          new Delivery(
              AuditClient.this,
              message.getId(),
              message.getQos(),
              isFlawed ? flawed(topic.substring(PacketGate.FLAWED.length())) : topic,
              isFlawed ? Delivery.NONE : message.getPayload(),
              message.isRetained(),
              correlation(message.getProperties()),
              kilobytes);
      boolean isIn = inbox.offer(delivery);
      if (!isIn) {
        room.release(kilobytes);
      }
      if (!isIn && message.getQos() > 0) {
        lose(
            new Trouble(
                "broker "
                    + options.broker()
                    + " sends more at once than it was told to; connecting again",
                false));
      }
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
      MqttException exception = response.getException();
      String text =
          exception == null
              ? String.valueOf(response.getReasonString())
              : String.valueOf(exception.getMessage());
      lose(
          Trouble.disconnected(
              options.broker(), options.clientId(), response.getReturnCode(), text));
    }

    /** It counts for its gateway. */
    private static String flawed(String topic) {
      Matcher gateway = GATEWAY.matcher(topic);
      return (gateway.find() ? gateway.group() : "lingtan/") + MessageReader.FLAWED;
    }

    private static String correlation(@Nullable MqttProperties properties) {
      byte[] data = properties == null ? null : properties.getCorrelationData();
      return data == null ? "" : new String(data, StandardCharsets.UTF_8);
    }

    private void lose(Trouble why) {
      if (lost == null) {
        lost = why;
      }
      wake.run();
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {
      wake.run();
    }

    @Override
    public void deliveryComplete(IMqttToken done) {}

    @Override
    public void connectComplete(boolean reconnect, String uri) {
      wake.run();
    }

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
  }

  /**
   * Goes on as far as it can without waiting.
   *
   * @param onConnected told once whether the broker had kept the session; before any message that
   *     is due to the subscription
   * @param toSubscribe topic filters, QoS 1
   */
  public void advance(
      MonotonicInstant now, Consumer<Boolean> onConnected, List<String> toSubscribe) {
    if (phase == Phase.OVER) {
      return;
    }
    if (phase == Phase.CONNECTING) {
      awaitAnswer(now, deadlineToConnect, Phase.CONNECTED);
      if (phase == Phase.CONNECTED) {
        onConnected.accept(token.getSessionPresent());
        subscribe(now, toSubscribe);
      }
    }
    if (phase == Phase.SUBSCRIBING) {
      awaitAnswer(now, deadlineToSubscribe, Phase.FOLLOWING);
      if (phase == Phase.FOLLOWING) {
        checkGranted();
      }
    }
    Trouble why = lost;
    if (why != null && phase != Phase.CONNECTING) {
      over(why);
    }
  }

  private void awaitAnswer(MonotonicInstant now, MonotonicInstant deadline, Phase next) {
    // A token that failed is never "complete".
    MqttException failed = token.getException();
    if (failed != null) {
      Trouble told = lost;
      over(
          told != null && told.hopeless()
              ? told
              : Trouble.of(options.broker(), options.clientId(), failed));
    } else if (token.isComplete()) {
      phase = next;
    } else if (!now.isBefore(deadline)) {
      over(Trouble.silent(options.broker()));
    }
  }

  private void subscribe(MonotonicInstant now, List<String> toSubscribe) {
    filters = List.copyOf(toSubscribe);
    List<MqttSubscription> subscriptions = new ArrayList<>();
    filters.forEach(filter -> subscriptions.add(new MqttSubscription(filter, 1)));
    try {
      token =
          client.subscribe(
              subscriptions.toArray(MqttSubscription[]::new), null, null, new MqttProperties());
      deadlineToSubscribe = now.plusNanos(ANSWER_NANOS);
      phase = Phase.SUBSCRIBING;
    } catch (MqttException e) {
      over(Trouble.of(options.broker(), options.clientId(), e));
    }
  }

  private void checkGranted() {
    int[] reasons = token.getReasonCodes();
    for (int i = 0; reasons != null && i < reasons.length; i++) {
      if (reasons[i] >= 0x80) {
        String filter = filters.get(Math.min(i, filters.size() - 1));
        over(Trouble.notSubscribed(options.broker(), filter, reasons[i]));
        return;
      }
    }
  }

  /**
   * Sends a command.
   *
   * @param responseTopic where the answer is to go, null for where it goes by itself
   * @return null if there is no connection
   */
  public GatewayRequests.@Nullable SentRequest command(
      String topic, String payload, @Nullable String responseTopic, String correlation) {
    if (phase != Phase.FOLLOWING) {
      return null;
    }
    MqttProperties properties = new MqttProperties();
    if (responseTopic != null) {
      properties.setResponseTopic(responseTopic);
    }
    properties.setCorrelationData(correlation.getBytes(StandardCharsets.UTF_8));
    MqttMessage message = new MqttMessage(payload.getBytes(StandardCharsets.UTF_8));
    message.setQos(1);
    message.setProperties(properties);
    try {
      IMqttToken sent = client.publish(topic, message);
      return () -> failure(topic, sent);
    } catch (MqttException e) {
      return null;
    }
  }

  /** What is to stand at a topic, on its way to the broker. */
  public interface Retained {
    boolean isTaken();

    /** Why the broker refuses it, null if it does not. */
    @Nullable String refusal();
  }

  /**
   * Publishes what is to stand at a topic, QoS 1.
   *
   * @param payload empty for nothing
   * @return null if there is no connection
   */
  public @Nullable Retained retain(String topic, byte[] payload) {
    if (phase != Phase.FOLLOWING) {
      return null;
    }
    try {
      IMqttToken sent = client.publish(topic, payload, 1, true);
      return new Retained() {
        @Override
        public boolean isTaken() {
          return sent.isComplete() && sent.getException() == null;
        }

        @Override
        public @Nullable String refusal() {
          GatewayRequests.Failure failure = failure(topic, sent);
          return failure != null && failure.isRefused() ? failure.text() : null;
        }
      };
    } catch (MqttException e) {
      return null;
    }
  }

  private GatewayRequests.@Nullable Failure failure(String topic, IMqttToken sent) {
    int[] reasons = sent.isComplete() || sent.getException() != null ? sent.getReasonCodes() : null;
    int reason = reasons == null || reasons.length == 0 ? 0 : reasons[0];
    if (reason >= 0x80) {
      return new GatewayRequests.Failure(
          true,
          "broker %s does not allow to publish to %s (reason %d)"
              .formatted(options.broker(), topic, reason));
    }
    return reason == NOBODY
        ? new GatewayRequests.Failure(false, "the gateway does not listen to " + topic)
        : null;
  }

  /** Tells the broker that it may forget this message. */
  public void acknowledge(Delivery delivery) {
    if (phase == Phase.OVER || delivery.qos() == 0) {
      return;
    }
    try {
      client.messageArrivedComplete(delivery.id(), delivery.qos());
    } catch (MqttException e) {
      // The connection is going: the broker will send it again, and that is harmless.
      lost = lost == null ? Trouble.of(options.broker(), options.clientId(), e) : lost;
    }
  }

  private void over(Trouble why) {
    trouble = why;
    phase = Phase.OVER;
    ended = true;
    abandon();
    giveBack();
  }

  /** Ends it; the broker keeps the session. */
  public void close() {
    if (phase == Phase.OVER) {
      return;
    }
    boolean connected = phase != Phase.CONNECTING;
    phase = Phase.OVER;
    ended = true;
    if (connected) {
      try {
        client.disconnect(0).waitForCompletion(1_000);
      } catch (MqttException e) {
        // It ends all the same.
      }
    }
    abandon();
    giveBack();
  }

  private void abandon() {
    try {
      client.disconnectForcibly(0, 0, false);
    } catch (MqttException e) {
      // Was not connected.
    }
    try {
      client.close(true);
    } catch (MqttException e) {
      // Nothing is left to close.
    }
  }

  public boolean isFollowing() {
    return phase == Phase.FOLLOWING;
  }

  public boolean isOver() {
    return phase == Phase.OVER;
  }

  /** Why it is over, null if it is not or was closed. */
  public @Nullable Trouble trouble() {
    return trouble;
  }
}
