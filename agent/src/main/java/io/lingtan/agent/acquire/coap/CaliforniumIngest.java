package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.acquire.coap.IngestSignal.Pushed;
import io.lingtan.agent.acquire.coap.IngestSignal.TurnedAway;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.site.Line;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.Principal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import javax.crypto.SecretKey;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.interceptors.MessageInterceptorAdapter;
import org.eclipse.californium.core.server.MessageDeliverer;
import org.eclipse.californium.elements.Connector;
import org.eclipse.californium.elements.UDPConnector;
import org.eclipse.californium.elements.auth.PreSharedKeyIdentity;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.ConnectionListener;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.AlertMessage;
import org.eclipse.californium.scandium.dtls.Connection;
import org.eclipse.californium.scandium.dtls.ConnectionId;
import org.eclipse.californium.scandium.dtls.PskPublicInformation;
import org.eclipse.californium.scandium.dtls.PskSecretResult;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedMultiPskStore;
import org.eclipse.californium.scandium.util.ServerNames;
import org.jspecify.annotations.Nullable;

/** A real server for nodes that push: UDP, with DTLS where there is a file of keys. */
public final class CaliforniumIngest implements IngestPort {

  private static final int MOST_SIGNALS = 256;

  /** Pushes that nobody has answered yet; the oldest goes first. */
  private static final int MOST_OPEN = 128;

  private static final int TOO_LARGE = Californium.raw(413);

  private final Line.CoapServer line;
  private final Inbox<IngestSignal> signals = new Inbox<>(MOST_SIGNALS);
  private final ScheduledExecutorService executor;
  private volatile Map<String, SharedKeys.Node> nodes = Map.of();

  // Touched on the executor's thread only.
  private final LinkedHashMap<Long, Exchange> open = new LinkedHashMap<>();
  private long numbered;

  private @Nullable CoapEndpoint endpoint;

  /** Opens nothing yet. */
  public CaliforniumIngest(Line.CoapServer line) {
    this.line = line;
    this.executor = Threads.scheduled("coap " + line.id(), 1);
  }

  @Override
  public String where() {
    return (line.keys() == null ? "coap://" : "coaps://") + line.listen();
  }

  @Override
  public Inbox<IngestSignal> signals() {
    return signals;
  }

  @Override
  public @Nullable Sentence open() {
    try {
      Line.KeyFile keys = line.keys();
      nodes = keys == null ? Map.of() : SharedKeys.nodes(keys.file());
      Configuration settings =
          Californium.settings(line.timeout().toMillis(), DtlsRole.SERVER_ONLY);
      CoapEndpoint made = Californium.endpoint(settings, connector(settings), line.id());
      made.setExecutors(executor, executor);
      made.setMessageDeliverer(new Deliverer());
      made.addInterceptor(new TooLarge());
      made.start();
      endpoint = made;
      return null;
    } catch (IOException | IllegalStateException e) {
      return new Sentence(
          "cannot listen on "
              + line.listen()
              + ": "
              + e.getMessage()
              + "; is another program using the port, and is the address one of this machine?",
          "无法监听 %s（%s）：查端口是否被别的程序占用，地址是否属于本机".formatted(line.listen(), e.getMessage()));
    }
  }

  private Connector connector(Configuration settings) {
    int colon = line.listen().lastIndexOf(':');
    String host = line.listen().substring(0, colon).replaceAll("[\\[\\]]", "");
    InetSocketAddress address =
        new InetSocketAddress(host, Integer.parseInt(line.listen().substring(colon + 1)));
    if (line.keys() == null) {
      return new UDPConnector(address, settings);
    }
    DTLSConnector connector =
        new DTLSConnector(
            DtlsConnectorConfig.builder(settings)
                .setAddress(address)
                .setAdvancedPskStore(new KnownNodes(nodes))
                .setConnectionListener(new WrongKeys())
                .setLoggingTag(line.id())
                .build());
    connector.setExecutor(executor);
    connector.setAlertHandler(
        (peer, alert) -> {
          if (alert.getLevel() == AlertMessage.AlertLevel.FATAL) {
            signals.offer(new TurnedAway(peer + ": DTLS " + alert.getDescription()));
          }
        });
    return connector;
  }

  @Override
  public Set<String> devicesOf(String identity) {
    SharedKeys.Node node = nodes.get(identity);
    return node == null ? Set.of() : node.devices();
  }

  @Override
  public void reply(long id, int code, String words) {
    later(
        () -> {
          Exchange exchange = open.remove(id);
          if (exchange != null) {
            respond(exchange, code, words);
          }
        });
  }

  private static void respond(Exchange exchange, int code, String words) {
    Response response = new Response(ResponseCode.valueOf(Californium.raw(code)));
    if (!words.isEmpty()) {
      response.setPayload(words);
    }
    exchange.sendResponse(response);
  }

  @Override
  public void close() {
    CoapEndpoint made = endpoint;
    endpoint = null;
    if (made != null) {
      made.destroy();
    }
    executor.shutdown();
  }

  private void later(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException closed) {
      // Nobody waits for an answer after the end.
      return;
    }
  }

  /** Hands pushes over; on the executor's thread. */
  private final class Deliverer implements MessageDeliverer {
    @Override
    public void deliverRequest(Exchange exchange) {
      exchange.execute(() -> deliver(exchange));
    }

    private void deliver(Exchange exchange) {
      Request request = exchange.getRequest();
      if (request.getCode() != CoAP.Code.POST && request.getCode() != CoAP.Code.PUT) {
        signals.offer(new TurnedAway(request.getCode() + " is not how values are pushed"));
        respond(exchange, 405, "POST or PUT to /ingest/DEVICE");
        return;
      }
      long id = ++numbered;
      Pushed pushed =
          new Pushed(
              id,
              identity(request),
              request.getOptions().getUriPath(),
              request.getOptions().getContentFormat(),
              request.getPayload());
      open.put(id, exchange);
      if (open.size() > MOST_OPEN) {
        Map.Entry<Long, Exchange> oldest = open.pollFirstEntry();
        if (oldest != null) {
          respond(oldest.getValue(), 503, "");
        }
      }
      if (!signals.offer(pushed)) {
        open.remove(id);
        respond(exchange, 503, "");
      }
    }

    @Override
    public void deliverResponse(Exchange exchange, Response response) {
      // We ask nobody here.
    }
  }

  private static @Nullable String identity(Request request) {
    Principal peer = request.getSourceContext().getPeerIdentity();
    return peer instanceof PreSharedKeyIdentity psk ? psk.getIdentity() : null;
  }

  /** Tells what Californium refused by itself. */
  private final class TooLarge extends MessageInterceptorAdapter {
    @Override
    public void sendResponse(Response response) {
      if (response.getRawCode() == TOO_LARGE) {
        signals.offer(
            new TurnedAway("a payload of more than " + PayloadDecoder.LONGEST_PAYLOAD + " bytes"));
      }
    }
  }

  /** Tells of records that no key of ours made: a wrong key shows in nothing else. */
  private final class WrongKeys implements ConnectionListener {
    @Override
    public boolean onConnectionMacError(Connection connection) {
      signals.offer(
          new TurnedAway(connection.getPeerAddress() + ": DTLS made with another key than ours"));
      return false;
    }

    @Override
    public void onConnectionEstablished(Connection connection) {}

    @Override
    public void onConnectionRemoved(Connection connection) {}

    @Override
    public boolean onConnectionUpdatesSequenceNumbers(Connection connection, boolean writes) {
      return false;
    }

    @Override
    public void beforeExecution(Connection connection) {}

    @Override
    public void updateExecution(Connection connection) {}

    @Override
    public void afterExecution(Connection connection) {}
  }

  /** The nodes' keys; a stranger is told of. */
  private final class KnownNodes extends AdvancedMultiPskStore {
    KnownNodes(Map<String, SharedKeys.Node> known) {
      known.forEach((identity, node) -> setKey(identity, node.key()));
    }

    @Override
    public PskSecretResult requestPskSecretResult(
        ConnectionId cid,
        ServerNames names,
        PskPublicInformation identity,
        String algorithm,
        SecretKey otherSecret,
        byte[] seed,
        boolean extended) {
      String name = identity.getPublicInfoAsString();
      if (!nodes.containsKey(name)) {
        signals.offer(
            new TurnedAway("identity '" + SenmlPack.shortened(name) + "' is not in the keys"));
      }
      return super.requestPskSecretResult(
          cid, names, identity, algorithm, otherSecret, seed, extended);
    }
  }
}
