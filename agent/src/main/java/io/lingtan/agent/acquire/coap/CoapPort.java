package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;

/**
 * The way to one CoAP peer: real, or in memory on virtual time. No call blocks; what comes of one
 * arrives in {@link #signals()}, from whatever thread. All methods are called from the line's
 * thread.
 */
public interface CoapPort {

  /** The peer, as a person would look for it. */
  String where();

  /** Where answers and failures arrive. */
  Inbox<CoapSignal> signals();

  /**
   * Puts a question: GET, repeated until it is acknowledged or cancelled.
   *
   * @param id number that its signals carry; greater than all before
   */
  void get(long id, Get question);

  /**
   * A GET request.
   *
   * @param path with the query, if there is one
   * @param accept wanted content format; {@link PayloadDecoder#UNKNOWN_FORMAT} for any
   * @param observe whether changes are wanted from now on; asking again for the same path renews
   *     that, and the notifications then carry the new number
   */
  record Get(String path, int accept, boolean observe) {}

  /**
   * Nobody waits for the answer any more. If that is because there is no way to the peer yet, a
   * failure with reason {@code config} may still say so.
   */
  void cancel(long id);

  /**
   * Leaves the socket, its DTLS session and everything that was asked behind; the next question
   * begins anew.
   */
  void renew();

  /** Datagrams so far that were no answer to anything asked. Any thread. */
  default long unasked() {
    return 0;
  }

  /** Ends everything for good. */
  void close();

  /**
   * When a signal that is known to be on its way will be there. Only a port on virtual time knows.
   */
  default MonotonicInstant arrival() {
    return MonotonicInstant.NEVER;
  }
}
