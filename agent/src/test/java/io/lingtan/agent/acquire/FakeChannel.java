package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.wire.Channel;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.Line.CharacterFormat;
import java.nio.ByteBuffer;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** A channel in memory on virtual time: what is sent goes to a peer, who answers when it likes. */
public final class FakeChannel implements Channel {

  /** The other end: answers each request frame through {@link FakeChannel#deliver}. */
  public interface Peer {
    void request(FakeChannel channel, byte[] frame);
  }

  private record Delivery(long atNanos, long order, byte[] bytes) {}

  private final VirtualTime time;
  private final Peer peer;
  private final Waiter waiter = Waiter.parking();
  private final PriorityQueue<Delivery> coming =
      new PriorityQueue<>(
          (a, b) ->
              a.atNanos != b.atNanos
                  ? Long.compare(a.atNanos, b.atNanos)
                  : Long.compare(a.order, b.order));
  private long order;
  private boolean open;
  private boolean broken;
  private boolean refusing;
  private boolean keepsOverReconnection;
  private boolean relabels;
  private final byte[] lastTransaction = new byte[2];
  private @Nullable Trouble trouble;

  /** Speed and character form of a serial port; null until one is set. */
  @Nullable public CharacterFormat format;

  public int openings;
  int closings;
  public int requests;

  public FakeChannel(VirtualTime time, Peer peer) {
    this.time = time;
    this.peer = peer;
  }

  /** A serial server hands late bytes to whoever is connected. */
  FakeChannel keepingOverReconnection() {
    keepsOverReconnection = true;
    return this;
  }

  /** The other end ends the connection after what it has delivered up to then. */
  void breakOff(long delayNanos) {
    deliver(delayNanos, new byte[0]);
  }

  /**
   * A converter from Modbus TCP to a serial line, which gives whatever answer comes the transaction
   * id of the request that it has open.
   */
  FakeChannel relabelling() {
    relabels = true;
    return this;
  }

  public void refuse(boolean refuse) {
    refusing = refuse;
    broken |= refuse;
  }

  long nowNanos() {
    return time.now().nanos();
  }

  public void deliver(long delayNanos, byte[] bytes) {
    coming.add(new Delivery(time.now().nanos() + delayNanos, order++, bytes));
  }

  @Override
  public String where() {
    return "memory";
  }

  @Override
  public Opening open() {
    openings++;
    if (refusing) {
      trouble =
          new Trouble(
              Reason.TIMEOUT,
              new Sentence("host refused connection: memory; switch it on", "内存拒绝连接：请打开"));
      return Opening.FAILED;
    }
    trouble = null;
    broken = false;
    open = true;
    return Opening.OPEN;
  }

  @Override
  public boolean format(CharacterFormat wanted) {
    format = wanted;
    return true;
  }

  @Override
  public int send(ByteBuffer bytes) {
    if (broken || !open) {
      trouble = new Trouble(Reason.TIMEOUT, new Sentence("memory broke", "内存线路断开"));
      return -1;
    }
    byte[] frame = new byte[bytes.remaining()];
    bytes.get(frame);
    requests++;
    System.arraycopy(frame, 0, lastTransaction, 0, 2);
    peer.request(this, frame);
    return frame.length;
  }

  @Override
  public int receive(ByteBuffer into) {
    if (broken || !open) {
      trouble = new Trouble(Reason.TIMEOUT, new Sentence("memory broke", "内存线路断开"));
      return -1;
    }
    int count = 0;
    while (!coming.isEmpty()
        && coming.peek().atNanos <= time.now().nanos()
        && into.hasRemaining()) {
      Delivery next = coming.remove();
      byte[] bytes = next.bytes;
      if (bytes.length == 0) {
        broken = true;
        break;
      }
      if (relabels && next.order >= 0) {
        System.arraycopy(lastTransaction, 0, bytes, 0, 2);
      }
      int taken = Math.min(bytes.length, into.remaining());
      into.put(bytes, 0, taken);
      count += taken;
      if (taken < bytes.length) {
        coming.add(new Delivery(0, -1, java.util.Arrays.copyOfRange(bytes, taken, bytes.length)));
      }
    }
    return count;
  }

  @Override
  public @Nullable Trouble trouble() {
    return trouble;
  }

  @Override
  public void close() {
    closings += open ? 1 : 0;
    open = false;
    if (!keepsOverReconnection) {
      coming.clear();
    }
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }

  @Override
  public MonotonicInstant arrival() {
    Delivery next = coming.peek();
    return !open || next == null ? MonotonicInstant.NEVER : new MonotonicInstant(next.atNanos);
  }
}
