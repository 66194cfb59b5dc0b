package io.lingtan.simulator.replay;

import io.lingtan.agent.acquire.wire.Channel;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.simulator.replay.Frames.Frame;
import io.lingtan.simulator.replay.Frames.Kind;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A line that does again what it did. A request gets what the same request got when it was
 * recorded, after the same time: each answer once, in order, so that what was late, damaged or
 * missing is so again. Requests are found by content, because an agent that starts anew does not
 * ask at the very instants at which the recorded one did; answers that are too far from now stay
 * where they are, so that a unit is dead when it was. What is asked seldom (a serial number, a
 * model chain) gets the answer nearest to now, as often as it is asked.
 *
 * <p>On Modbus TCP the ids of answers become those of the requests that they were of.
 */
final class ReplayChannel implements Channel {

  /** How far a request may be from the recorded one. */
  private static final long APART_NANOS = 5_000_000_000L;

  /** What was asked less often than this in ten minutes is asked seldom. */
  private static final int SELDOM = 3;

  private static final int MBAP = 6;

  private final Frames frames;
  private final Time time;
  private final Waiter waiter = Waiter.parking();

  /** What came after a request and before the next one. */
  private record Exchange(long atNanos, int id, List<Frame> answers) {}

  private final Map<String, Asked> recorded = new HashMap<>();
  private final Map<Integer, Integer> ids = new HashMap<>();

  /** All that was recorded of one request. */
  private static final class Asked {
    private final List<Exchange> all = new ArrayList<>();
    private int inWindow;
    private int next;

    void add(Exchange exchange, boolean isInWindow) {
      all.add(exchange);
      inWindow += isInWindow ? 1 : 0;
      next = all.size() - inWindow;
    }

    @Nullable Exchange at(long nanos) {
      return inWindow < SELDOM ? nearest(nanos) : inTurn(nanos);
    }

    private @Nullable Exchange nearest(long nanos) {
      Exchange found = null;
      for (Exchange exchange : all) {
        if (found == null
            || Math.abs(exchange.atNanos - nanos) <= Math.abs(found.atNanos - nanos)) {
          found = exchange;
        }
      }
      return found;
    }

    private @Nullable Exchange inTurn(long nanos) {
      long span = all.getLast().atNanos - all.get(all.size() - inWindow).atNanos;
      long apart = Math.max(APART_NANOS, span / (inWindow - 1) * 3 / 2);
      while (next < all.size() && all.get(next).atNanos < nanos - apart) {
        next++;
      }
      boolean isNow = next < all.size() && all.get(next).atNanos <= nanos + apart;
      return isNow ? all.get(next++) : null;
    }
  }

  /** An answer on its way. */
  private record Underway(long atNanos, long number, Frame frame) {}

  private final PriorityQueue<Underway> underway =
      new PriorityQueue<>(
          Comparator.comparingLong(Underway::atNanos).thenComparingLong(Underway::number));

  private ByteBuffer arrived = ByteBuffer.allocate(0);
  private int inFrame;
  private long numbered;
  private boolean open;
  private @Nullable Trouble trouble;
  private long answered;
  private long unknown;

  ReplayChannel(Frames frames, Time time) {
    this.frames = frames;
    this.time = time;
    Exchange current = null;
    for (Frame frame : frames.frames()) {
      switch (frame.kind()) {
        case SENT -> {
          current = new Exchange(frame.atNanos(), id(frame.bytes()), new ArrayList<>());
          String request = request(frame.bytes());
          recorded
              .computeIfAbsent(request, r -> new Asked())
              .add(current, frame.atNanos() >= frames.sinceNanos());
        }
        case RECEIVED, BROKEN -> {
          if (current != null) {
            current.answers.add(frame);
          }
        }
        case OPENED, FAILED -> {}
      }
    }
  }

  private String request(byte[] bytes) {
    int from = Math.min(frames.idBytes(), bytes.length);
    return HexFormat.of().formatHex(bytes, from, bytes.length);
  }

  private int id(byte[] bytes) {
    return frames.idBytes() == 2 && bytes.length >= 2 ? word(bytes, 0) : -1;
  }

  private static int word(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
  }

  /** Requests that were found in the recording. */
  long answered() {
    return answered;
  }

  /** Requests that were not. */
  long unknown() {
    return unknown;
  }

  @Override
  public String where() {
    return "recorded:" + frames.line();
  }

  /** As it went at the last recorded attempt before this time. */
  @Override
  public Opening open() {
    Frame last = null;
    for (Frame frame : frames.frames()) {
      if (frame.atNanos() > time.now().nanos()) {
        break;
      }
      if (frame.kind() == Kind.OPENED || frame.kind() == Kind.FAILED) {
        last = frame;
      }
    }
    if (last != null && last.kind() == Kind.FAILED) {
      trouble = trouble(last);
      return Opening.FAILED;
    }
    open = true;
    trouble = null;
    return Opening.OPEN;
  }

  private static Trouble trouble(Frame frame) {
    String[] parts = frame.words().split(" ", 2);
    boolean reason = parts[0].matches("[a-z]+(_[a-z0-9]+)?") && parts.length == 2;
    return reason
        ? new Trouble(new Reason(parts[0]), new Sentence(parts[1], "录制时的线路故障：" + parts[1]))
        : new Trouble(Reason.TIMEOUT, new Sentence("it was so when it was recorded", "录制时就是这样"));
  }

  @Override
  public int send(ByteBuffer bytes) {
    if (!open) {
      return -1;
    }
    byte[] request = new byte[bytes.remaining()];
    bytes.get(request);
    Asked asked = recorded.get(request(request));
    Exchange exchange = asked == null ? null : asked.at(time.now().nanos());
    if (exchange == null) {
      unknown++;
      return request.length;
    }
    answered++;
    if (exchange.id >= 0) {
      ids.put(exchange.id, id(request));
    }
    long shift = time.now().nanos() - exchange.atNanos;
    for (Frame answer : exchange.answers) {
      underway.add(new Underway(answer.atNanos() + shift, numbered++, answer));
    }
    return request.length;
  }

  @Override
  public int receive(ByteBuffer into) {
    if (!open) {
      return -1;
    }
    int taken = 0;
    while (into.hasRemaining()) {
      if (arrived.hasRemaining()) {
        into.put(arrived.get());
        taken++;
        continue;
      }
      Underway next = underway.peek();
      if (next == null || next.atNanos > time.now().nanos()) {
        return taken;
      }
      if (next.frame.kind() == Kind.BROKEN) {
        if (taken == 0) {
          trouble = trouble(next.frame);
          close();
          return -1;
        }
        return taken;
      }
      underway.remove();
      arrived = ByteBuffer.wrap(renumbered(next.frame.bytes()));
    }
    return taken;
  }

  /** The bytes with the ids of frames that begin in them changed to those of their requests. */
  private byte[] renumbered(byte[] bytes) {
    if (frames.idBytes() != 2) {
      return bytes;
    }
    byte[] changed = bytes.clone();
    int at = Math.min(inFrame, changed.length);
    inFrame -= at;
    while (changed.length - at >= MBAP) {
      Integer id = ids.get(word(changed, at));
      if (id != null) {
        changed[at] = (byte) (id >> 8);
        changed[at + 1] = (byte) (int) id;
      }
      int length = MBAP + word(changed, at + 4);
      int here = Math.min(length, changed.length - at);
      inFrame = length - here;
      at += here;
    }
    return changed;
  }

  @Override
  public MonotonicInstant arrival() {
    if (arrived.hasRemaining()) {
      return time.now();
    }
    Underway next = underway.peek();
    return next == null ? MonotonicInstant.NEVER : new MonotonicInstant(next.atNanos);
  }

  @Override
  public @Nullable Trouble trouble() {
    return trouble;
  }

  @Override
  public void close() {
    open = false;
    inFrame = 0;
    arrived = ByteBuffer.allocate(0);
    underway.clear();
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }
}
