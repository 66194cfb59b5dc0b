package io.lingtan.agent.status.access;

import java.net.InetAddress;
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
 * @param meant whether the header {@value #MEANT} came, which no form can send
 */
public record HttpCaller(
    InetAddress from,
    @Nullable String host,
    @Nullable String origin,
    @Nullable String cookies,
    @Nullable String authorization,
    @Nullable String type,
    boolean meant) {

  /** The header that says that a program of ours, or the page, means it. */
  public static final String MEANT = "X-Lingtan";
}
