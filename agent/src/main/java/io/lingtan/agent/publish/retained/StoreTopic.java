package io.lingtan.agent.publish.retained;

import io.lingtan.agent.journal.Records;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.publish.lane.TopicBackoff;
import io.lingtan.agent.publish.link.Topics;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The {@code store} that the broker retains of this gateway: when it is due, what the broker has
 * taken of it, and up to which number records may leave by that. Publisher's thread.
 */
public final class StoreTopic {

  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final Duration SPACING = Duration.ofSeconds(1);
  private static final Duration AFTER_DRAIN = Duration.ofMillis(1500);

  private final Topics topics;
  private final Records outbox;
  private final TopicBackoff backoff;
  private final Time time;
  private MonotonicInstant due = MonotonicInstant.NEVER;
  private MonotonicInstant sent = new MonotonicInstant(0);
  private @Nullable StoreSnapshot shown;

  /** The newest that this connection's broker has taken. */
  private StoreJson.@Nullable EpochState taken;

  private boolean fits = true;
  private boolean wasLate;

  /** UTC ms at which the journal was looked at last. */
  private long lookedMillis = JournalRecord.UNDATED;

  public StoreTopic(Topics topics, Records outbox, TopicBackoff backoff, Time time) {
    this.topics = topics;
    this.outbox = outbox;
    this.backoff = backoff;
    this.time = time;
  }

  /** The broker has taken nothing yet on this connection, and some records may be late. */
  public void connected() {
    taken = null;
    wasLate = true;
  }

  /** The broker has taken this one. */
  public void taken(byte[] payload) {
    taken = StoreJson.told(payload);
  }

  public MonotonicInstant due() {
    return due;
  }

  /** Whether it is to be sent, by its time or because too few numbers are left untold. */
  public boolean isDue(StoreSnapshot state, MonotonicInstant now) {
    StoreSnapshot last = shown;
    return !now.isBefore(due)
        || (last != null && state.last() > last.last() + StoreAhead.UNTOLD / 2);
  }

  public void dueNow() {
    due = new MonotonicInstant(0);
  }

  /** Due as soon as the one before is a second old. */
  public void dueSoon() {
    due = due.min(sent.plus(SPACING));
  }

  /** Due soon if other numbers count or were dropped than it said last, or all goes on again. */
  public void committed(StoreSnapshot state) {
    StoreSnapshot last = shown;
    if (last == null
        || !last.epoch().equals(state.epoch())
        || !last.dropped().equals(state.dropped())
        || last.isBlocked() != state.isBlocked()) {
      dueSoon();
    }
  }

  /** What was drained is seen as acknowledged by the next one, once that is on the card. */
  public void late(boolean isLate, MonotonicInstant now) {
    if (wasLate && !isLate) {
      due = due.min(now.plus(AFTER_DRAIN));
    }
    wasLate = isLate;
  }

  public void send(StoreSnapshot state, BirthTopics births, MonotonicInstant now) {
    fits = births.store(state, outbox.elsewhere(), outbox::sign, outbox.run(), wallMillis(now));
    shown = state;
    sent = now;
    due = now.plus(EVERY);
  }

  /** Whether it has said all that is acknowledged; if not it is due now. */
  public boolean hasSaid(StoreSnapshot state) {
    StoreSnapshot last = shown;
    boolean said = last != null && last.acked() == state.acked();
    if (!said) {
      dueNow();
    }
    return said;
  }

  /**
   * The highest number of an epoch that may leave: no more than {@link StoreAhead#UNTOLD} above
   * what the broker has been told, so that a copy of the card finds out there which are used. A
   * broker that takes no {@code store} gets everything, and tells no copy anything.
   */
  public long mostSent(String epoch, StoreSnapshot state) {
    StoreJson.EpochState last = taken;
    if (!fits || backoff.waits(topics.store())) {
      return Long.MAX_VALUE;
    }
    if (last != null && epoch.equals(last.epoch())) {
      return last.last() + StoreAhead.UNTOLD;
    }
    // An earlier epoch is told of whole with the current one.
    return last != null && last.epoch().equals(state.epoch()) ? Long.MAX_VALUE : 0;
  }

  /** The journal has been looked at. */
  public void looked(MonotonicInstant now) {
    lookedMillis = wallMillis(now);
  }

  /** What there is to tell of a journal that another has replaced since it was looked at. */
  public StoreJson.EpochState last(StoreSnapshot replaced) {
    long oldest = replaced.oldestUnackedMillis();
    return new StoreJson.EpochState(
        replaced.epoch(),
        null,
        replaced.last(),
        replaced.acked(),
        lookedMillis,
        oldest == JournalRecord.UNDATED || lookedMillis == JournalRecord.UNDATED
            ? lookedMillis
            : Math.min(oldest, lookedMillis),
        outbox.elsewhere());
  }

  /** UTC ms, UNDATED while no clock is trusted. */
  private long wallMillis(MonotonicInstant now) {
    Time.Wall wall = time.wall();
    return wall.trusted() ? wall.millisAt(now) : JournalRecord.UNDATED;
  }
}
