package io.lingtan.simulator.prove;

import io.lingtan.agent.publish.link.Failure;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.run.Inbox;
import io.lingtan.simulator.fault.BrokerFault;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One life of a gateway at a {@link FaultyBroker}: what its client library would tell it, on
 * virtual time.
 */
final class MemorySession implements FaultyBroker.Client {

  /** As the real client's: how long it waits for a CONNACK, and after what silence it gives up. */
  private static final long CONNECT_MILLIS = 20_000;

  private static final long KEEP_ALIVE_MILLIS = 45_000;
  private static final int MOST_SIGNALS = 256;

  private final FaultyBroker broker;
  private final Inbox<Signal> signals = new Inbox<>(MOST_SIGNALS);
  private final Inbox<Signal.Arrived> arrivals = new Inbox<>(MOST_SIGNALS);
  private final Set<String> filters = new LinkedHashSet<>();
  private long connection;
  private boolean up;
  private boolean gone;
  private int unacknowledged;
  private String server = "";
  private @Nullable Will will;

  MemorySession(FaultyBroker broker) {
    this.broker = broker;
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
    if (up) {
      cut();
    }
    connection = name;
    this.server = server;
    this.will = will;
    if (refusedAtDoor()) {
      return;
    }
    onceServed(() -> accept(name));
    if (!up) {
      broker.afterPatience(CONNECT_MILLIS, () -> giveUp(name));
    }
  }

  private boolean refusedAtDoor() {
    BrokerFault.Down down = broker.now(BrokerFault.Down.class);
    if (down != null) {
      tell(Failure.Kind.UNREACHABLE, -1, "nobody listens");
    }
    return down != null;
  }

  private void accept(long name) {
    if (gone || name != connection || up) {
      return;
    }
    BrokerFault.RefusesConnection refuses = broker.now(BrokerFault.RefusesConnection.class);
    if (refuses != null) {
      broker.struck(refuses);
      tell(kind(refuses.code()), refuses.code(), "the broker refused the connection");
      connection = -1;
      return;
    }
    up = true;
    unacknowledged = 0;
    filters.clear();
    broker.connected(this);
    signals.offer(new Signal.Connected(name, FaultyBroker.RECEIVE_MAXIMUM, Integer.MAX_VALUE));
  }

  /** MQTT 5.0, 3.2.2.2, as the real client tells them apart. */
  private static Failure.Kind kind(int code) {
    return switch (code) {
      case 0x86 -> Failure.Kind.PASSWORD;
      case 0x87 -> Failure.Kind.NOT_AUTHORISED;
      case 0x88, 0x89, 0x97, 0x9F -> Failure.Kind.BROKER_BUSY;
      default -> Failure.Kind.REFUSED;
    };
  }

  private void giveUp(long name) {
    if (!gone && name == connection && !up) {
      connection = -1;
      signals.offer(
          new Signal.Lost(
              name, new Failure(Failure.Kind.TIMEOUT, -1, server + ": no CONNACK in time")));
    }
  }

  /**
   * Does what a packet asks for when the broker gets to it: at once, late, or when it thaws. What a
   * broker has in its buffers when it ends is lost.
   */
  private void onceServed(Runnable action) {
    BrokerFault.Frozen frozen = broker.now(BrokerFault.Frozen.class);
    if (frozen != null) {
      broker.at(frozen.untilMillis(), action);
    } else if (broker.delay() > 0) {
      broker.after(broker.delay(), action);
    } else {
      action.run();
    }
  }

  @Override
  public boolean publish(long id, Message message) {
    if (!up || gone) {
      return false;
    }
    if (message.qos() > 0 && ++unacknowledged > FaultyBroker.RECEIVE_MAXIMUM) {
      broker.violated("more than Receive Maximum without PUBACK (MQTT 5.0, 4.9)");
    }
    if (message.topic().indexOf('+') >= 0 || message.topic().indexOf('#') >= 0) {
      broker.violated("a wildcard in a topic: " + message.topic());
    }
    long on = connection;
    if (broker.now(BrokerFault.Frozen.class) != null) {
      broker.afterPatience(KEEP_ALIVE_MILLIS, () -> noticeSilence(on));
    }
    onceServed(() -> serve(on, id, message));
    return true;
  }

  /** A PINGREQ was not answered: the client library ends the connection. */
  private void noticeSilence(long on) {
    if (up && on == connection && broker.now(BrokerFault.Frozen.class) != null) {
      lost(Failure.Kind.CLOSED, -1, "no answer to PINGREQ");
    }
  }

  private void serve(long on, long id, Message message) {
    boolean here = up && on == connection && broker.isConnected(this);
    if (message.qos() > 0 && here) {
      BrokerFault.RefusesMessages refuses = broker.now(BrokerFault.RefusesMessages.class);
      if (refuses != null && broker.isTurn(refuses, refuses.every())) {
        broker.struck(refuses);
        acknowledge(on, id, refuses.code());
        return;
      }
      BrokerFault.LosesAcknowledgements loses = broker.now(BrokerFault.LosesAcknowledgements.class);
      if (loses != null && broker.isTurn(loses, loses.every())) {
        broker.struck(loses);
        broker.take(message);
        lost(Failure.Kind.CLOSED, -1, "connection reset");
        publishWill();
        return;
      }
    }
    broker.take(message);
    if (message.qos() > 0 && here) {
      acknowledge(on, id, 0);
    }
  }

  private void acknowledge(long on, long id, int reason) {
    unacknowledged--;
    if (!signals.offer(new Signal.Acked(on, id, reason))) {
      throw new IllegalStateException("more in flight than the publisher may have");
    }
  }

  @Override
  public boolean subscribe(List<String> wanted) {
    return subscribe(wanted, true);
  }

  @Override
  public boolean subscribeToNew(List<String> wanted) {
    return subscribe(wanted, false);
  }

  private boolean subscribe(List<String> wanted, boolean withRetained) {
    if (!up || gone) {
      return false;
    }
    long on = connection;
    onceServed(
        () -> {
          if (!up || on != connection) {
            return;
          }
          filters.addAll(wanted);
          for (Message message : withRetained ? broker.retained(wanted) : List.<Message>of()) {
            arrive(message.topic(), message.payload(), true, null, null);
          }
          signals.offer(new Signal.Subscribed(on, wanted, wanted.stream().map(f -> 1).toList()));
        });
    return true;
  }

  @Override
  public void unsubscribe(List<String> unwanted) {
    unwanted.forEach(filters::remove);
  }

  /** Returns whether the gateway wanted it. */
  boolean arrive(
      String topic,
      byte[] payload,
      boolean wasRetained,
      @Nullable String responseTopic,
      byte @Nullable [] correlation) {
    if (!up || filters.stream().noneMatch(filter -> FaultyBroker.matches(filter, topic))) {
      return false;
    }
    return arrivals.offer(
        new Signal.Arrived(connection, topic, payload, wasRetained, responseTopic, correlation));
  }

  /** The connection is over, and the gateway notices. */
  void lost(Failure.Kind kind, int code, String words) {
    boolean was = up;
    up = false;
    broker.disconnected(this);
    if (was && !gone) {
      tell(kind, code, words);
    }
  }

  private void tell(Failure.Kind kind, int code, String words) {
    signals.offer(new Signal.Lost(connection, new Failure(kind, code, server + ": " + words)));
  }

  void publishWill() {
    Will left = will;
    will = null;
    if (left != null) {
      broker.take(
          Message.retained(left.topic(), new String(left.payload(), StandardCharsets.UTF_8)));
    }
  }

  @Override
  public void cut() {
    boolean was = up;
    up = false;
    connection = -1;
    if (was) {
      onceServed(this::leave);
    }
  }

  /** The broker sees the connection end without DISCONNECT. */
  private void leave() {
    if (broker.isConnected(this) && !up) {
      broker.disconnected(this);
      publishWill();
    }
  }

  @Override
  public void killed() {
    gone = true;
    cut();
  }

  @Override
  public void vanished() {
    gone = true;
    up = false;
    broker.after(KEEP_ALIVE_MILLIS, this::leave);
  }

  /** DISCONNECT with Will, as the real client says goodbye. */
  @Override
  public void close() {
    killed();
  }

  @Override
  public long certificateEndsMillis() {
    return Long.MIN_VALUE;
  }
}
