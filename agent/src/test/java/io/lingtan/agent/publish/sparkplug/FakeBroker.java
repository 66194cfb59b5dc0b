package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.link.Failure;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.run.Inbox;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Brokers without a network, all of them at once. Writes at once, unless told to hold. */
final class FakeBroker implements Broker {

  /**
   * What happened on a connection, in order.
   *
   * @param what CONNECT, SUBSCRIBE, PUBLISH, DISCONNECT or CUT
   */
  record Did(String what, String topic, byte[] payload, int qos, boolean retained) {
    Did(String what, String topic) {
      this(what, topic, new byte[0], 0, false);
    }
  }

  private final Inbox<Signal> signals = new Inbox<>(1024);
  private final Inbox<Signal.Arrived> arrivals = new Inbox<>(64);
  private final List<Long> held = new ArrayList<>();
  private final Map<String, Map<String, byte[]>> retained = new LinkedHashMap<>();
  private final Set<String> filters = new HashSet<>();
  final List<Did> did = new ArrayList<>();
  final List<String> tried = new ArrayList<>();
  final List<Will> wills = new ArrayList<>();
  Files files = new Files(false, null);
  int looks;
  boolean isDown;
  boolean refuses;
  boolean holds;
  String refusedFilter = "none is";
  int maximumPacket = Integer.MAX_VALUE;
  long connection;
  boolean up;

  @Override
  public Inbox<Signal> signals() {
    return signals;
  }

  @Override
  public Inbox<Signal.Arrived> arrivals() {
    return arrivals;
  }

  @Override
  public void lookAtFiles() {
    looks++;
  }

  @Override
  public Files files() {
    return files;
  }

  @Override
  public void connect(long name, String server, Will will) {
    files = new Files(false, null);
    connection = name;
    tried.add(server);
    filters.clear();
    held.clear();
    if (isDown) { // nobody hears a CONNECT, nor its Will
      signals.offer(
          new Signal.Lost(
              name, new Failure(Failure.Kind.UNREACHABLE, -1, server + ": nobody listens"), false));
      return;
    }
    wills.add(will);
    did.add(new Did("CONNECT", server));
    if (refuses) {
      signals.offer(
          new Signal.Lost(
              name, new Failure(Failure.Kind.NOT_AUTHORISED, 135, server + ": refuses")));
      return;
    }
    up = true;
    signals.offer(new Signal.Connected(name, 100, maximumPacket));
  }

  @Override
  public boolean publish(long id, Message message) {
    if (!up) {
      return false;
    }
    did.add(
        new Did("PUBLISH", message.topic(), message.payload(), message.qos(), message.retained()));
    held.add(id);
    if (!holds) {
      write();
    }
    return true;
  }

  /** What was held is written. */
  void write() {
    held.forEach(id -> signals.offer(new Signal.Acked(connection, id, 0)));
    held.clear();
  }

  @Override
  public boolean subscribe(List<String> wanted) {
    wanted.forEach(filter -> did.add(new Did("SUBSCRIBE", filter, new byte[0], 1, false)));
    filters.addAll(wanted);
    signals.offer(
        new Signal.Subscribed(
            connection,
            wanted,
            wanted.stream().map(f -> f.contains(refusedFilter) ? 0x87 : 1).toList()));
    retained
        .getOrDefault(tried.getLast(), Map.of())
        .forEach((topic, payload) -> arrive(topic, payload, true));
    return up;
  }

  /** Somebody publishes a retained message at a server. */
  void retain(String server, String topic, String payload) {
    byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
    retained.computeIfAbsent(server, s -> new LinkedHashMap<>()).put(topic, bytes);
    if (up && tried.getLast().equals(server)) {
      arrive(topic, bytes, false);
    }
  }

  /** Somebody publishes at the server that the view is connected to. */
  void arrive(String topic, byte[] payload, boolean isRetained) {
    String any = topic.substring(0, topic.lastIndexOf('/') + 1) + "+";
    if (filters.contains(topic) || filters.contains(any)) {
      arrivals.offer(new Signal.Arrived(connection, topic, payload, isRetained, null, null));
    }
  }

  @Override
  public void unsubscribe(List<String> gone) {
    filters.removeAll(gone);
  }

  /** The connection breaks. */
  void drop() {
    up = false;
    signals.offer(
        new Signal.Lost(connection, new Failure(Failure.Kind.CLOSED, -1, "the connection broke")));
  }

  @Override
  public void cut() {
    if (up) {
      did.add(new Did("CUT", ""));
    }
    up = false;
  }

  @Override
  public void goodbye() {
    if (up) {
      did.add(new Did("DISCONNECT", ""));
    }
    up = false;
  }

  @Override
  public void close() {
    goodbye();
  }

  @Override
  public long certificateEndsMillis() {
    return Long.MIN_VALUE;
  }
}
