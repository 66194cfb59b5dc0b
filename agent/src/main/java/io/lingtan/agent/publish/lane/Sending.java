package io.lingtan.agent.publish.lane;

import io.lingtan.agent.publish.lane.Window.Load;
import io.lingtan.agent.publish.lane.Window.Sent;
import io.lingtan.agent.publish.lane.Window.Way;
import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.run.MonotonicInstant;

/** Puts messages through the window onto the present connection. */
public final class Sending {

  private final Broker broker;
  private final Window window;
  private int packetLimit = Integer.MAX_VALUE;
  private long ids;
  private boolean broken;

  public Sending(Broker broker, Window window) {
    this.broker = broker;
    this.window = window;
  }

  public void open(int receiveMaximum, int packetLimit) {
    window.open(receiveMaximum);
    this.packetLimit = packetLimit;
    broken = false;
  }

  public Window window() {
    return window;
  }

  public boolean fits(Message message) {
    return message.packetBytes() <= packetLimit;
  }

  /** Greatest payload that a packet to this topic can carry. */
  public int payloadLimit(String topic) {
    return packetLimit == Integer.MAX_VALUE
        ? Integer.MAX_VALUE
        : packetLimit - Message.packetBytes(topic, 0);
  }

  public boolean hasRoom() {
    return !broken && window.hasRoom();
  }

  public boolean hasRoom(String topic, int payloadBytes) {
    return !broken && window.hasRoom(topic, payloadBytes);
  }

  /** Returns false if the connection did not take it: it is going down. */
  public boolean send(Message message, Way way, Load load, MonotonicInstant now) {
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
  public boolean isBroken() {
    return broken;
  }
}
