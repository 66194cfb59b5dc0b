package io.lingtan.simulator.zone.fold;

/** What came of a message, for somebody else to act on. */
public sealed interface Outcome
    permits Outcome.Kept, Outcome.Covered, Outcome.Acks, Outcome.Dead, Figure {

  /**
   * A record that came for the first time, or what a gateway says of itself.
   *
   * @param topic what follows {@code lingtan/v1/GATEWAY/}: {@code store}, {@code meta...}, or
   *     {@link #RECORD}
   * @param json as it came, to the byte
   */
  record Kept(String topic, byte[] json) implements Outcome {
    public static final String RECORD = "record";
  }

  /**
   * Every number up to the record of an interval is here or declared dropped.
   *
   * @param length such as {@code 15m}
   * @param untilMillis end of the last interval that this holds for, UTC ms
   */
  record Covered(String gateway, String length, long untilMillis) implements Outcome {}

  /** What a gateway may take for delivered. */
  record Acks(Settled settled) implements Outcome {}

  /**
   * A dead letter.
   *
   * @param detail for a person
   * @param content the message or record, or its beginning
   */
  record Dead(Refusal why, String topic, String detail, byte[] content) implements Outcome {}
}
