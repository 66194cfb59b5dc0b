package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.Channel.Trouble;
import io.lingtan.agent.acquire.Outcome.Broken;
import io.lingtan.agent.acquire.Outcome.Pending;
import io.lingtan.agent.acquire.Outcome.Replied;
import io.lingtan.agent.acquire.Outcome.Silent;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.modbus.Reply;
import io.lingtan.agent.acquire.modbus.Reply.Flaw;
import io.lingtan.agent.acquire.modbus.Reply.NeedMore;
import io.lingtan.agent.acquire.modbus.Reply.Rejected;
import io.lingtan.agent.acquire.modbus.ReplyParser;
import io.lingtan.agent.reading.Reason;
import java.nio.ByteBuffer;

/** One request at a time over an open channel, and what arrives when nothing was asked. */
final class Exchange {

  private static final BlockRead NOTHING = new BlockRead(3, 0, 1);
  private static final int MOST_CHUNKS = 64;
  private static final long RETRY_SEND_NANOS = 1_000_000L;

  private final Channel channel;
  private final Framing framing;
  private final boolean echo;
  private final long timeoutNanos;
  private final ReplyParser parser;
  private final byte[] request = new byte[Framing.MAX_REQUEST];
  private final ByteBuffer out = ByteBuffer.wrap(request);
  private final ByteBuffer in = ByteBuffer.allocate(512).limit(0);
  private int transaction;
  private boolean busy;
  private int echoed;
  private long sentNanos;
  private long deadlineNanos;
  private long foreign;
  private boolean surplus;

  /**
   * @param echo whether the port hears what it sends
   * @param timeoutNanos how long a device has to answer
   */
  Exchange(Channel channel, Framing framing, boolean echo, long timeoutNanos) {
    this.channel = channel;
    this.framing = framing;
    this.echo = echo;
    this.timeoutNanos = timeoutNanos;
    this.parser = new ReplyParser(framing);
  }

  boolean busy() {
    return busy;
  }

  /** When the present request is given up, or must be sent on. */
  long dueNanos() {
    return out.hasRemaining() ? sentNanos + RETRY_SEND_NANOS : deadlineNanos;
  }

  /** When the present or last request was sent. */
  long sentNanos() {
    return sentNanos;
  }

  /** Frames (TCP) and bytes (RTU) that were no answer to anything asked, since start. */
  long foreign() {
    return foreign + parser.foreignFrames();
  }

  /** Whether bytes stood behind the last reply although nothing more was asked. */
  boolean surplus() {
    return surplus;
  }

  /** A new connection: nothing of the old one counts any more. */
  void restart() {
    busy = false;
    parser.restart();
    in.clear().limit(0);
    out.clear().limit(0);
  }

  /**
   * Sends a request. For RTU what has come in unasked is thrown away before.
   *
   * @param wireNanos time that request and reply need on the wire, beside the device's own
   */
  void begin(int unit, BlockRead read, long wireNanos, long now) {
    // 65,536 ids in turn: none comes back within 65,535 requests, and a reconnection does not begin
    // anew, because a gateway may still hold what an earlier connection asked.
    transaction = (transaction + 1) & 0xFFFF;
    if (framing != Framing.TCP) {
      discard();
    }
    int length = framing.encode(unit, transaction, read, request);
    out.clear().limit(length);
    parser.expect(unit, transaction, read);
    echoed = echo ? 0 : length;
    surplus = false;
    busy = true;
    sentNanos = now;
    deadlineNanos = now + timeoutNanos + wireNanos;
  }

  private void discard() {
    foreign += in.remaining();
    in.clear().limit(0);
  }

  /** Goes on with the present request. */
  Outcome advance(long now) {
    if (out.hasRemaining()) {
      if (channel.send(out) < 0) {
        return broken();
      }
      if (out.hasRemaining()) {
        return now >= deadlineNanos ? silent() : Pending.INSTANCE;
      }
    }
    // Bounded, so that a peer that floods the line does not keep its thread here.
    for (int chunks = 0; chunks < MOST_CHUNKS; chunks++) {
      if (in.hasRemaining()) {
        Reply reply = skipEcho() ? parser.feed(in) : echoDiffers();
        if (!(reply instanceof NeedMore)) {
          return replied(reply);
        }
      }
      int count = fill();
      if (count < 0) {
        return broken();
      }
      if (count == 0) {
        break;
      }
    }
    return now >= deadlineNanos ? silent() : Pending.INSTANCE;
  }

  private Outcome replied(Reply reply) {
    busy = false;
    if (framing != Framing.TCP && in.hasRemaining()) {
      surplus = true;
      discard();
    }
    return new Replied(reply);
  }

  /** Takes the echo of the request off; false if it is not what was sent. */
  private boolean skipEcho() {
    int length = out.limit();
    while (echoed < length && in.hasRemaining()) {
      if (in.get() != request[echoed]) {
        return false;
      }
      echoed++;
    }
    return true;
  }

  private static Reply echoDiffers() {
    return new Rejected(
        Flaw.ECHO, "the port did not hear its own request unchanged: two senders, or echo: false");
  }

  private Outcome silent() {
    busy = false;
    out.limit(out.position());
    int received = parser.received();
    if (framing == Framing.TCP) {
      parser.expect(0, -1, NOTHING);
    }
    return new Silent(received);
  }

  private Outcome broken() {
    restart();
    return new Broken(trouble());
  }

  private Trouble trouble() {
    Trouble trouble = channel.trouble();
    return trouble != null
        ? trouble
        : new Trouble(Reason.TIMEOUT, channel.where() + " broke off; it will be opened again");
  }

  private int fill() {
    in.clear();
    int count = channel.receive(in);
    in.flip();
    return count;
  }

  /**
   * Takes what arrives while nothing is asked. RTU bytes are thrown away; TCP frames are passed
   * over whole.
   *
   * @return {@link Pending} if nothing came, {@link Silent} with the bytes that did, or {@link
   *     Broken}; {@link Replied} if framing is lost
   */
  Outcome idle() {
    int total = 0;
    do {
      int count = in.hasRemaining() ? in.remaining() : fill();
      if (count < 0) {
        return broken();
      }
      if (count == 0) {
        return total == 0 ? Pending.INSTANCE : new Silent(total);
      }
      total += count;
      if (framing == Framing.TCP) {
        parser.expect(0, -1, NOTHING);
        Reply reply = parser.feed(in);
        if (reply instanceof Rejected) {
          return new Replied(reply);
        }
      } else {
        discard();
      }
    } while (total < 4096);
    return new Silent(total);
  }
}
