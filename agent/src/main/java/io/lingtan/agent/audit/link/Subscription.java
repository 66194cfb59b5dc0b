package io.lingtan.agent.audit.link;

import io.lingtan.agent.audit.Duties;
import io.lingtan.agent.tls.Tls;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What to follow, and as whom; what else to do is {@link Duties}.
 *
 * @param gateway the one to follow, null for all of the broker
 * @param clientId under which the broker keeps the session; one for each {@code gateway}, since
 *     what is subscribed is part of the session
 * @param user null to come without a name
 * @param password null to come without one
 * @param identity whom to trust and who we are, where the address is one of TLS
 * @param state where to remember what was seen, null to forget it; needs the session
 * @param session whether the broker is to keep what comes while nobody is connected
 */
public record Subscription(
    BrokerAddress broker,
    @Nullable String gateway,
    String clientId,
    @Nullable String user,
    byte @Nullable [] password,
    Tls.Identity identity,
    @Nullable Path state,
    boolean session) {

  public Subscription {
    if (state != null && !session) {
      throw new IllegalArgumentException("state needs the broker's session");
    }
  }

  /** All gateways of a broker that lets everybody in, kept for while nobody is connected. */
  public static Subscription toAll(BrokerAddress broker, String clientId) {
    return new Subscription(broker, null, clientId, null, null, Tls.NOBODY, null, true);
  }
}
