package io.lingtan.simulator.prove;

import io.lingtan.agent.acquire.Channel;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.WorldClock;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an endpoint in memory. A reply is there when its delay has passed on the virtual
 * clock, in the order of arrival and not of the requests; closing the connection loses what is
 * under way, as TCP does. Holds at most {@value #MOST_REPLIES} replies: further ones are lost.
 */
final class MemoryLine implements Channel {

  private static final int MOST_REPLIES = 256;

  private final Endpoint endpoint;
  private final Time time;
  private final WorldClock clock;
  private final Waiter waiter = Waiter.parking();
  private final byte[] request = new byte[2 * Endpoint.LONGEST_FRAME];
  private final byte[] reply = new byte[Endpoint.LONGEST_FRAME];
  private final PriorityQueue<Underway> underway =
      new PriorityQueue<>(Comparator.comparing(Underway::due).thenComparingLong(Underway::number));
  private int filled;
  private long numbered;
  private boolean open;
  private @Nullable ByteBuffer arriving;

  /** A reply on its way. */
  private record Underway(MonotonicInstant due, long number, byte[] frame) {}

  MemoryLine(Endpoint endpoint, Time time, WorldClock clock) {
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
    open = true;
    return Opening.OPEN;
  }

  @Override
  public int send(ByteBuffer bytes) {
    if (!open) {
      return -1;
    }
    int taken = Math.min(bytes.remaining(), request.length - filled);
    bytes.get(request, filled, taken);
    filled += taken;
    for (int length; (length = Endpoint.frameLength(request, 0, filled)) != 0; ) {
      if (length < 0) {
        // What is no Modbus frame makes the other side hang up.
        close();
        return -1;
      }
      if (length > filled) {
        break;
      }
      serve(length);
      System.arraycopy(request, length, request, 0, filled - length);
      filled -= length;
    }
    return taken;
  }

  private void serve(int length) {
    MonotonicInstant now = time.now();
    int bytes = endpoint.serve(request, length, reply, clock.millisAt(now));
    if (bytes > 0 && underway.size() < MOST_REPLIES) {
      MonotonicInstant due = now.plusMillis(endpoint.replyDelayMillis());
      underway.add(new Underway(due, numbered++, Arrays.copyOf(reply, bytes)));
    }
  }

  @Override
  public int receive(ByteBuffer into) {
    if (!open) {
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

  /** In memory nothing breaks but by {@link #close}. */
  @Override
  public @Nullable Trouble trouble() {
    return null;
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
