package io.lingtan.agent.publish.lane;

import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.run.MonotonicInstant;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Messages without PUBACK: at most min(Receive Maximum, 16) and 512 kB, because all of it is sent
 * again after a disconnect and because a broker may count it against us.
 *
 * <p>A topic that is suspected travels alone: no message beside it until it is acknowledged, and
 * none more before it once it waits.
 */
public final class Window {

  public static final int MOST_MESSAGES = 16;
  static final int MOST_BYTES = 512 * 1024;

  /** Which way a message takes: beside the records, or in one of their lanes. */
  public enum Way {
    CONTROL,
    LIVE,
    ORDERED,
    LATE,
    /** Once more, because somebody asked: it never acknowledges anything. */
    REPLAY
  }

  /**
   * Records that a message carries, of one epoch.
   *
   * @param seqs ascending
   */
  public record Load(String epoch, long[] seqs) {
    boolean has(String epoch, long seq) {
      return this.epoch.equals(epoch) && Arrays.binarySearch(seqs, seq) >= 0;
    }

    public static final Load NONE = new Load("", new long[0]);
  }

  /** A message under way. */
  public record Sent(long id, Message message, Way way, Load load, MonotonicInstant at) {}

  private final Map<Long, Sent> messages = new LinkedHashMap<>();
  private final Map<Way, Integer> byWay = new EnumMap<>(Way.class);
  private final Set<String> suspected = new HashSet<>();
  private boolean suspectWaits;
  private int most = MOST_MESSAGES;
  private int bytes;

  void open(int receiveMaximum) {
    clear();
    most = Math.min(receiveMaximum, MOST_MESSAGES);
  }

  public int most() {
    return most;
  }

  boolean hasRoom() {
    return messages.size() < most;
  }

  /**
   * Whether a message that is ready may be added; a suspect that may not waits from now on. A
   * single message may be larger than the bound in bytes, but then it travels alone.
   */
  boolean hasRoom(String topic, int payloadBytes) {
    if (messages.isEmpty()) {
      return hasRoom();
    }
    suspectWaits |= suspected.contains(topic);
    return hasRoom() && bytes + payloadBytes <= MOST_BYTES && !suspectWaits && !isAlone();
  }

  /** Whether what is under way is one message to a topic that is suspected. */
  boolean isAlone() {
    return messages.size() == 1
        && suspected.contains(messages.values().iterator().next().message.topic());
  }

  /** Each topic of what is under way is suspected from now on, through all connections. */
  void suspectAll() {
    messages.values().forEach(sent -> suspected.add(sent.message.topic()));
  }

  /** No topic is suspected any more. */
  void trustAll() {
    suspected.clear();
    suspectWaits = false;
  }

  /** A topic does no harm. */
  public void trust(String topic) {
    suspected.remove(topic);
  }

  void add(Sent sent) {
    suspectWaits = false;
    messages.put(sent.id, sent);
    byWay.merge(sent.way, 1, Integer::sum);
    bytes += sent.message.payload().length;
  }

  public @Nullable Sent remove(long id) {
    Sent sent = messages.remove(id);
    if (sent != null) {
      byWay.merge(sent.way, -1, Integer::sum);
      bytes -= sent.message.payload().length;
    }
    return sent;
  }

  boolean carries(String epoch, long seq) {
    for (Sent sent : messages.values()) {
      if (sent.load.has(epoch, seq)) {
        return true;
      }
    }
    return false;
  }

  public boolean uses(String topic) {
    for (Sent sent : messages.values()) {
      if (sent.message.topic().equals(topic)) {
        return true;
      }
    }
    return false;
  }

  int in(Way way) {
    return byWay.getOrDefault(way, 0);
  }

  public int size() {
    return messages.size();
  }

  public int bytes() {
    return bytes;
  }

  /** When the oldest was sent; never if there is none. */
  public MonotonicInstant oldest() {
    return messages.isEmpty() ? MonotonicInstant.NEVER : messages.values().iterator().next().at;
  }

  public Collection<Sent> all() {
    return messages.values();
  }

  public void clear() {
    messages.clear();
    suspectWaits = false;
    byWay.clear();
    bytes = 0;
  }
}
