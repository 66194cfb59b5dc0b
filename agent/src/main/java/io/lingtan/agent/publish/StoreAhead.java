package io.lingtan.agent.publish;

import io.lingtan.agent.journal.StoreSnapshot;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges the {@code store} that the broker has retained of us. If it knows numbers that this
 * database never gave out, the database is an older copy: its epoch ends, so that no key ever has
 * two contents, and nothing is sent until the next one has begun.
 */
final class StoreAhead {

  private static final Logger log = LoggerFactory.getLogger(StoreAhead.class);

  private final Topics topics;
  private final Records outbox;
  private final Lanes lanes;
  private final Notices notices;
  private String epochAtStart;
  private long lastAtStart;

  /** The highest seq by epoch that was retained of us at the last connection. */
  private Map<String, Long> theirs = Map.of();

  private @Nullable String ended;

  /** What the broker had kept of a journal that may be gone, until it is known. */
  private StoreJson.@Nullable Told unknown;

  /**
   * @param atStart the journal before this process wrote to it; without an epoch if it could not be
   *     opened yet
   */
  StoreAhead(Topics topics, Records outbox, Lanes lanes, Notices notices, StoreSnapshot atStart) {
    this.topics = topics;
    this.outbox = outbox;
    this.lanes = lanes;
    this.notices = notices;
    this.epochAtStart = atStart.epoch();
    this.lastAtStart = atStart.last();
  }

  /**
   * @param payload what is retained
   * @param ours the journal now
   */
  void judge(byte[] payload, StoreSnapshot ours) {
    theirs = StoreJson.lastByEpoch(payload);
    unknown = StoreJson.told(payload);
    compare(ours);
    lookForAnother(ours);
  }

  /**
   * A journal that does not know the epoch that was told last has taken the place of another: a new
   * card, an image from before that epoch, or a file that was deleted or set aside.
   */
  private void lookForAnother(StoreSnapshot ours) {
    StoreJson.Told told = unknown;
    if (ours.epoch().isEmpty()) {
      return;
    }
    unknown = null;
    // One that had epochs before may have forgotten what was delivered.
    if (told != null
        && outbox.last(told.epoch()) < 0
        && (ours.previous().isEmpty() || !told.isDelivered())) {
      replaced(told);
    }
  }

  /**
   * The journal is another one than before: of what the earlier one held nothing more will come.
   *
   * @param earlier what was known of it
   */
  void replaced(StoreJson.Told earlier) {
    Event event =
        Event.of("journal.replaced", Severity.WARNING)
            .with("epoch", earlier.epoch())
            .with("last", earlier.last());
    notices.tell(
        earlier.untilMillis() == JournalRecord.UNDATED
            ? event
            : event.with("since", earlier.untilMillis()));
  }

  private void compare(StoreSnapshot ours) {
    Long last = theirs.get(ours.epoch());
    if (last == null || last <= ours.last() || ended != null) {
      return;
    }
    log.warn(
        "{} on the broker is ahead of this journal ({} > {} in epoch {}): the journal is an older"
            + " copy; a new epoch begins",
        topics.store(),
        last,
        ours.last(),
        ours.epoch());
    notices.tell(
        Event.of("journal.store_ahead", Severity.WARNING)
            .with("epoch", ours.epoch())
            .with("ours", ours.last())
            .with("theirs", last));
    ended = ours.epoch();
    // Written since the copy was put back, under numbers that the broker has seen with other
    // content.
    lanes.collide(ours.epoch(), ours.epoch().equals(epochAtStart) ? lastAtStart : 0, last);
    outbox.endEpoch("store_ahead");
  }

  void committed(StoreSnapshot state) {
    if (ended != null && !ended.equals(state.epoch())) {
      ended = null;
    }
    if (epochAtStart.isEmpty() && !state.epoch().isEmpty()) {
      // The journal could not be opened before.
      epochAtStart = state.epoch();
      lastAtStart = state.last();
      compare(state);
      lookForAnother(state);
    }
  }

  /** The epoch has been ended, and the next one has not begun. */
  boolean isBetweenEpochs() {
    return ended != null;
  }
}
