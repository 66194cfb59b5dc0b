package io.lingtan.agent.reading;

/**
 * What is numbered, kept and published. {@code (gateway, epoch, seq)} names it for ever; its JSON
 * form ({@link RecordJson}) is the same bytes live, late and replayed.
 */
public sealed interface JournalRecord {

  /** Random id of the sequence that {@link #seq} belongs to. */
  String epoch();

  /** From 1 in each epoch, over all kinds, without holes. */
  long seq();

  /**
   * The seq of the previous record of the same stream (one device's data, one interval length,
   * events), 0 for the first of an epoch.
   */
  long after();

  /** What travels together and is dropped together. */
  enum Kind {
    DATA,
    INTERVAL,
    EVENT
  }

  default Kind kind() {
    return switch (this) {
      case DataRecord data -> Kind.DATA;
      case IntervalRecord interval -> Kind.INTERVAL;
      case EventRecord event -> Kind.EVENT;
    };
  }

  /**
   * A sample.
   *
   * @param tsMillis UTC ms of the sample's instant; {@link #UNDATED} while its boot has no date
   */
  record DataRecord(String epoch, long seq, long after, long tsMillis, Sample sample)
      implements JournalRecord {}

  /**
   * An interval's figures.
   *
   * @param tsMillis UTC ms at which it was committed
   * @param json the record's bytes, made once when it was numbered, as text
   */
  record IntervalRecord(
      String epoch, long seq, long after, long tsMillis, String length, String json)
      implements JournalRecord {}

  /**
   * An event.
   *
   * @param boot id of the boot that {@code atNanos} counts from
   * @param atNanos monotonic nanoseconds at which it was noticed
   * @param tsMillis UTC ms of that instant; {@link #UNDATED} while its boot has no date
   */
  record EventRecord(
      String epoch, long seq, long after, String boot, long atNanos, long tsMillis, Event event)
      implements JournalRecord {}

  /** In place of a time stamp: the boot has not been dated. */
  long UNDATED = Long.MIN_VALUE;
}
