package io.lingtan.agent.publish.link;

import java.util.Locale;

/**
 * Why there is no connection.
 *
 * @param code MQTT reason code, -1 if the broker gave none
 * @param sentence for a person: where, what was seen, what to do
 */
public record Failure(Kind kind, int code, String sentence) {

  /** The {@code reason} in {@code uplink.down}. */
  public enum Kind {
    /** The host's name is not known. */
    UNKNOWN_HOST,
    /** Nobody listens on the port, or there is no way there. */
    UNREACHABLE,
    /** No answer in time. */
    TIMEOUT,
    /** It does not speak MQTT 5. */
    NO_MQTT5,
    /** User name, password or client certificate refused. */
    PASSWORD,
    /** Known, but not allowed to connect. */
    NOT_AUTHORISED,
    /** TLS could not be agreed on. */
    TLS,
    /** A file or setting of ours. */
    CONFIG,
    /** Another client connected with the same id. */
    TAKEN_OVER,
    /** A packet was larger than the broker takes. */
    PACKET_TOO_LARGE,
    /** The broker said that it goes away or is busy. */
    BROKER_BUSY,
    /** The broker refused for another reason. */
    REFUSED,
    /** The connection broke. */
    CLOSED,
    /** The broker sent what must not be sent. */
    BAD_PACKET,
    /** Connected, but PUBACKs stopped, or nothing is read any more. */
    STUCK;

    /** The word in events. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
