package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.reading.Reason;
import java.io.Serial;

/** A payload that is not what it should be. The message says what was seen, for a person. */
final class MalformedPayload extends Exception {

  @Serial private static final long serialVersionUID = 1;

  private final transient Reason reason;

  MalformedPayload(Reason reason, String message) {
    super(message, null, false, false);
    this.reason = reason;
  }

  MalformedPayload(String message) {
    this(Reason.CRC, message);
  }

  Reason reason() {
    return reason;
  }
}
