package io.lingtan.agent.acquire.share;

import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the devices of a line have just told, each reply as it came. Registers are given out only if
 * one reply holds all of them, so that a value of several registers is of one moment, and only
 * while the reply is younger than the device's period, counted from when it was asked. Holds the
 * last {@value #MOST} replies that differ in what was asked. Any thread.
 */
final class RecentReplies {

  static final int MOST = 256;

  private record Place(int unit, BlockRead read) {}

  private record Reply(byte[] bytes, long askedNanos, long untilNanos) {}

  private final Map<Place, Reply> replies = new ConcurrentHashMap<>();

  /**
   * Keeps a reply in the place of the one before to the same question.
   *
   * @param askedNanos when its request was sent
   * @param freshNanos how long it may be given out
   */
  void keep(int unit, Words words, long askedNanos, long freshNanos) {
    Place place = new Place(unit, words.read());
    if (replies.size() >= MOST && !replies.containsKey(place)) {
      replies.values().removeIf(reply -> reply.untilNanos < askedNanos);
      if (replies.size() >= MOST) {
        return;
      }
    }
    replies.put(place, new Reply(words.bytes(), askedNanos, askedNanos + freshNanos));
  }

  /** The value bytes of the youngest reply that holds all of it; null if none is fresh. */
  byte @Nullable [] find(int unit, BlockRead wanted, long now) {
    Place from = null;
    Reply found = null;
    for (Map.Entry<Place, Reply> entry : replies.entrySet()) {
      Place place = entry.getKey();
      Reply reply = entry.getValue();
      if (place.unit == unit
          && place.read.covers(wanted)
          && now <= reply.untilNanos
          && (found == null || reply.askedNanos > found.askedNanos)) {
        from = place;
        found = reply;
      }
    }
    return from == null || found == null ? null : cut(from.read, found.bytes, wanted);
  }

  /** The value bytes of a part of a reply. */
  static byte[] cut(BlockRead read, byte[] bytes, BlockRead wanted) {
    int first = wanted.address() - read.address();
    if (wanted.function() > 2) {
      return Arrays.copyOfRange(bytes, 2 * first, 2 * (first + wanted.words()));
    }
    byte[] bits = new byte[wanted.valueBytes()];
    for (int i = 0; i < wanted.words(); i++) {
      int bit = (bytes[(first + i) / 8] >>> ((first + i) % 8)) & 1;
      bits[i / 8] |= (byte) (bit << (i % 8));
    }
    return bits;
  }
}
