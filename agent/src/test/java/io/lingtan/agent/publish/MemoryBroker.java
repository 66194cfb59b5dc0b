package io.lingtan.agent.publish;

import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.link.Failure;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.run.Inbox;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** A broker without a network. Answers within the call, unless told to hold PUBACKs back. */
public final class MemoryBroker implements Broker {

  /** A message that the broker got. */
  public record Got(long connection, long id, Message message) {
    public String topic() {
      return message.topic();
    }
  }

  private final Inbox<Signal> signals = new Inbox<>(1024);
  private final Inbox<Signal.Arrived> arrivals = new Inbox<>(64);
  public final List<Got> got = new ArrayList<>();
  public final List<Got> unanswered = new ArrayList<>();
  public final Map<String, byte[]> retained = new LinkedHashMap<>();
  final List<String> tried = new ArrayList<>();
  @Nullable Instant certificatesAsOf;
  public ToIntFunction<Message> reason = message -> 0;
  public Consumer<Message> onPublish = message -> {};
  public boolean holdsAcks;

  /** Publishing to topics that end so ends the connection, without a PUBACK. */
  public String cutsOn = "nothing";

  /** What is published to topics that end so is never acknowledged. */
  String silentOn = "nothing";

  public boolean isDown;
  long certificateEnds = Long.MIN_VALUE;
  Files files = Files.SAME;
  public int receiveMaximum = 65_535;
  public int maximumPacket = Integer.MAX_VALUE;
  public long connection;
  public boolean up;
  public int most;

  @Override
  public Inbox<Signal> signals() {
    return signals;
  }

  @Override
  public Inbox<Signal.Arrived> arrivals() {
    return arrivals;
  }

  @Override
  public void certificatesAsOf(@Nullable Instant when) {
    certificatesAsOf = when;
  }

  @Override
  public void connect(long name, String server, Will will) {
    connection = name;
    files = Files.SAME;
    tried.add(server);
    if (isDown) {
      signals.offer(
          new Signal.Lost(
              name, new Failure(Failure.Kind.UNREACHABLE, -1, server + ": nobody listens")));
      return;
    }
    up = true;
    signals.offer(new Signal.Connected(name, receiveMaximum, maximumPacket));
  }

  @Override
  public Files files() {
    return files;
  }

  @Override
  public boolean publish(long id, Message message) {
    if (!up) {
      return false;
    }
    onPublish.accept(message);
    Got one = new Got(connection, id, message);
    got.add(one);
    if (message.topic().endsWith(cutsOn)) {
      drop();
      return true;
    }
    if (message.retained()) {
      retained.put(message.topic(), message.payload());
    }
    if (message.qos() > 0) {
      unanswered.add(one);
      most = Math.max(most, unanswered.size());
      if (message.topic().endsWith(silentOn)) {
        unanswered.remove(one);
      } else if (!holdsAcks) {
        answer();
      }
    }
    return true;
  }

  /** Sends the PUBACKs held back. */
  public void answer() {
    for (Got one : List.copyOf(unanswered)) {
      signals.offer(new Signal.Acked(one.connection(), one.id(), reason.applyAsInt(one.message())));
    }
    unanswered.clear();
  }

  @Override
  public boolean subscribe(List<String> filters) {
    for (String filter : filters) {
      String prefix = filter.endsWith("+") ? filter.substring(0, filter.length() - 1) : filter;
      retained.forEach(
          (topic, payload) -> {
            boolean fits = filter.endsWith("+") ? topic.startsWith(prefix) : topic.equals(filter);
            if (fits) {
              arrivals.offer(new Signal.Arrived(connection, topic, payload, true, null, null));
            }
          });
    }
    signals.offer(
        new Signal.Subscribed(connection, filters, filters.stream().map(f -> 1).toList()));
    return up;
  }

  @Override
  public void unsubscribe(List<String> filters) {}

  /** The connection ends, from the broker's side. */
  public void drop(Failure.Kind kind, int code) {
    up = false;
    unanswered.clear();
    signals.offer(new Signal.Lost(connection, new Failure(kind, code, "dropped")));
  }

  public void drop() {
    drop(Failure.Kind.CLOSED, -1);
  }

  @Override
  public void cut() {
    up = false;
    unanswered.clear();
  }

  @Override
  public void close() {
    up = false;
  }

  @Override
  public long certificateEndsMillis() {
    return certificateEnds;
  }

  /** What was published below {@code lingtan/v1/gw/}, from message {@code from} on. */
  public List<Got> on(String topic) {
    return got.stream().filter(one -> one.topic().equals("lingtan/v1/gw/" + topic)).toList();
  }
}
