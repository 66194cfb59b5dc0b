package io.lingtan.agent.acquire.share;

import io.lingtan.agent.acquire.share.ReadRequest.Read;
import io.lingtan.agent.reading.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of another master. Reads no further while {@value #MOST_OPEN} of its questions are
 * open, or it has asked {@value #MOST_A_SECOND} within the second: what it sends then waits in its
 * own connection. Never blocks.
 */
final class Caller {

  private static final Logger log = LoggerFactory.getLogger(Caller.class);

  static final int MOST_OPEN = 4;
  static final int MOST_A_SECOND = 100;

  private static final long SECOND_NANOS = 1_000_000_000L;

  /** A frame that has begun is whole by then, and an answer is taken, or the connection ends. */
  private static final long SLOW_NANOS = 5 * SECOND_NANOS;

  /** Nobody who polls is silent for longer. */
  private static final long IDLE_NANOS = 300 * SECOND_NANOS;

  /** A question that went to the line. */
  record Open(Read read, CompletableFuture<Answer> answer, long untilNanos) {}

  private final SocketChannel socket;
  private final SelectionKey key;
  private final InetAddress address;
  private final ByteBuffer in = ByteBuffer.allocate(2 * ReadRequest.LONGEST);
  private final ByteBuffer out = ByteBuffer.allocate((MOST_OPEN + 1) * (ReadRequest.LONGEST + 1));
  private final Deque<Open> open = new ArrayDeque<>();
  private long lastNanos;
  private long frameNanos = Long.MAX_VALUE;
  private long answerNanos = Long.MAX_VALUE;
  private long secondNanos;
  private int asked;

  Caller(SocketChannel socket, SelectionKey key, InetAddress address, long now) {
    this.socket = socket;
    this.key = key;
    this.address = address;
    this.lastNanos = now;
    this.secondNanos = now;
  }

  InetAddress address() {
    return address;
  }

  Deque<Open> open() {
    return open;
  }

  /** Takes in what has come; returns whether the connection is still there. */
  boolean receive(long now) {
    try {
      boolean before = in.position() > 0;
      int count = socket.read(in);
      if (count > 0 && !before) {
        frameNanos = now;
      }
      return count >= 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** The next whole frame of what has come in, if it may be taken up now. */
  ReadRequest next(long now) {
    if (isHeld(now)) {
      // What waits here for our sake is not slow.
      frameNanos = in.position() > 0 ? now : Long.MAX_VALUE;
      return new ReadRequest.Incomplete();
    }
    in.flip();
    ReadRequest next = ReadRequest.take(in);
    boolean more = in.hasRemaining();
    in.compact();
    if (!(next instanceof ReadRequest.Incomplete)) {
      asked++;
      lastNanos = now;
      frameNanos = more ? now : Long.MAX_VALUE;
    }
    return next;
  }

  private boolean isHeld(long now) {
    if (now - secondNanos >= SECOND_NANOS) {
      secondNanos = now;
      asked = 0;
    }
    return asked >= MOST_A_SECOND
        || open.size() >= MOST_OPEN
        || out.remaining() < (open.size() + 1) * ReadRequest.LONGEST;
  }

  /** Puts an answer behind those that still go out. */
  void answer(byte[] frame, long now) {
    if (out.position() == 0) {
      answerNanos = now;
    }
    out.put(frame);
  }

  /** Sends what goes; returns whether the connection is still there. */
  boolean send(long now) {
    if (out.position() == 0) {
      return true;
    }
    try {
      out.flip();
      int count = socket.write(out);
      out.compact();
      if (out.position() == 0) {
        answerNanos = Long.MAX_VALUE;
      } else if (count > 0) {
        answerNanos = now;
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Says what to wake up for. */
  void listen(long now) {
    int wanted = out.position() > 0 ? SelectionKey.OP_WRITE : 0;
    if (!isHeld(now) && in.hasRemaining()) {
      wanted |= SelectionKey.OP_READ;
    }
    if (key.interestOps() != wanted) {
      key.interestOps(wanted);
    }
  }

  boolean isSlow(long now) {
    return (frameNanos != Long.MAX_VALUE && now - frameNanos >= SLOW_NANOS)
        || (answerNanos != Long.MAX_VALUE && now - answerNanos >= SLOW_NANOS);
  }

  boolean isIdle(long now) {
    return idleNanos(now) >= IDLE_NANOS;
  }

  /** How long it has asked nothing. */
  long idleNanos(long now) {
    return open.isEmpty() ? now - lastNanos : 0;
  }

  /** When to look at it again if nothing comes before. */
  long dueNanos(long now) {
    long due = lastNanos + IDLE_NANOS;
    if (frameNanos != Long.MAX_VALUE) {
      due = Math.min(due, frameNanos + SLOW_NANOS);
    }
    if (answerNanos != Long.MAX_VALUE) {
      due = Math.min(due, answerNanos + SLOW_NANOS);
    }
    if (asked >= MOST_A_SECOND) {
      due = Math.min(due, secondNanos + SECOND_NANOS);
    }
    for (Open question : open) {
      due = Math.min(due, question.untilNanos);
    }
    return Math.max(due, now + 1_000_000L);
  }

  /** Ends the connection; what it asked is not asked any more. */
  void close() {
    open.forEach(question -> question.answer.cancel(false));
    open.clear();
    key.cancel();
    try {
      socket.close();
    } catch (IOException e) {
      log.debug("a caller's connection ended badly", e); // it is gone either way
    }
  }
}
