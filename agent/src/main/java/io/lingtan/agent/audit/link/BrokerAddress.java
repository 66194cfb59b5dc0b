package io.lingtan.agent.audit.link;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * Where the broker is.
 *
 * @param tls whether to speak TLS: {@code mqtts}
 * @param host name or address
 * @param port TCP port, 1..65535
 */
public record BrokerAddress(boolean tls, String host, int port) {

  private static final int PLAIN_PORT = 1883;
  private static final int TLS_PORT = 8883;

  /**
   * Reads {@code mqtt://HOST[:PORT]} or {@code mqtts://HOST[:PORT]}.
   *
   * @throws IllegalArgumentException with a message that says what is wrong
   */
  public static BrokerAddress parse(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(wrong(url, "is not a URL"), e);
    }
    String scheme = String.valueOf(uri.getScheme());
    boolean tls = scheme.equals("mqtts");
    if (!tls && !scheme.equals("mqtt")) {
      throw new IllegalArgumentException(wrong(url, "has another scheme"));
    }
    String host = uri.getHost();
    if (host == null || uri.getUserInfo() != null || !uri.getPath().isEmpty()) {
      throw new IllegalArgumentException(wrong(url, "is more or less than a host and a port"));
    }
    int port = uri.getPort() < 0 ? (tls ? TLS_PORT : PLAIN_PORT) : uri.getPort();
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException(wrong(url, "has an impossible port"));
    }
    return new BrokerAddress(tls, host, port);
  }

  private static String wrong(String url, String how) {
    return "broker " + url + " " + how + ": write mqtt://HOST:PORT or mqtts://HOST:PORT";
  }

  /** As the MQTT library wants it. */
  String forPaho() {
    return (tls ? "ssl://" : "tcp://") + host + ":" + port;
  }

  @Override
  public String toString() {
    return (tls ? "mqtts://" : "mqtt://") + host + ":" + port;
  }
}
