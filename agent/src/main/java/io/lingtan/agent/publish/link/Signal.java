package io.lingtan.agent.publish.link;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a broker, or the way to it, did. */
public sealed interface Signal {

  /** The connection it happened on. */
  long connection();

  /**
   * CONNACK with success.
   *
   * @param receiveMaximum most QoS 1 messages that the broker takes unacknowledged, ≥ 1
   * @param maximumPacket greatest packet that it takes, in bytes; {@link Integer#MAX_VALUE} if it
   *     named none
   */
  record Connected(long connection, int receiveMaximum, int maximumPacket) implements Signal {}

  /**
   * A connection ended, or never came about. The last signal of a connection.
   *
   * @param isConnectSent whether the broker may have got a CONNECT packet: the way to it was open
   */
  record Lost(long connection, Failure failure, boolean isConnectSent) implements Signal {
    /** One that CONNECT was sent on. */
    public Lost(long connection, Failure failure) {
      this(connection, failure, true);
    }
  }

  /**
   * PUBACK.
   *
   * @param reason MQTT 5.0 section 3.4.2.1: below 0x80 the broker has it, 0x10 nobody subscribed
   */
  record Acked(long connection, long id, int reason) implements Signal {}

  /** SUBACK: one reason code per filter, 0x80 and above refused. */
  record Subscribed(long connection, List<String> filters, List<Integer> reasons)
      implements Signal {
    public Subscribed {
      filters = List.copyOf(filters);
      reasons = List.copyOf(reasons);
    }
  }

  /**
   * A message on a topic subscribed to.
   *
   * @param flaw why nothing of it can be used but its topic, with what is not printable replaced;
   *     null if it can
   */
  record Arrived(
      long connection,
      String topic,
      byte[] payload,
      boolean retained,
      @Nullable String responseTopic,
      byte @Nullable [] correlation,
      @Nullable String flaw)
      implements Signal {

    /** One without a flaw. */
    public Arrived(
        long connection,
        String topic,
        byte[] payload,
        boolean retained,
        @Nullable String responseTopic,
        byte @Nullable [] correlation) {
      this(connection, topic, payload, retained, responseTopic, correlation, null);
    }

    public static Arrived flawed(long connection, String topic, boolean retained, String flaw) {
      return new Arrived(connection, topic, new byte[0], retained, null, null, flaw);
    }
  }
}
