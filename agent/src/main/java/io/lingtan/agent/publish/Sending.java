package io.lingtan.agent.publish;

import io.lingtan.agent.publish.Window.Load;
import io.lingtan.agent.publish.Window.Sent;
import io.lingtan.agent.publish.Window.Way;
import io.lingtan.agent.run.MonotonicInstant;

/** Puts messages through the window onto the present connection. */
final class Sending {

  private final Broker broker;
  private final Window window;
  private int packetLimit = Integer.MAX_VALUE;
  private long ids;
  private boolean broken;

  Sending(Broker broker, Window window) {
    this.broker = broker;
    this.window = window;
  }

  void open(int receiveMaximum, int packetLimit) {
    window.open(receiveMaximum);
    this.packetLimit = packetLimit;
    broken = false;
  }

  Window window() {
    return window;
  }

  boolean fits(Message message) {
    return message.packetBytes() <= packetLimit;
  }

  /** Greatest payload that a packet to this topic can carry. */
  int payloadLimit(String topic) {
    return packetLimit == Integer.MAX_VALUE
        ? Integer.MAX_VALUE
        : packetLimit - Message.packetBytes(topic, 0);
  }

  boolean hasRoom() {
    return !broken && window.hasRoom();
  }

  boolean hasRoom(String topic, int payloadBytes) {
    return !broken && window.hasRoom(topic, payloadBytes);
  }

  /** Returns false if the connection did not take it: it is going down. */
  boolean send(Message message, Way way, Load load, MonotonicInstant now) {
    long id = ++ids;
    if (broken || !broker.publish(id, message)) {
      broken = true;
      return false;
    }
    if (message.qos() > 0) {
      window.add(new Sent(id, message, way, load, now));
    }
    return true;
  }

  /** A message was not taken since the connection was opened. */
  boolean isBroken() {
    return broken;
  }
}
