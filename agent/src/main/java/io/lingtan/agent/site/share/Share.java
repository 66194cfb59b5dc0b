package io.lingtan.agent.site.share;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/**
 * A line that other masters may read through us, over Modbus TCP.
 *
 * @param host address of this machine that they connect to, or a name of it
 * @param port 1..65535
 * @param allow whose questions are answered; nobody else's are
 */
public record Share(String host, int port, List<Network> allow) {

  private static final Set<String> ALL_ADDRESSES = Set.of("0.0.0.0", "::");
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");

  public Share {
    allow = List.copyOf(allow);
  }

  public boolean allows(InetAddress address) {
    return allow.stream().anyMatch(network -> network.has(address));
  }

  /** As a person writes it. */
  public String where() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /** Whether a program cannot have this place and the other one at the same time. */
  boolean collides(String otherHost, int otherPort) {
    return port == otherPort
        && (host.equals(otherHost)
            || ALL_ADDRESSES.contains(host)
            || ALL_ADDRESSES.contains(otherHost)
            || (isName(host) && isLoopback(otherHost))
            || (isName(otherHost) && isLoopback(host)));
  }

  /** Which of its addresses a name of this machine stands for is not asked. */
  private static boolean isName(String host) {
    return host.equals("localhost");
  }

  static boolean isLoopback(String host) {
    return LOOPBACK.contains(host) || host.startsWith("127.");
  }
}
