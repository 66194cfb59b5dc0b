package io.lingtan.simulator.device;

/** What comes out of an endpoint in answer to a request. */
public interface Outgoing {

  /**
   * Bytes leave.
   *
   * @param startNanos from the first byte of the request to the first of these, the request's own
   *     time on the wire included
   * @param endNanos to the end of the last of these: when a reader can have them all
   * @param bytes the first {@code length} of them; to be copied
   */
  void send(long startNanos, long endNanos, byte[] bytes, int length);

  /** The connection ends; nothing more leaves. */
  void reset();
}
