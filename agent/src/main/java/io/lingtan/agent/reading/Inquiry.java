package io.lingtan.agent.reading;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Request} on its way into the bounded inbox of a line's step, and where its answer goes.
 * Whoever gives up waiting cancels the future, and nothing is asked any more.
 *
 * @param timeoutMillis how long the device has to answer, 10..10000
 * @param form speed and character form on a serial line, null for the line's own
 * @param pressing whether somebody waits for this one answer, so that a poll may be late for it;
 *     otherwise, as in a scan, it is asked only where no poll can be late
 * @param answer completed once, by the step
 */
public record Inquiry(
    Request request,
    int timeoutMillis,
    @Nullable Form form,
    boolean pressing,
    CompletableFuture<Answer> answer) {

  public Inquiry {
    if (timeoutMillis < 10 || timeoutMillis > 10_000) {
      throw new IllegalArgumentException("a timeout is 10..10000 ms, was " + timeoutMillis);
    }
  }

  /** One that waits until no poll can be late for it. */
  public Inquiry(Request request, int timeoutMillis, @Nullable Form form) {
    this(request, timeoutMillis, form, false, new CompletableFuture<>());
  }

  /**
   * Speed and character form of a serial line, with eight data bits.
   *
   * @param baud bits per second, 300..921600
   * @param parity {@code N E O}
   * @param stopBits 1 or 2
   */
  public record Form(int baud, char parity, int stopBits) {
    public Form {
      if (baud < 300 || baud > 921_600) {
        throw new IllegalArgumentException("baud is 300..921600, was " + baud);
      }
      if ("NEO".indexOf(parity) < 0) {
        throw new IllegalArgumentException("parity is N, E or O, was " + parity);
      }
      if (stopBits != 1 && stopBits != 2) {
        throw new IllegalArgumentException("stop bits are 1 or 2, were " + stopBits);
      }
    }

    /** {@code 9600 8N1}. */
    @Override
    public String toString() {
      return baud + " 8" + parity + stopBits;
    }
  }
}
