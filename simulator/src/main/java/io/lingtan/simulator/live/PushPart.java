package io.lingtan.simulator.live;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.simulator.device.CoapNode;
import io.lingtan.simulator.device.CoapPeer;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.world.World;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;

/**
 * Nodes that push what they see once a period to {@code /ingest/DEVICE} of an agent's CoAP server,
 * whether anybody is there or not.
 */
final class PushPart implements Part {

  private final World world;
  private final WorldClock clock;
  private final String server;
  private final ScheduledExecutorService executor;
  private final CoapEndpoint endpoint;
  private final List<Pusher> pushers = new ArrayList<>();

  /** A node, and when it pushes next. */
  private static final class Pusher {
    private final CoapNode node;
    private final long everyMillis;
    private MonotonicInstant next = new MonotonicInstant(0);

    Pusher(CoapNode node, long everyMillis) {
      this.node = node;
      this.everyMillis = everyMillis;
    }
  }

  /**
   * Begins.
   *
   * @throws IOException if no socket can be had
   */
  public static PushPart open(CoapPeer peer, Line.CoapServer line, World world, WorldClock clock)
      throws IOException {
    return new PushPart(peer, line, world, clock);
  }

  private PushPart(CoapPeer peer, Line.CoapServer line, World world, WorldClock clock)
      throws IOException {
    this.world = world;
    this.clock = clock;
    this.server = "coap://" + line.listen();
    this.executor = Threads.scheduled("push " + peer.line(), 1);
    Configuration settings = Californium.settings(DtlsRole.CLIENT_ONLY);
    this.endpoint = CoapEndpoint.builder().setConfiguration(settings).build();
    endpoint.setExecutors(executor, executor);
    endpoint.start();
    for (Device device : line.devices()) {
      for (CoapNode node : peer.nodes()) {
        if (node.id().equals(device.id())) {
          pushers.add(new Pusher(node, device.every().toMillis()));
        }
      }
    }
  }

  /** Where they push to. */
  public String where() {
    return server;
  }

  @Override
  public int step(MonotonicInstant now) {
    int pushed = 0;
    for (Pusher pusher : pushers) {
      if (!now.isBefore(pusher.next)) {
        pusher.next = now.plusMillis(pusher.everyMillis);
        push(pusher.node, now);
        pushed++;
      }
    }
    return pushed;
  }

  private void push(CoapNode node, MonotonicInstant now) {
    long millis = Math.max(clock.millisAt(now), world.stepStart());
    world.advanceTo(millis);
    Request request = Request.newPost();
    request.setURI(server + "/ingest/" + node.id());
    request.getOptions().setContentFormat(CoapNode.SENML_JSON);
    request.setPayload(node.payload(world, millis, CoapNode.SENML_JSON));
    endpoint.sendRequest(request);
  }

  @Override
  public MonotonicInstant due() {
    MonotonicInstant due = MonotonicInstant.NEVER;
    for (Pusher pusher : pushers) {
      due = due.min(pusher.next);
    }
    return due;
  }

  @Override
  public void close() {
    endpoint.destroy();
    executor.shutdown();
  }
}
