package io.lingtan.agent.status.access;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of whoever sent it. Every text is as it came, unchecked.
 *
 * @param from the other end of the connection
 * @param host header {@code Host}
 * @param origin header {@code Origin}
 * @param cookies header {@code Cookie}
 * @param authorization header {@code Authorization}
 * @param type header {@code Content-Type}
 * @param relayed whether something between says that it passes the request on for somebody else
 * @param meant whether the header {@value #MEANT} came, which no form can send
 */
public record Asked(
    InetAddress from,
    @Nullable String host,
    @Nullable String origin,
    @Nullable String cookies,
    @Nullable String authorization,
    @Nullable String type,
    boolean relayed,
    boolean meant) {

  /** The header that says that a program of ours, or the page, means it. */
  public static final String MEANT = "X-Lingtan";

  /** Headers by which a proxy says that it is one (RFC 7239, RFC 9110, and what came before). */
  public static final List<String> RELAYED =
      List.of("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP");
}
