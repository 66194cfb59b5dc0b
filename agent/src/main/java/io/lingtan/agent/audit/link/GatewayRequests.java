package io.lingtan.agent.audit.link;

import org.jspecify.annotations.Nullable;

/** The way to gateways: one request to one of them, answered on a topic that only we read. */
public interface GatewayRequests {

  /** A request on its way. */
  interface SentRequest {
    /** Why it does not get there, as far as is known; null while nothing speaks against it. */
    @Nullable Failure failure();
  }

  /**
   * The broker did not take a request, or had nobody to give it to.
   *
   * @param isRefused whether it is not allowed, so that asking again cannot help
   */
  record Failure(boolean isRefused, String text) {}

  /**
   * Publishes {@code cmd/replay} of a gateway.
   *
   * @param correlation comes back with everything that answers it
   * @return null if there is no connection
   */
  @Nullable SentRequest replay(String gateway, String payload, String correlation);
}
