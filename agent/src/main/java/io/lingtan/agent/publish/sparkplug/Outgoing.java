package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.run.MonotonicInstant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Messages on their way to the socket: at most {@value #MOST_MESSAGES} and {@value #MOST_BYTES}
 * bytes, so that a slow link fills no memory. QoS 0, so that "written" is all there is to know.
 */
final class Outgoing {

  static final int MOST_MESSAGES = 16;
  static final int MOST_BYTES = 256 * 1024;

  private record Under(int bytes, MonotonicInstant since) {}

  private final Broker broker;
  private final Map<Long, Under> under = new LinkedHashMap<>();
  private int bytes;
  private int packetLimit = Integer.MAX_VALUE;
  private long ids;
  private long messages;
  private boolean broken;

  Outgoing(Broker broker) {
    this.broker = broker;
  }

  void open(int maximumPacket) {
    clear();
    packetLimit = maximumPacket;
  }

  void clear() {
    under.clear();
    bytes = 0;
    broken = false;
  }

  boolean hasRoom() {
    return !broken && under.size() < MOST_MESSAGES && bytes < MOST_BYTES;
  }

  /** Whether the broker takes a payload of this size on a topic. */
  boolean fits(String topic, int payloadBytes) {
    return Message.packetBytes(topic, payloadBytes) <= packetLimit;
  }

  /** Returns false if the connection did not take it: it is going down. */
  boolean send(String topic, byte[] payload, MonotonicInstant now) {
    long id = ++ids;
    if (broken || !broker.publish(id, new Message(topic, payload, 0, false, null))) {
      broken = true;
      return false;
    }
    under.put(id, new Under(payload.length, now));
    bytes += payload.length;
    messages++;
    return true;
  }

  void written(long id) {
    Under gone = under.remove(id);
    if (gone != null) {
      bytes -= gone.bytes();
    }
  }

  /** A message was not taken since the connection was opened. */
  boolean isBroken() {
    return broken;
  }

  /** Since when the oldest waits; never if none does. */
  MonotonicInstant oldest() {
    return under.isEmpty() ? MonotonicInstant.NEVER : under.values().iterator().next().since();
  }

  boolean isEmpty() {
    return under.isEmpty();
  }

  /** Sent since start. */
  long messages() {
    return messages;
  }
}
