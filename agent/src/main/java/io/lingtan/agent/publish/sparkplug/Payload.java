package io.lingtan.agent.publish.sparkplug;

import java.util.List;

/**
 * A Sparkplug B payload (3.0, section 6.4.5) as it grows.
 *
 * <p>Written by hand: the wire form of the few fields that are needed is small, and the library
 * that generated code drags along costs more memory and start-up time than the rest of the view.
 */
final class Payload {

  private static final int TIMESTAMP = 1;
  private static final int METRICS = 2;
  private static final int SEQ = 3;

  /** Bytes that {@link #SEQ} and the length of a metric may add. */
  private static final int MORE = 16;

  private final ProtoWriter to = new ProtoWriter();
  private int metrics;

  /**
   * @param tsMillis UTC ms at which it is sent
   */
  Payload(long tsMillis) {
    to.number(TIMESTAMP, tsMillis);
  }

  Payload add(Metric metric) {
    to.message(METRICS, metric.encoded());
    metrics++;
    return this;
  }

  Payload addAll(List<Metric> all) {
    all.forEach(this::add);
    return this;
  }

  boolean isEmpty() {
    return metrics == 0;
  }

  /** Bytes that it has at most when it is complete. */
  int size() {
    return to.size() + MORE;
  }

  /** With a number; nothing can be added after that. */
  byte[] numbered(int seq) {
    return to.number(SEQ, seq).bytes();
  }

  /** Without a number, as a death certificate of the node is. */
  byte[] unnumbered() {
    return to.bytes();
  }
}
