package io.lingtan.agent.acquire.mbus;

/** What the bytes that came in so far mean for the readout under way. */
public sealed interface ReadoutReply {

  /** Not complete yet. */
  record NeedMore() implements ReadoutReply {
    static final NeedMore INSTANCE = new NeedMore();
  }

  /** All is well so far, and the readout has a further request to send. */
  record Further() implements ReadoutReply {
    static final Further INSTANCE = new Further();
  }

  /** Everything that the meter tells has come. */
  record Complete(Telegrams telegrams) implements ReadoutReply {}

  /**
   * The meter refused with an application error (CI field 70H).
   *
   * @param error 1..254 as it is told: 8 busy, 9 read too often; 255 where it does not say which
   */
  record Refused(int error) implements ReadoutReply {}

  /**
   * What came is no answer to the request.
   *
   * @param what for a person: what was seen, what was expected
   */
  record Rejected(Flaw flaw, String what) implements ReadoutReply {}

  /** What is wrong with a rejected frame. */
  enum Flaw {
    /** Neither a frame nor an acknowledgement begins so. */
    NOISE,
    /** A telegram where an acknowledgement was due, or the other way round, or the same again. */
    LATE,
    /** No second 68H, or no 16H at the end. */
    FRAME,
    LENGTH,
    /** The C field: a request of another master has one too. */
    CONTROL,
    ADDRESS,
    /** The CI field: data of another structure, or encrypted ones. */
    CONTENT,
    /** The check sum. */
    SUM
  }
}
