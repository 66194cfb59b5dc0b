package io.lingtan.agent.publish.link;

import io.lingtan.agent.run.Inbox;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An MQTT 5 broker as the publisher sees it: every call returns at once, and what became of it
 * comes back through an inbox. Publisher's thread; only the inboxes are offered to by others.
 */
public interface Broker extends AutoCloseable {

  /**
   * What happened on a connection, in order. At most one element per message in flight plus a few,
   * so it cannot overflow while the publisher keeps its window.
   */
  Inbox<Signal> signals();

  /** What arrived on topics subscribed to. When it is full more is refused and counted. */
  Inbox<Signal.Arrived> arrivals();

  /**
   * Begins a connection, with a clean start; an earlier one is cut without a word. Ends in {@link
   * Signal.Connected} or {@link Signal.Lost} within a bounded time.
   *
   * @param connection names it in every signal; never reused
   * @param server {@code mqtt://host:port} or {@code mqtts://host:port}
   */
  void connect(long connection, String server, Will will);

  /**
   * When the broker's certificate must be valid, from the next connection on: while this machine
   * does not know the time, it knows at least that it is later than then. One without certificates
   * has nothing to check.
   *
   * @param when null: now, by this machine's clock
   */
  default void certificatesAsOf(@Nullable Instant when) {}

  /**
   * Sends a message on the present connection. With QoS 1 ends in {@link Signal.Acked} or in the
   * connection's {@link Signal.Lost}; with QoS 0 in nothing, or, where a broker was made so, in
   * {@link Signal.Acked} when it has been written.
   *
   * @return false if it was not taken: the connection is going down, and its Lost will say so
   */
  boolean publish(long id, Message message);

  /** Subscribes with QoS 1. Ends in {@link Signal.Subscribed}, one reason code per filter. */
  boolean subscribe(List<String> filters);

  /**
   * The same for what comes from now on alone: of what the broker keeps there nothing is wanted,
   * where it can be told so.
   */
  default boolean subscribeToNew(List<String> filters) {
    return subscribe(filters);
  }

  /** What has been read on the present connection so far; unknown while there is none. */
  default Heard heard() {
    return Heard.UNKNOWN;
  }

  /** Ends subscriptions; nothing comes back. */
  void unsubscribe(List<String> filters);

  /** Cuts the connection at once, without DISCONNECT: the broker publishes the Will. */
  void cut();

  /**
   * Says goodbye so that the Will is published, without waiting for it; nothing more comes of the
   * connection. What was handed over before still goes out, if the broker takes it within seconds.
   */
  default void goodbye() {
    cut();
  }

  /**
   * Says goodbye so that the Will is published, waiting at most 2 s, and frees everything. Messages
   * in flight may still be acknowledged until it returns.
   */
  @Override
  void close();

  /** When the client's own certificate ends, UTC ms; {@link Long#MIN_VALUE} if there is none. */
  long certificateEndsMillis();

  /**
   * Looks whether the files that the present connection was made with are others now; what comes of
   * it is in {@link #files()} a little later.
   */
  default void lookAtFiles() {}

  /** What {@link #lookAtFiles} has found. */
  default Files files() {
    return Files.SAME;
  }

  /**
   * Certificate, key, authority and password on the disk, beside those of the present connection.
   *
   * @param renewed they are others, complete, and can be used
   * @param unusable why others that lie there cannot be used, for a person; null otherwise
   */
  record Files(boolean renewed, @Nullable String unusable) {
    public static final Files SAME = new Files(false, null);
  }

  /**
   * What was read on a connection.
   *
   * @param asked how often somebody wanted to read; about once a second at least while all is well
   * @param packets how many packets came
   * @param keepAliveSeconds after so long without one the broker is asked for a sign; 0: never
   */
  record Heard(long asked, long packets, int keepAliveSeconds) {
    static final Heard UNKNOWN = new Heard(-1, -1, 0);
  }

  /** Published by the broker when we are gone. QoS 1. */
  record Will(String topic, byte[] payload, boolean retained) {
    /** A retained one. */
    public Will(String topic, byte[] payload) {
      this(topic, payload, true);
    }
  }
}
