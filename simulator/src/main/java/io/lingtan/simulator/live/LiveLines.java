package io.lingtan.simulator.live;

import io.lingtan.agent.run.Waiter;
import io.lingtan.simulator.beside.Child;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Framing;
import io.lingtan.simulator.device.TcpStep;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the lines of a site where masters find them: TCP ports, and for a serial line a
 * pseudo-terminal that {@code socat} makes. The time of each character is the endpoint's own, so a
 * pseudo-terminal is as slow as the line would be.
 */
final class LiveLines implements AutoCloseable {

  private static final Duration A_MOMENT = Duration.ofMillis(50);
  private static final int MOST_MOMENTS = 100;

  private final TcpStep step;
  private final InetAddress host;
  private final Path folder;
  private final List<Child> children = new ArrayList<>();
  private final Map<String, String> ports = new LinkedHashMap<>();
  private int next;

  /**
   * @param firstPort of the first TCP line, the others take the next ones; 0 for any free ones
   * @param folder where pseudo-terminals get their names
   */
  LiveLines(TcpStep step, InetAddress host, int firstPort, Path folder) {
    this.step = step;
    this.host = host;
    this.next = firstPort;
    this.folder = folder;
  }

  /**
   * Opens a line.
   *
   * @return where a master finds it
   * @throws IOException saying what, where and what to do
   */
  String open(Endpoint endpoint) throws IOException {
    if (endpoint.wiring().framing() == Framing.RTU) {
      Path terminal = terminal(endpoint);
      ports.put(endpoint.id(), terminal.toString());
      return terminal.toString();
    }
    int wanted = nextPort();
    try {
      int port = step.listen(endpoint, new InetSocketAddress(host, wanted));
      ports.put(endpoint.id(), String.valueOf(port));
      return host.getHostAddress() + ":" + port;
    } catch (IOException e) {
      throw new IOException(
          "cannot listen on %s port %d for line %s (%s); name other ports with --port, or 0 for"
                  .formatted(host.getHostAddress(), wanted, endpoint.id(), e.getMessage())
              + " any free ones",
          e);
    }
  }

  /** The next port to listen on, 0 for any free one. */
  int nextPort() {
    return next == 0 ? 0 : next++;
  }

  /** Says where a line that carries no bytes is: the port in its place in the site file. */
  void placed(String line, int port) {
    ports.put(line, String.valueOf(port));
  }

  private Path terminal(Endpoint endpoint) throws IOException {
    Path link = folder.resolve(endpoint.id());
    if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(
          "cannot make a serial port for line %s: %s is there already; remove it, or name another"
                  .formatted(endpoint.id(), link)
              + " folder with --pty-dir");
    }
    InetAddress here = InetAddress.getLoopbackAddress();
    int port = step.listen(endpoint, new InetSocketAddress(here, 0));
    Path log = Files.createTempFile("lingtan-sim-socat", ".log");
    log.toFile().deleteOnExit();
    Child child;
    try {
      child =
          Child.start(
              "socat",
              List.of(
                  "/usr/bin/socat",
                  "pty,raw,echo=0,link=" + link,
                  "tcp:" + here.getHostAddress() + ":" + port + ",nodelay"),
              log);
    } catch (IOException e) {
      throw new IOException(without(endpoint, link, String.valueOf(e.getMessage())), e);
    }
    children.add(child);
    Waiter waiter = Waiter.parking();
    for (int i = 0; i < MOST_MOMENTS && child.isAlive() && !Files.exists(link); i++) {
      waiter.await(A_MOMENT.toNanos());
    }
    if (!child.isAlive()) {
      throw new IOException(without(endpoint, link, Files.readString(log).strip()));
    }
    if (!Files.exists(link)) {
      throw new IOException(without(endpoint, link, "socat made none in time"));
    }
    return link;
  }

  private static String without(Endpoint endpoint, Path link, String why) {
    return "cannot make a serial port for line %s at %s (%s); is socat installed (apt install socat),"
            .formatted(endpoint.id(), link, why)
        + " and can --pty-dir be written to?";
  }

  /** By line: a TCP port, or the path of a serial port. */
  Map<String, String> ports() {
    return Map.copyOf(ports);
  }

  @Override
  public void close() {
    // At SIGTERM socat takes its link away.
    children.forEach(child -> child.terminate(Duration.ofSeconds(2)));
    children.clear();
  }
}
