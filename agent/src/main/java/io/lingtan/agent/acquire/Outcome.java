package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.Channel.Trouble;
import io.lingtan.agent.acquire.modbus.Reply;

/** What became of one request. */
sealed interface Outcome {

  /** Still waiting. */
  record Pending() implements Outcome {
    static final Pending INSTANCE = new Pending();
  }

  /** Something came: values, an exception, or a frame that fails its check. */
  record Replied(Reply reply) implements Outcome {}

  /**
   * Nothing complete came in time.
   *
   * @param received bytes that did come
   */
  record Silent(int received) implements Outcome {}

  /** The channel broke. */
  record Broken(Trouble trouble) implements Outcome {}
}
