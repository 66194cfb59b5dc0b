package io.lingtan.simulator.prove.memory;

import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.run.Inbox;
import java.util.List;
import java.util.function.Consumer;

/**
 * A broker without a network: takes every message, acknowledges it within the call, and hands it to
 * one subscriber in the order of publishing.
 */
public final class MemoryBroker implements Broker {

  /** More than the publisher may have in flight. */
  private static final int MOST_SIGNALS = 256;

  private final Inbox<Signal> signals = new Inbox<>(MOST_SIGNALS);
  private final Inbox<Signal.Arrived> arrivals = new Inbox<>(MOST_SIGNALS);
  private final Consumer<Message> subscriber;
  private long connection;
  private boolean up;

  /**
   * @param subscriber gets each message once it is published
   */
  public MemoryBroker(Consumer<Message> subscriber) {
    this.subscriber = subscriber;
  }

  @Override
  public Inbox<Signal> signals() {
    return signals;
  }

  @Override
  public Inbox<Signal.Arrived> arrivals() {
    return arrivals;
  }

  @Override
  public void connect(long name, String server, Will will) {
    connection = name;
    up = true;
    signals.offer(new Signal.Connected(name, 65_535, Integer.MAX_VALUE));
  }

  @Override
  public boolean publish(long id, Message message) {
    if (!up) {
      return false;
    }
    subscriber.accept(message);
    if (message.qos() > 0 && !signals.offer(new Signal.Acked(connection, id, 0))) {
      throw new IllegalStateException("more in flight than the publisher may have");
    }
    return true;
  }

  @Override
  public boolean subscribe(List<String> filters) {
    return up
        && signals.offer(
            new Signal.Subscribed(connection, filters, filters.stream().map(f -> 1).toList()));
  }

  @Override
  public void unsubscribe(List<String> filters) {}

  @Override
  public void cut() {
    up = false;
  }

  @Override
  public void close() {
    up = false;
  }

  @Override
  public long certificateEndsMillis() {
    return Long.MIN_VALUE;
  }
}
