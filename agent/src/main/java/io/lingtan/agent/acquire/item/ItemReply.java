package io.lingtan.agent.acquire.item;

/** What the bytes that came in so far mean for the request that is out. */
public sealed interface ItemReply {

  /** Not complete yet. */
  record NeedMore() implements ItemReply {
    static final NeedMore INSTANCE = new NeedMore();
  }

  /**
   * The value asked for: everything about the frame fits the request.
   *
   * @param read what was asked
   * @param bytes the value, 33H of DL/T 645 taken off, low byte first as it was on the wire
   */
  record Item(ItemRead read, byte[] bytes) implements ItemReply {}

  /** A meter told its address. */
  record Here(Address address) implements ItemReply {}

  /**
   * The meter refused (control code D1H of DL/T 645, C1H of CJ/T 188).
   *
   * @param error its error byte, 1..255: bit 0 other, bit 1 no such data, bit 2 no permission; of
   *     CJ/T 188 always 1
   */
  record Refused(int error) implements ItemReply {}

  /**
   * What came is no answer to the request.
   *
   * @param what for a person: what was seen, what was expected
   */
  record Rejected(Flaw flaw, String what) implements ItemReply {}

  /** What is wrong with a rejected frame. */
  enum Flaw {
    /** Something else than FEH stands before 68H. */
    NOISE,
    /** No second 68H (DL/T 645), or no 16H at the end. */
    FRAME,
    ADDRESS,
    /** Another control code; a request of somebody else has one too. */
    CONTROL,
    LENGTH,
    /** The check sum. */
    SUM,
    /** The value is another data item's, or the answer to another request. */
    ITEM,
    ERROR_BYTE,
    /** The meter says that the value goes on in a frame that nobody expects. */
    MORE
  }
}
