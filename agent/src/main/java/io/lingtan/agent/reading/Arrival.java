package io.lingtan.agent.reading;

import io.lingtan.agent.reading.Event.Severity;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What arrives at the ledger, in the one bounded queue that all other stages offer to. */
public sealed interface Arrival {

  /** A sample to be kept and counted. */
  record Recorded(Sample sample) implements Arrival {}

  /**
   * An event to be kept.
   *
   * @param boot id of the boot that {@code atNanos} counts from
   * @param atNanos monotonic nanoseconds at which it was noticed
   */
  record Noticed(Event event, String boot, long atNanos) implements Arrival {}

  /**
   * Records without a date have waited {@code clock.max_hold} beside a broker that would take them:
   * they go out as they are.
   */
  record HoldEnded() implements Arrival {}

  /**
   * What a pulse input has counted in all, to be kept beside the records: a new one replaces the
   * old.
   *
   * @param boot id of the boot that {@code atNanos} counts from
   * @param atNanos monotonic nanoseconds up to which every pulse is in it
   * @param pulses since the input was first counted, ≥ 0
   */
  record Counted(String device, String boot, long atNanos, long pulses) implements Arrival {
    public Counted {
      if (pulses < 0) {
        throw new IllegalArgumentException("a total is >= 0, was " + pulses + " of " + device);
      }
    }
  }

  /**
   * People told something that no meter knows, checked already.
   *
   * @param by who says so
   * @param csv a feed as {@code config/README.md} describes it
   * @param boot id of the boot that {@code atNanos} counts from
   * @param atNanos monotonic nanoseconds at which it arrived
   * @param answer once it is on the card or refused: why it is not taken, empty if it is; null for
   *     a command, which may come twice, and whose refusal is an event alone
   */
  record Fed(
      String by,
      String csv,
      String boot,
      long atNanos,
      @Nullable CompletableFuture<Optional<String>> answer)
      implements Arrival {}

  /**
   * Somebody wants to know whether a feed would be taken; nothing is done.
   *
   * @param csv as of {@link Fed}
   * @param answer why it would not be, empty if it would
   */
  record FeedTried(String csv, CompletableFuture<Optional<String>> answer) implements Arrival {}

  /**
   * Which meter is in the place of a device, to be kept beside the records: a new one replaces the
   * old.
   *
   * @param serial its serial number, not empty
   */
  record Identified(String device, String serial) implements Arrival {
    public Identified {
      if (serial.isEmpty()) {
        throw new IllegalArgumentException("a serial number is not empty: " + device);
      }
    }
  }

  /**
   * Another meter hangs in the place of a device: what its registers read from {@code atNanos} on
   * says nothing about what the old one read. The ledger keeps {@link #event} and begins counting
   * anew.
   *
   * @param device id of the place, which stays the same
   * @param boot id of the boot that {@code atNanos} counts from
   * @param atNanos monotonic nanoseconds at which it was noticed
   * @param detail what tells the two apart, such as {@code old_serial} and {@code new_serial}, in
   *     order
   */
  record Exchanged(String device, String boot, long atNanos, SequencedMap<String, String> detail)
      implements Arrival {

    private static final String NAME = "meter.exchange";

    public Exchanged {
      detail = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(detail));
    }

    /** How it is told and kept. */
    public Event event() {
      Event event = Event.of(NAME, Severity.WARNING, device);
      for (Map.Entry<String, String> entry : detail.entrySet()) {
        event = event.with(entry.getKey(), entry.getValue());
      }
      return event;
    }

    /** The exchange that an {@link #event} kept in the journal tells of, null if of none. */
    public static @Nullable Exchanged kept(Event event, String boot, long atNanos) {
      String device = event.device();
      if (device == null || !event.name().equals(NAME)) {
        return null;
      }
      SequencedMap<String, String> detail = new LinkedHashMap<>();
      event.detail().forEach((key, value) -> detail.put(key, value.toString()));
      return new Exchanged(device, boot, atNanos, detail);
    }
  }
}
