package io.lingtan.agent.audit.message;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A message, read. */
public sealed interface Arrived {

  /** The gateway's own word, or its Will's. */
  record Status(boolean online) implements Arrived {}

  /**
   * The birth message: which devices there are.
   *
   * @param complete whether a device that is not named is not there
   */
  record Meta(List<Device> devices, boolean complete) implements Arrived {}

  /**
   * A device, described.
   *
   * @param periodMillis longest time between two records of it, 0 if not said
   */
  record Device(String id, long periodMillis) implements Arrived {}

  /** A device's description was cleared. */
  record DeviceGone(String id) implements Arrived {}

  /**
   * What the gateway says about its journal. A list that it left out, because the broker takes no
   * larger packet, is null: then nothing is known of what it would name.
   *
   * @param blockedSinceMillis UTC ms since when it cannot be written, 0 if not known; null if it
   *     can
   */
  record Store(
      String epoch,
      long last,
      long acked,
      @Nullable List<Range> ahead,
      @Nullable List<Drop> dropped,
      @Nullable List<Previous> previous,
      @Nullable Long blockedSinceMillis)
      implements Arrived {}

  /**
   * An earlier epoch, whose oldest data may still be dropped when the journal is full.
   *
   * @param dropped declared drops of it
   */
  record Previous(String epoch, long last, long acked, List<Drop> dropped) {}

  /**
   * Records.
   *
   * @param live whether they came on a device's own topic, once and in order
   * @param broken what was wrong with those that could not be read, and how many these were
   */
  record Records(List<Numbered> records, boolean live, Map<String, Long> broken)
      implements Arrived {}

  /** Nothing that is counted: commands, replies, states. */
  record Other() implements Arrived {}

  /** Not readable; {@code what} names the kind of fault, not the single case. */
  record Garbage(String what) implements Arrived {}

  /**
   * A record, as far as completeness goes.
   *
   * @param stream {@code data/DEVICE}, {@code interval/LENGTH} or {@code event}
   * @param device the device of a data record or event
   * @param tsMillis UTC ms, {@link #UNDATED} where its boot had no date
   * @param failed whether it is a wholly failed poll
   * @param event the event's name
   * @param high first half of the content's 128-bit digest
   * @param low second half
   * @param json the bytes that it is
   */
  record Numbered(
      String epoch,
      long seq,
      long after,
      String stream,
      @Nullable String device,
      long tsMillis,
      boolean failed,
      @Nullable String event,
      Tree detail,
      long high,
      long low,
      byte[] json) {

    public static final long UNDATED = Long.MIN_VALUE;

    public boolean isData() {
      return stream.startsWith("data/");
    }
  }
}
