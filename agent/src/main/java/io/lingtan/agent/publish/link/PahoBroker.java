package io.lingtan.agent.publish.link;

import io.lingtan.agent.packet.GatedWay;
import io.lingtan.agent.packet.PacketGate;
import io.lingtan.agent.run.Errands;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.tls.Tls;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClientException;
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
 * A real broker, through Eclipse Paho. A new client for each connection, with a clean start and
 * nothing kept in it: what was not acknowledged is known to the journal. Paho's callbacks, on its
 * own threads, only put into the inboxes; its blocking calls run as errands.
 */
public final class PahoBroker implements Broker {

  private static final int KEEP_ALIVE_SECONDS = 30;
  private static final int TCP_CONNECT_SECONDS = 10;

  /** TCP, TLS and CONNACK together. */
  private static final long CONNECT_MILLIS = 20_000;

  private static final long GOODBYE_MILLIS = 2_000;
  private static final int RECEIVE_MAXIMUM = 16;
  private static final int MOST_ERRANDS = 4;

  /** Three long tasks of Paho, its pings, and its connecting or disconnecting. */
  private static final int MOST_THREADS = 5;

  /** MQTT 5.0 section 3.9.3: this broker takes no filters with + or #. */
  public static final int NO_WILDCARDS = 0xa2;

  /** Retain handling: MQTT 5.0 section 3.8.3.1. */
  private static final int SEND_RETAINED = 0;

  private static final int NOTHING_RETAINED = 2;

  /**
   * Of one packet, its header included. A command has 64 kB at most, our own {@code store} and
   * {@code meta} less; sixteen of these on their way cost 2 MB.
   */
  private static final int MOST_PACKET_BYTES = 128 * 1024;

  /** The same where a fleet's documents of 256 kB are taken, and larger ones refused by name. */
  private static final int MOST_FLEET_PACKET_BYTES = 320 * 1024;

  /** Of messages that only a fleet's document can be, so many wait at most. */
  private static final int MOST_LARGE = 8;

  /** MQTT 5.0 section 3.14.2.1: disconnect, and publish the Will. */
  private static final int DISCONNECT_WITH_WILL = 4;

  private final Site.Mqtt settings;
  private final String gateway;
  private final @Nullable ScheduledExecutorService threads;
  private final boolean tellsWritten;
  private final int mostPacketBytes;
  private final Inbox<Signal> signals = new Inbox<>(1024);
  private final Inbox<Signal.Arrived> arrivals = new Inbox<>(64);
  private final Errands errands = new Errands("broker", MOST_ERRANDS);
  private final Credentials credentials;
  private @Nullable Session session;
  private volatile @Nullable Instant certificatesAsOf;

  /** A broker whose library has threads of its own: four for each connection. */
  public PahoBroker(Site site) {
    this(site, null);
  }

  /**
   * A broker for a look at it, under another client id than the gateway's, so that nobody is thrown
   * out.
   */
  public PahoBroker(Site.Mqtt settings, String clientId) {
    this(settings, clientId, null, false, MOST_PACKET_BYTES);
  }

  /**
   * A broker for a view, under a client id of its own, that tells when a message with QoS 0 has
   * been written.
   */
  public static PahoBroker forView(Site.Mqtt settings, String clientId) {
    return new PahoBroker(settings, clientId, null, true, MOST_PACKET_BYTES);
  }

  /**
   * A broker of one of many gateways in a process.
   *
   * @param threads on which the library runs what it needs, three long tasks for each connection
   *     and short ones; null for threads of each connection's own. Not shut down here
   */
  public PahoBroker(Site site, @Nullable ScheduledExecutorService threads) {
    this(
        site.mqtt(),
        site.gateway(),
        threads,
        false,
        site.fleet() == null ? MOST_PACKET_BYTES : MOST_FLEET_PACKET_BYTES);
  }

  private PahoBroker(
      Site.Mqtt settings,
      String clientId,
      @Nullable ScheduledExecutorService threads,
      boolean tellsWritten,
      int mostPacketBytes) {
    this.mostPacketBytes = mostPacketBytes;
    this.settings = settings;
    this.credentials = new Credentials(settings);
    this.gateway = clientId;
    this.threads = threads;
    this.tellsWritten = tellsWritten;
  }

  @Override
  public Inbox<Signal> signals() {
    return signals;
  }

  @Override
  public Inbox<Signal.Arrived> arrivals() {
    return arrivals;
  }

  @Override
  public long certificateEndsMillis() {
    return credentials.endsMillis();
  }

  @Override
  public void certificatesAsOf(@Nullable Instant when) {
    certificatesAsOf = when;
  }

  @Override
  public void lookAtFiles() {
    errands.run(() -> credentials.look(certificatesAsOf));
  }

  @Override
  public Files files() {
    return credentials.files();
  }

  @Override
  public void connect(long connection, String server, Will will) {
    cut();
    Session next = new Session(connection, server);
    session = next;
    if (!errands.run(() -> next.open(will))) {
      next.ended(
          new Failure(
              Failure.Kind.TIMEOUT,
              -1,
              server + ": earlier connections have not ended yet; trying again"),
          false);
    }
  }

  @Override
  public boolean publish(long id, Message message) {
    Session now = session;
    return now != null && now.publish(id, message);
  }

  @Override
  public boolean subscribe(List<String> filters) {
    Session now = session;
    return now != null && now.subscribe(filters, SEND_RETAINED);
  }

  @Override
  public boolean subscribeToNew(List<String> filters) {
    Session now = session;
    return now != null && now.subscribe(filters, NOTHING_RETAINED);
  }

  @Override
  public Heard heard() {
    Session now = session;
    PacketGate gate = now == null ? null : now.gate;
    return now == null || gate == null
        ? Heard.UNKNOWN
        : new Heard(gate.asked(), gate.packets(), now.keepAliveSeconds);
  }

  @Override
  public void unsubscribe(List<String> filters) {
    Session now = session;
    if (now != null) {
      now.unsubscribe(filters);
    }
  }

  @Override
  public void cut() {
    Session old = session;
    session = null;
    if (old != null) {
      errands.run(old::cut);
    }
  }

  @Override
  public void goodbye() {
    Session old = session;
    session = null;
    if (old != null) {
      old.over.set(true);
      errands.run(
          () -> {
            old.sayGoodbye();
            old.cut();
          });
    }
  }

  @Override
  public void close() {
    Session last = session;
    session = null;
    if (last != null) {
      last.sayGoodbye();
      last.cut();
    }
  }

  /** One connection. */
  private final class Session implements MqttCallback {

    private final long connection;
    private final String server;
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean overflown;
    private volatile int keepAliveSeconds = KEEP_ALIVE_SECONDS;
    private volatile @Nullable MqttAsyncClient client;
    private volatile @Nullable PacketGate gate;
    private volatile @Nullable NetworkModule way;

    /** Where nobody handed threads over: those of this connection, which end with it. */
    private final @Nullable ScheduledExecutorService own;

    Session(long connection, String server) {
      this.connection = connection;
      this.server = server;
      this.own = threads == null ? Threads.scheduled("mqtt " + gateway, MOST_THREADS) : null;
    }

    private InputStream gated(InputStream from) {
      PacketGate opened = new PacketGate(from, mostPacketBytes, PacketGate.Room.WITHOUT_END);
      gate = opened;
      return opened;
    }

    /** Errand. */
    void open(Will will) {
      try {
        credentials.use();
        MqttConnectionOptions options = options(will);
        var opened = new GatedClient(this);
        client = opened;
        opened.setCallback(this);
        IMqttToken token = opened.connect(options);
        token.waitForCompletion(CONNECT_MILLIS);
        connected(token.getResponseProperties());
      } catch (MqttException | Tls.Unusable | RuntimeException e) {
        ended(ConnectionSentences.connecting(server, gateway, e), isConnectSent(e));
        cut();
      }
    }

    /**
     * Paho sends CONNECT as soon as the way is open, TLS included. Before that it says that nobody
     * listens, or hands on what the network or TLS said; after that a broken connection has a code
     * of its own.
     */
    private static boolean isConnectSent(Exception error) {
      if (!(error instanceof MqttException mqtt)) {
        return false;
      }
      boolean isNetwork =
          mqtt.getCause() instanceof IOException && !(mqtt.getCause() instanceof EOFException);
      return switch (mqtt.getReasonCode()) {
        case MqttClientException.REASON_CODE_SERVER_CONNECT_ERROR -> false;
        case MqttException.REASON_CODE_CLIENT_EXCEPTION -> !isNetwork;
        default -> true;
      };
    }

    private void connected(@Nullable MqttProperties properties) {
      if (over.get()) {
        cut(); // given up while it was being made
        return;
      }
      MqttProperties said = properties == null ? new MqttProperties() : properties;
      if (said.getMaximumQoS() != null && said.getMaximumQoS() < 1) {
        ended(ConnectionSentences.unfit(server, ConnectionSentences.ONLY_QOS_0));
        cut();
        return;
      }
      if (said.isRetainAvailable() != null && !said.isRetainAvailable()) {
        ended(ConnectionSentences.unfit(server, ConnectionSentences.NO_RETAINED));
        cut();
        return;
      }
      if (said.getReceiveMaximum() != null && said.getReceiveMaximum() < 1) {
        ended(ConnectionSentences.unfit(server, ConnectionSentences.TAKES_NOTHING));
        cut();
        return;
      }
      if (said.getServerKeepAlive() != null) {
        keepAliveSeconds = said.getServerKeepAlive();
        ping();
      }
      Integer receiveMaximum = said.getReceiveMaximum();
      Long maximumPacket = said.getMaximumPacketSize();
      tell(
          new Signal.Connected(
              connection,
              receiveMaximum == null ? 65_535 : receiveMaximum,
              maximumPacket == null
                  ? Integer.MAX_VALUE
                  : (int) Math.min(maximumPacket, Integer.MAX_VALUE)));
    }

    /**
     * Paho has set its timer by our own keep-alive before it sees the broker's; this sets it anew.
     */
    private void ping() {
      MqttAsyncClient now = client;
      try {
        if (now != null) {
          now.checkPing(null, null);
        }
      } catch (MqttException e) {
        // It is going down already, and says so.
        return;
      }
    }

    private MqttConnectionOptions options(Will will) throws Tls.Unusable {
      MqttConnectionOptions options = new MqttConnectionOptions();
      options.setCleanStart(true);
      options.setSessionExpiryInterval(0L);
      options.setAutomaticReconnect(false);
      options.setKeepAliveInterval(KEEP_ALIVE_SECONDS);
      options.setConnectionTimeout(TCP_CONNECT_SECONDS);
      options.setReceiveMaximum(RECEIVE_MAXIMUM);
      options.setMaximumPacketSize((long) mostPacketBytes);
      options.setWill(will.topic(), new MqttMessage(will.payload(), 1, will.retained(), null));
      String user = settings.user();
      if (user != null) {
        options.setUserName(user);
      }
      byte[] password = credentials.password();
      if (password != null) {
        options.setPassword(password);
      }
      if (server.startsWith("mqtts:")) {
        options.setSocketFactory(Tls.factory(credentials.identity(), certificatesAsOf));
        options.setHttpsHostnameVerificationEnabled(true);
      }
      return options;
    }

    boolean publish(long id, Message message) {
      MqttAsyncClient now = client;
      if (now == null || over.get() || overflown) {
        return false;
      }
      MqttMessage out = new MqttMessage(message.payload());
      out.setQos(message.qos());
      out.setRetained(message.retained());
      byte[] correlation = message.correlation();
      if (correlation != null) {
        MqttProperties properties = new MqttProperties();
        properties.setCorrelationData(correlation);
        out.setProperties(properties);
      }
      try {
        boolean isTold = message.qos() > 0 || tellsWritten;
        now.publish(message.topic(), out, null, isTold ? new Acks(id) : null);
        return true;
      } catch (MqttException | IllegalArgumentException e) {
        return false;
      }
    }

    boolean subscribe(List<String> filters, int retainHandling) {
      MqttAsyncClient now = client;
      if (now == null || over.get()) {
        return false;
      }
      MqttSubscription[] wanted =
          filters.stream().map(f -> new MqttSubscription(f, 1)).toArray(MqttSubscription[]::new);
      for (MqttSubscription one : wanted) {
        one.setRetainHandling(retainHandling);
      }
      try {
        now.subscribe(wanted, null, new Subacks(filters), new MqttProperties());
        return true;
      } catch (IllegalArgumentException e) {
        // CONNACK said that there are no wildcards, and Paho asks no further.
        tell(new Signal.Subscribed(connection, filters, all(filters, NO_WILDCARDS)));
        return true;
      } catch (MqttException e) {
        return false;
      }
    }

    void unsubscribe(List<String> filters) {
      MqttAsyncClient now = client;
      if (now == null || over.get()) {
        return;
      }
      try {
        now.unsubscribe(filters.toArray(String[]::new), null, null, new MqttProperties());
      } catch (MqttException e) {
        // The connection is going down, and the subscription with it.
        return;
      }
    }

    private void tell(Signal signal) {
      if (!signals.offer(signal)) {
        overflown = true; // publish refuses from now on, and the publisher cuts the connection
      }
    }

    /** The last signal of the connection, once. */
    void ended(Failure failure) {
      ended(failure, true);
    }

    private void ended(Failure failure, boolean isConnectSent) {
      if (over.compareAndSet(false, true)) {
        tell(new Signal.Lost(connection, failure, isConnectSent));
      }
    }

    /** Errand, or the publisher's thread at its end. */
    void cut() {
      over.set(true);
      MqttAsyncClient now = client;
      if (now == null) {
        return;
      }
      try {
        now.disconnectForcibly(0, 0, false);
      } catch (MqttException | RuntimeException e) {
        // It was not connected, or never had been: Paho then trips over what it has not made yet.
        // Closing is what matters.
      }
      try {
        now.close(true);
      } catch (MqttException | RuntimeException e) {
        // Its threads end with the socket.
      }
      NetworkModule ending = way;
      try {
        if (ending != null) {
          ending.stop();
        }
      } catch (IOException | RuntimeException e) {
        // It was closed before.
      }
      if (own != null) {
        own.shutdownNow(); // one in some hundred of Paho's senders sleeps through its own end
      }
    }

    void sayGoodbye() {
      MqttAsyncClient now = client;
      if (now == null || !now.isConnected()) {
        return;
      }
      try {
        now.disconnect(GOODBYE_MILLIS / 2, null, null, DISCONNECT_WITH_WILL, new MqttProperties())
            .waitForCompletion(GOODBYE_MILLIS);
      } catch (MqttException e) {
        // Too late for politeness: the broker publishes the Will by itself.
      }
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
      ended(
          ConnectionSentences.lost(
              server, gateway, response.getReturnCode(), response.getException()));
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {
      // A packet that makes no sense: Paho disconnects if it matters, and says so above.
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
      if (topic.startsWith(PacketGate.FLAWED)) {
        arrivals.offer(
            Signal.Arrived.flawed(
                connection,
                topic.substring(PacketGate.FLAWED.length()),
                message.isRetained(),
                new String(message.getPayload(), StandardCharsets.UTF_8)));
        return;
      }
      if (isLarge(message.getPayload())
          && arrivals.count(each -> isLarge(each.payload())) >= MOST_LARGE) {
        arrivals.offer(
            Signal.Arrived.flawed(
                connection,
                topic,
                message.isRetained(),
                "of so many large messages at once one was thrown away"));
        return;
      }
      MqttProperties properties = message.getProperties();
      arrivals.offer(
          new Signal.Arrived(
              connection,
              topic,
              message.getPayload(),
              message.isRetained(),
              properties == null ? null : properties.getResponseTopic(),
              properties == null ? null : properties.getCorrelationData()));
    }

    private static boolean isLarge(byte[] payload) {
      return payload.length > MOST_PACKET_BYTES;
    }

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}

    /**
     * Paho calls onSuccess for a PUBACK that refuses, too: only its reason code says what it is.
     */
    private final class Acks implements MqttActionListener {
      private final long id;

      Acks(long id) {
        this.id = id;
      }

      @Override
      public void onSuccess(IMqttToken token) {
        tell(new Signal.Acked(connection, id, first(token.getReasonCodes(), 0)));
      }

      @Override
      public void onFailure(@Nullable IMqttToken token, Throwable exception) {
        int reason = token == null ? -1 : first(token.getReasonCodes(), -1);
        if (reason >= 0x80) {
          tell(new Signal.Acked(connection, id, reason));
        }
        // Otherwise the connection is lost, and that is told on its own.
      }
    }

    private final class Subacks implements MqttActionListener {
      private final List<String> filters;

      Subacks(List<String> filters) {
        this.filters = filters;
      }

      @Override
      public void onSuccess(IMqttToken token) {
        tell(new Signal.Subscribed(connection, filters, reasons(token)));
      }

      @Override
      public void onFailure(@Nullable IMqttToken token, Throwable exception) {
        tell(new Signal.Subscribed(connection, filters, reasons(token)));
      }

      private List<Integer> reasons(@Nullable IMqttToken token) {
        int[] codes = token == null ? null : token.getReasonCodes();
        return codes == null || codes.length == 0
            ? all(filters, 0x80)
            : Arrays.stream(codes).boxed().toList();
      }
    }
  }

  /** Paho's client, but that it reads through a {@link PacketGate}. */
  private final class GatedClient extends MqttAsyncClient {
    private final Session session;

    GatedClient(Session session) throws MqttException {
      super(
          pahoUri(session.server),
          gateway,
          new MemoryPersistence(),
          null,
          session.own == null ? threads : session.own);
      this.session = session;
    }

    @Override
    protected NetworkModule[] createNetworkModules(String address, MqttConnectionOptions options)
        throws MqttException {
      NetworkModule[] modules = super.createNetworkModules(address, options);
      session.way = modules[0]; // of one server
      Arrays.setAll(modules, i -> new GatedWay(modules[i], session::gated));
      return modules;
    }
  }

  private static int first(int @Nullable [] codes, int otherwise) {
    return codes == null || codes.length == 0 ? otherwise : codes[0];
  }

  private static List<Integer> all(List<String> filters, int reason) {
    return filters.stream().map(filter -> reason).toList();
  }

  /** {@code mqtt://h:p} and {@code mqtts://h:p} as Paho writes them. */
  static String pahoUri(String server) {
    URI uri = URI.create(server);
    boolean tls = "mqtts".equals(uri.getScheme());
    if (uri.getHost() == null || (!tls && !"mqtt".equals(uri.getScheme()))) {
      throw new IllegalArgumentException(server + " is not mqtt://host:port or mqtts://host:port");
    }
    int port = uri.getPort() > 0 ? uri.getPort() : tls ? 8883 : 1883;
    return (tls ? "ssl://" : "tcp://") + uri.getHost() + ":" + port;
  }
}
