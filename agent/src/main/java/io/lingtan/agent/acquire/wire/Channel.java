package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.Line.CharacterFormat;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A way to the devices of one line: a TCP connection, a serial port, or one that a simulator keeps
 * in memory on virtual time. No call blocks, and what goes wrong is a value with words for a
 * person.
 *
 * <p>All methods but {@link Waiter#wake()} are called from the line's thread. A closed channel can
 * be opened again.
 */
public interface Channel {

  /** How far opening has come. */
  enum Opening {
    OPEN,
    /** Not yet: call {@link #open} again when the waiter returns. */
    PENDING,
    /** {@link #trouble} says why; call {@link #close} before the next attempt. */
    FAILED
  }

  /**
   * Why a line does not work.
   *
   * @param reason stands in the records of its devices
   * @param words what was seen and what to do
   */
  record Trouble(Reason reason, Sentence words) {}

  /** Port, host or chip, as a person would look for it. */
  String where();

  /** Starts opening, or goes on with it. */
  Opening open();

  /**
   * Changes speed and character form once everything sent has left. What is no serial port has
   * none, and takes no notice.
   *
   * @return false if the port cannot do it: the channel is broken
   */
  default boolean format(CharacterFormat format) {
    return true;
  }

  /**
   * Sends what it can of the buffer.
   *
   * @return bytes taken, which may be 0, or -1 if the channel is broken
   */
  int send(ByteBuffer bytes);

  /**
   * Takes bytes that have arrived, at most as many as fit.
   *
   * @return bytes put into the buffer, 0 if none are there, or -1 if the channel is broken
   */
  int receive(ByteBuffer into);

  /** Why opening failed or the channel broke; null while nothing is wrong. */
  @Nullable Trouble trouble();

  /** Closes at once and drops what was under way. Harmless if closed already. */
  void close();

  /** Frees what is held for good. The channel cannot be opened again. */
  default void release() {
    close();
  }

  /** What to wait on until bytes arrive or opening goes on. The same one all the channel's life. */
  Waiter waiter();

  /**
   * When bytes that are known to be on their way will be there. Only a channel on virtual time
   * knows; others return {@link MonotonicInstant#NEVER} and wake the waiter.
   */
  default MonotonicInstant arrival() {
    return MonotonicInstant.NEVER;
  }
}
