package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;

/** What happened to a question that was put to a CoAP peer. */
public sealed interface CoapSignal {

  /** The question's number. */
  long id();

  /**
   * A response, or a notification that follows from the question.
   *
   * @param code class × 100 + detail: 205 is 2.05 Content, 404 is 4.04 Not Found
   * @param contentFormat {@link PayloadDecoder#UNKNOWN_FORMAT} if none was given
   * @param maxAgeSeconds how long it holds (RFC 7252, 5.10.5)
   * @param observe its observe option, 0..2^24-1; {@link #NOT_OBSERVED} if it has none
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on once and not compared
  record Answered(
      long id, int code, int contentFormat, long maxAgeSeconds, int observe, byte[] payload)
      implements CoapSignal {}

  /**
   * None will come.
   *
   * @param reason {@code config} if the line cannot work like this at all
   * @param words what was seen and what to do, for a person
   */
  record Failed(long id, Reason reason, Sentence words) implements CoapSignal {}

  /** Stands in place of an observe option. */
  int NOT_OBSERVED = -1;
}
