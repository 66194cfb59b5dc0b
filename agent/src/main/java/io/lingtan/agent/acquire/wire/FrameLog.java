package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.acquire.wire.FramesSnapshot.Frame;
import io.lingtan.agent.acquire.wire.FramesSnapshot.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What went over a line in the last ten minutes, in a ring of bounded size. When it is full the
 * oldest goes, and is counted if it was younger than that. The last answer to each request that has
 * not been asked since (a serial number, a model chain) is kept beside it, because without it the
 * rest cannot be understood.
 *
 * <p>Written by the line's thread, read by any.
 */
public final class FrameLog {

  static final long KEPT_NANOS = Duration.ofMinutes(10).toNanos();

  private static final int FIRST_SIZE = 4 * 1024;
  private static final int HEAD = Long.BYTES + 1 + Short.BYTES;

  /** Frames that belong to one request, at most. */
  private static final int MOST_ANSWERS = 8;

  private final String line;
  private final String where;
  private final int idBytes;
  private int most;
  private final ByteBuffer head = ByteBuffer.allocate(HEAD);
  private byte[] ring = new byte[0];
  private int start;
  private int length;
  private long dropped;
  private long since;

  /** By request: what was asked and answered before what the ring holds, oldest first. */
  private final Map<ByteBuffer, Exchanged> before = new LinkedHashMap<>();

  private int beforeBytes;

  /** What the frame that leaves the ring belongs to; null if no request was before it. */
  private @Nullable Exchanged evicting;

  /** A request and its answers. */
  private static final class Exchanged {
    private final List<Frame> frames = new ArrayList<>(2);
    private int bytes;
  }

  /**
   * @param most bytes of the ring, ≥ 4096; a quarter of it beside the ring at most
   */
  public FrameLog(String line, String where, int idBytes, int most) {
    this.line = line;
    this.where = where;
    this.idBytes = idBytes;
    this.most = Math.max(FIRST_SIZE, most);
  }

  String line() {
    return line;
  }

  /** Another share of the room: what is too much goes, oldest first. */
  synchronized void limit(int bytes) {
    most = Math.max(FIRST_SIZE, bytes);
    while (length > most) {
      dropped++;
      evict();
    }
    if (ring.length > most) {
      byte[] smaller = new byte[most];
      copy(start, smaller, length);
      ring = smaller;
      start = 0;
    }
  }

  /** Notes {@code count} bytes of the buffer that end at {@code end}. */
  synchronized void add(Kind kind, long atNanos, ByteBuffer bytes, int end, int count) {
    byte[] copy = new byte[count];
    bytes.get(end - count, copy);
    add(kind, atNanos, copy);
  }

  synchronized void add(Kind kind, long atNanos, byte[] bytes) {
    int size = HEAD + bytes.length;
    if (bytes.length > Short.MAX_VALUE || size > most) {
      dropped++;
      return;
    }
    while (length > 0 && atNanos - oldestNanos() > KEPT_NANOS) {
      evict();
    }
    while (length + size > most) {
      dropped++;
      evict();
    }
    makeRoom(length + size);
    head.clear().putLong(atNanos).put((byte) kind.sign()).putShort((short) bytes.length);
    put(head.array());
    put(bytes);
  }

  private void makeRoom(int needed) {
    if (needed <= ring.length) {
      return;
    }
    int size = Math.max(FIRST_SIZE, ring.length);
    while (size < needed) {
      size *= 2;
    }
    byte[] larger = new byte[Math.min(size, most)];
    copy(start, larger, length);
    ring = larger;
    start = 0;
  }

  private void put(byte[] bytes) {
    int end = (start + length) % ring.length;
    int first = Math.min(bytes.length, ring.length - end);
    System.arraycopy(bytes, 0, ring, end, first);
    System.arraycopy(bytes, first, ring, 0, bytes.length - first);
    length += bytes.length;
  }

  private void copy(int from, byte[] to, int count) {
    if (count == 0) {
      return;
    }
    int first = Math.min(count, ring.length - from);
    System.arraycopy(ring, from, to, 0, first);
    System.arraycopy(ring, 0, to, first, count - first);
  }

  private Frame at(int offset) {
    copy((start + offset) % ring.length, head.array(), HEAD);
    head.clear();
    long nanos = head.getLong();
    Kind kind = Kind.of((char) head.get());
    byte[] bytes = new byte[head.getShort()];
    copy((start + offset + HEAD) % ring.length, bytes, bytes.length);
    return new Frame(nanos, kind, bytes);
  }

  private long oldestNanos() {
    copy(start, head.array(), Long.BYTES);
    return head.getLong(0);
  }

  /** The oldest leaves the ring; an exchange that it belongs to takes the place of an older one. */
  private void evict() {
    Frame frame = at(0);
    int size = HEAD + frame.bytes().length;
    start = (start + size) % ring.length;
    length -= size;
    since = frame.atNanos() + 1;
    switch (frame.kind()) {
      case SENT -> {
        evicting = replaced(frame.bytes());
        keep(frame);
      }
      case RECEIVED -> keep(frame);
      case OPENED, FAILED, BROKEN -> evicting = null;
    }
    while (beforeBytes > most / 4) {
      forget(before.keySet().iterator().next());
    }
  }

  /** Room for a request that is the newest of its kind now; null if there is nothing in it. */
  private @Nullable Exchanged replaced(byte[] bytes) {
    int from = Math.min(idBytes, bytes.length);
    ByteBuffer request = ByteBuffer.wrap(Arrays.copyOfRange(bytes, from, bytes.length));
    forget(request);
    if (!request.hasRemaining()) {
      return null;
    }
    Exchanged exchange = new Exchanged();
    before.put(request, exchange);
    return exchange;
  }

  private void keep(Frame frame) {
    Exchanged exchange = evicting;
    if (exchange != null && exchange.frames.size() < MOST_ANSWERS) {
      int bytes = HEAD + frame.bytes().length;
      exchange.frames.add(frame);
      exchange.bytes += bytes;
      beforeBytes += bytes;
    }
  }

  private void forget(ByteBuffer request) {
    Exchanged gone = before.remove(request);
    if (gone != null) {
      beforeBytes -= gone.bytes;
      evicting = gone == evicting ? null : evicting;
    }
  }

  /** What is there now. Any thread. */
  public synchronized FramesSnapshot snapshot() {
    List<Frame> ringFrames = new ArrayList<>();
    for (int offset = 0; offset < length; ) {
      Frame frame = at(offset);
      ringFrames.add(frame);
      offset += HEAD + frame.bytes().length;
    }
    List<Frame> frames = new ArrayList<>();
    before.values().forEach(exchange -> frames.addAll(exchange.frames));
    frames.sort(Comparator.comparingLong(Frame::atNanos));
    frames.addAll(ringFrames);
    return new FramesSnapshot(line, where, idBytes, since, dropped, frames);
  }
}
