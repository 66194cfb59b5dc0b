package io.lingtan.simulator.hostile;

import io.lingtan.testing.Ports;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Many addresses, all of them one broker: hostile until {@link #repent}, honest from then on. Many,
 * because a client tries one server right after the other and rests only after a round of all.
 */
final class HostileBroker implements AutoCloseable {

  private static final int ADDRESSES = 40;

  private final long seed;
  private final Got got;
  private final int port;
  private final List<ServerSocket> servers = new ArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong sessions = new AtomicLong();
  private final Sent sent = new Sent(new AtomicLong(), new AtomicLong());
  private volatile boolean honest;
  private final AtomicBoolean refuses = new AtomicBoolean(true);

  /**
   * What the agent must count.
   *
   * @param badCommands sent whole
   * @param refusals PUBACKs that refuse
   */
  record Sent(AtomicLong badCommands, AtomicLong refusals) {}

  private HostileBroker(long seed, Got got, int port) {
    this.seed = seed;
    this.got = got;
    this.port = port;
  }

  static HostileBroker start(long seed, Got got) throws IOException {
    HostileBroker broker = new HostileBroker(seed, got, Ports.free());
    for (int i = 1; i <= ADDRESSES; i++) {
      ServerSocket server = new ServerSocket();
      server.bind(new InetSocketAddress(address(i), broker.port));
      broker.servers.add(server);
      got.start("broker", () -> broker.serve(server));
    }
    return broker;
  }

  private static String address(int index) {
    return "127.0.7." + index;
  }

  /** For the site file. */
  String servers() {
    List<String> urls = new ArrayList<>();
    for (int i = 1; i <= ADDRESSES; i++) {
      urls.add("\"mqtt://" + address(i) + ":" + port + "\"");
    }
    return "{servers: " + urls + "}";
  }

  private void serve(ServerSocket server) {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        got.start("broker", () -> talk(socket));
      } catch (IOException e) {
        if (!server.isClosed()) {
          got.fault("the broker accepts no more: " + e);
        }
        return;
      }
    }
  }

  private void talk(Socket socket) {
    open.add(socket);
    try (socket) {
      socket.setTcpNoDelay(true);
      BrokerSession session =
          new BrokerSession(
              socket, new Chance(seed, "broker", sessions.incrementAndGet()), got, sent);
      if (honest) {
        session.honest(refuses);
      } else {
        session.hostile();
      }
    } catch (IOException e) {
      // The agent hung up, or the session did.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }

  /**
   * Ends every session, and does nothing wrong any more; only the first that it is to acknowledge
   * then it refuses once. Before, it may never have come to that.
   */
  void repent() throws IOException {
    honest = true;
    for (Socket each : open) {
      each.close();
    }
  }

  /** Connections so far. */
  long sessions() {
    return sessions.get();
  }

  Sent sent() {
    return sent;
  }

  @Override
  public void close() throws IOException {
    for (ServerSocket each : servers) {
      each.close();
    }
    for (Socket each : open) {
      each.close();
    }
  }
}
