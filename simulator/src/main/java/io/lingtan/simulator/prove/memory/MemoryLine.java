package io.lingtan.simulator.prove.memory;

import io.lingtan.agent.acquire.wire.Channel;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.simulator.check.Witness;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Framing;
import io.lingtan.simulator.device.Outgoing;
import io.lingtan.simulator.device.WorldClock;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A way to an endpoint in memory: a connection, or a serial port. A reply is there when the
 * request, the device's delay and the reply's own characters have had their time on the virtual
 * clock, in the order of arrival and not of the requests. Closing a connection loses what is under
 * way, as TCP does; a serial line goes on, and what comes while the port is closed is lost. Holds
 * at most {@value #MOST_REPLIES} pieces: further ones are lost.
 */
public final class MemoryLine implements Channel, Outgoing {

  private static final int MOST_REPLIES = 256;

  private final Endpoint endpoint;
  private final Time time;
  private final WorldClock clock;
  private final @Nullable Witness witness;
  private final long timeoutNanos;
  private final Waiter waiter = Waiter.parking();
  private final byte[] request = new byte[2 * Endpoint.LONGEST_FRAME];
  private final PriorityQueue<Underway> underway =
      new PriorityQueue<>(Comparator.comparing(Underway::due).thenComparingLong(Underway::number));
  private final Map<Integer, MonotonicInstant> lastOfUnit = new HashMap<>();
  private int filled;
  private long numbered;
  private boolean open;
  private long openedMillis;

  /** When it was last looked whether another client has it. */
  private long lookedMillis = Long.MIN_VALUE;

  private MonotonicInstant asked = MonotonicInstant.NEVER;
  private @Nullable Trouble trouble;
  private @Nullable ByteBuffer arriving;

  /** A reply on its way. */
  private record Underway(MonotonicInstant due, long number, byte[] frame) {}

  /**
   * @param witness who is told of what goes out, null for nobody
   * @param timeoutNanos for which the agent waits for a reply
   */
  public MemoryLine(
      Endpoint endpoint,
      Time time,
      WorldClock clock,
      @Nullable Witness witness,
      long timeoutNanos) {
    this.witness = witness;
    this.timeoutNanos = timeoutNanos;
    this.endpoint = endpoint;
    this.time = time;
    this.clock = clock;
  }

  @Override
  public String where() {
    return "memory:" + endpoint.id();
  }

  @Override
  public Opening open() {
    long millis = clock.millisAt(time.now());
    if (!open) {
      trouble = null;
      if (isConnection() && !endpoint.admits(millis)) {
        trouble =
            new Trouble(
                Reason.TIMEOUT,
                new Sentence(
                    where() + " has room for one client, and has one", where() + " 只容一个主站，已有一个"));
        return Opening.FAILED;
      }
      openedMillis = millis;
      lookedMillis = Long.MIN_VALUE;
      open = true;
    }
    return Opening.OPEN;
  }

  private boolean isConnection() {
    return endpoint.wiring().framing() != Framing.RTU;
  }

  /** Whether bytes can go either way; where another client has taken the connection, no more. */
  private boolean isUsable() {
    long millis = clock.millisAt(time.now());
    if (open && millis != lookedMillis && isConnection()) {
      lookedMillis = millis;
      if (endpoint.cuts(openedMillis, millis)) {
        reset();
      }
    }
    return open;
  }

  @Override
  public int send(ByteBuffer bytes) {
    if (!isUsable()) {
      return -1;
    }
    int taken = Math.min(bytes.remaining(), request.length - filled);
    bytes.get(request, filled, taken);
    filled += taken;
    for (int length; (length = endpoint.requestLength(request, 0, filled)) != 0; ) {
      if (length < 0) {
        // What is no Modbus frame makes the other side hang up.
        reset();
        return -1;
      }
      if (length > filled) {
        break;
      }
      asked = time.now();
      if (witness != null) {
        witness.asked();
      }
      endpoint.serve(request, length, clock.millisAt(asked), this);
      if (!open) {
        return -1;
      }
      System.arraycopy(request, length, request, 0, filled - length);
      filled -= length;
    }
    return taken;
  }

  @Override
  public void send(long startNanos, long endNanos, byte[] bytes, int length) {
    sendAt(inTurn(endNanos), bytes, length);
  }

  /**
   * A unit on a serial line, a gateway between or not, does one thing after the other: it answers
   * in the order in which it was asked, however late. Over Modbus TCP nobody promises that.
   */
  private long inTurn(long endNanos) {
    if (endpoint.wiring().framing() == Framing.TCP) {
      return endNanos;
    }
    // Meters with an address of their own share one turn, whatever their requests begin with.
    int unit = endpoint.itemFrameBytes() > 0 ? -1 : request[0] & 0xFF;
    MonotonicInstant due = asked.plusNanos(endNanos);
    MonotonicInstant before = lastOfUnit.getOrDefault(unit, due);
    long turn = before.isAfter(due) ? before.nanosSince(asked) : endNanos;
    lastOfUnit.put(unit, asked.plusNanos(turn));
    return turn;
  }

  private void sendAt(long endNanos, byte[] bytes, int length) {
    if (witness != null) {
      long arrives = clock.millisAt(asked.plusNanos(endNanos));
      boolean inTime = endNanos <= timeoutNanos + endpoint.unknownNanos();
      if (endpoint.itemFrameBytes() > 0) {
        boolean own = !endpoint.isForeignItem();
        witness.sent(arrives, own && inTime, length, endpoint.itemFrameBytes());
      } else {
        // Of a reply in pieces the unit is in the first, which alone may be that short.
        int unitAt = endpoint.wiring().framing() == Framing.TCP ? 6 : 0;
        boolean own = length <= unitAt + 1 || bytes[unitAt] == request[unitAt];
        witness.sentRegisters(arrives, own && inTime, length, unitAt == 0 ? 5 : 9);
      }
    }
    if (underway.size() < MOST_REPLIES) {
      underway.add(
          new Underway(asked.plusNanos(endNanos), numbered++, Arrays.copyOf(bytes, length)));
    }
  }

  @Override
  public void reset() {
    close();
    trouble =
        new Trouble(
            Reason.TIMEOUT, new Sentence(where() + " ended the connection", where() + " 结束了连接"));
  }

  @Override
  public int receive(ByteBuffer into) {
    if (!isUsable()) {
      return -1;
    }
    int taken = 0;
    for (ByteBuffer bytes; into.hasRemaining() && (bytes = arrived()) != null; ) {
      int part = Math.min(bytes.remaining(), into.remaining());
      into.put(into.position(), bytes, bytes.position(), part);
      into.position(into.position() + part);
      bytes.position(bytes.position() + part);
      taken += part;
    }
    return taken;
  }

  /** What has arrived and not been taken; null if nothing has. */
  private @Nullable ByteBuffer arrived() {
    ByteBuffer bytes = arriving;
    if (bytes != null && bytes.hasRemaining()) {
      return bytes;
    }
    Underway next = underway.peek();
    if (next == null || next.due.isAfter(time.now())) {
      return null;
    }
    underway.remove();
    bytes = ByteBuffer.wrap(next.frame);
    arriving = bytes;
    return bytes;
  }

  @Override
  public MonotonicInstant arrival() {
    ByteBuffer bytes = arriving;
    if (bytes != null && bytes.hasRemaining()) {
      return time.now();
    }
    Underway next = underway.peek();
    return next == null ? MonotonicInstant.NEVER : next.due;
  }

  @Override
  public @Nullable Trouble trouble() {
    return trouble;
  }

  @Override
  public void close() {
    open = false;
    filled = 0;
    arriving = null;
    underway.clear();
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }
}
