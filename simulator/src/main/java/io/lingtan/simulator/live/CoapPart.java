package io.lingtan.simulator.live;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Threads;
import io.lingtan.simulator.device.CoapNode;
import io.lingtan.simulator.device.CoapPeer;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.world.World;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.core.server.resources.Resource;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedSinglePskStore;
import org.jspecify.annotations.Nullable;

/**
 * A CoAP server with the nodes of one line: GET in SenML (CBOR unless JSON or plain text is asked
 * for), block by block where it is long, and Observe. What it serves is at most {@value
 * #REFRESH_MILLIS} ms old. With a key it also listens for DTLS.
 */
public final class CoapPart implements Part {

  /** How often what can be read is renewed. */
  static final long REFRESH_MILLIS = 100;

  /** How often whoever observes is told. */
  static final long TELL_MILLIS = 1_000;

  private static final long MAX_AGE_SECONDS = 5;
  private static final int[] FORMATS = {
    CoapNode.SENML_CBOR, CoapNode.SENML_JSON, CoapNode.TEXT_PLAIN
  };

  private final World world;
  private final WorldClock clock;
  private final ScheduledExecutorService executor;
  private final CoapServer server;
  private final CoapEndpoint plain;
  private final @Nullable CoapEndpoint secure;
  private final List<Shown> shown = new ArrayList<>();
  private MonotonicInstant refresh = new MonotonicInstant(0);
  private MonotonicInstant tell = new MonotonicInstant(0);

  private CoapPart(
      CoapPeer peer,
      World world,
      WorldClock clock,
      CoapEndpoint plain,
      @Nullable CoapEndpoint secure,
      Configuration settings) {
    this.world = world;
    this.clock = clock;
    this.plain = plain;
    this.secure = secure;
    this.executor = Threads.scheduled("coap " + peer.line(), 1);
    this.server = new CoapServer(settings);
    server.setExecutors(executor, executor, true);
    server.addEndpoint(plain);
    if (secure != null) {
      server.addEndpoint(secure);
    }
    for (CoapNode node : peer.nodes()) {
      shown.add(place(node));
    }
  }

  /**
   * Opens the server of a line.
   *
   * @param address where it listens; port 0 for any free one
   * @param secured where it listens for DTLS, null for nowhere
   * @param psk the key of whoever comes there
   * @throws IOException if it cannot listen
   */
  public static CoapPart open(
      CoapPeer peer,
      World world,
      WorldClock clock,
      InetSocketAddress address,
      @Nullable InetSocketAddress secured,
      @Nullable Psk psk)
      throws IOException {
    Configuration settings = Californium.settings(DtlsRole.SERVER_ONLY);
    CoapEndpoint plain =
        CoapEndpoint.builder().setConfiguration(settings).setInetSocketAddress(address).build();
    CoapEndpoint secure = secured == null || psk == null ? null : secure(settings, secured, psk);
    CoapPart part = new CoapPart(peer, world, clock, plain, secure, settings);
    // Nobody can ask before there is something to be told.
    part.renew(world.stepStart());
    try {
      plain.start();
      if (secure != null) {
        secure.start();
      }
      part.server.start();
      return part;
    } catch (IOException | IllegalStateException e) {
      part.close();
      throw new IOException(e.getMessage(), e);
    }
  }

  private static CoapEndpoint secure(Configuration settings, InetSocketAddress address, Psk psk) {
    DtlsConnectorConfig config =
        DtlsConnectorConfig.builder(settings)
            .setAddress(address)
            .setAdvancedPskStore(new AdvancedSinglePskStore(psk.identity(), psk.bytes()))
            .build();
    return CoapEndpoint.builder()
        .setConfiguration(settings)
        .setConnector(new DTLSConnector(config))
        .build();
  }

  /** The UDP port. */
  public int port() {
    return plain.getAddress().getPort();
  }

  /** The UDP port for DTLS, 0 if there is none. */
  public int securePort() {
    CoapEndpoint made = secure;
    return made == null ? 0 : made.getAddress().getPort();
  }

  /** Puts a node under its path. */
  private Shown place(CoapNode node) {
    String[] parts = node.path().substring(1).split("/", -1);
    Resource at = server.getRoot();
    for (int i = 0; i < parts.length - 1; i++) {
      Resource next = at.getChild(parts[i]);
      if (next == null) {
        next = new CoapResource(parts[i]);
        at.add(next);
      }
      at = next;
    }
    Shown last = new Shown(parts[parts.length - 1], node);
    at.add(last);
    return last;
  }

  @Override
  public int step(MonotonicInstant now) {
    if (now.isBefore(refresh)) {
      return 0;
    }
    refresh = now.plusMillis(REFRESH_MILLIS);
    long millis = Math.max(clock.millisAt(now), world.stepStart());
    world.advanceTo(millis);
    renew(millis);
    if (!now.isBefore(tell)) {
      tell = now.plusMillis(TELL_MILLIS);
      shown.forEach(CoapResource::changed);
    }
    return 1;
  }

  private void renew(long millis) {
    for (Shown each : shown) {
      Map<Integer, byte[]> payloads = new HashMap<>();
      for (int format : FORMATS) {
        payloads.put(format, each.node.payload(world, millis, format));
      }
      each.payloads = Map.copyOf(payloads);
    }
  }

  @Override
  public MonotonicInstant due() {
    return refresh;
  }

  @Override
  public void close() {
    server.destroy();
    executor.shutdown();
  }

  /** A node's resource. Asked on the library's threads. */
  private static final class Shown extends CoapResource {
    private final CoapNode node;

    /** By content format; replaced as a whole. */
    private volatile Map<Integer, byte[]> payloads = Map.of();

    Shown(String name, CoapNode node) {
      super(name);
      this.node = node;
      setObservable(true);
      getAttributes().setObservable();
    }

    @Override
    public void handleGET(CoapExchange exchange) {
      int wanted = exchange.getRequestOptions().getAccept();
      int format = wanted == MediaTypeRegistry.UNDEFINED ? node.usualFormat() : wanted;
      byte[] payload = payloads.get(format);
      if (payload == null) {
        exchange.respond(
            ResponseCode.NOT_ACCEPTABLE, "SenML in CBOR (112) or JSON (110), or plain text (0)");
        return;
      }
      exchange.setMaxAge(MAX_AGE_SECONDS);
      exchange.respond(ResponseCode.CONTENT, payload, format);
    }
  }
}
