package io.lingtan.agent.publish.retained;

import io.lingtan.agent.journal.Records;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Previous;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.journal.number.StoreSnapshot.Used;
import io.lingtan.agent.publish.lane.Counters;
import io.lingtan.agent.publish.lane.Notices;
import io.lingtan.agent.publish.link.Topics;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges the {@code store} that the broker has retained of us. If it is of another copy of this
 * database, which gave out numbers after the two had parted, the epoch ends, and what was given out
 * here under the same numbers is not sent, so that no key ever has two contents; and nothing is
 * sent until the next epoch has begun. Intervals that the other has told are told with higher
 * revisions, also where no number was given out twice.
 *
 * <p>Only a {@code store} that this gateway's key has signed can take the right to be sent from a
 * record: such a copy has the key too. Any other that is ahead may be of a version that signed none
 * or of before the key was changed, so it begins a new epoch, once in a process, and no more.
 */
public final class StoreAhead {

  private static final Logger log = LoggerFactory.getLogger(StoreAhead.class);

  /** Numbers that may have left above the last one that the broker has been told of. */
  public static final int UNTOLD = 1024;

  /** How long such may leave: a store is sent each minute, and is acknowledged or ends it. */
  private static final Duration UNTOLD_FOR = Duration.ofMinutes(3);

  private final Topics topics;
  private final Records outbox;
  private final Notices notices;
  private final Counters counters;
  private final LongSupplier wallMillis;

  /** The highest seq by epoch that was retained of us at the last connection, until judged. */
  private Map<String, Long> theirs = Map.of();

  private @Nullable String ended;

  /** Whether the broker has told one since it was connected to: it has one retained, not many. */
  private boolean heard;

  private boolean signed;

  /** Whether one that nobody vouches for has ended an epoch. */
  private boolean yielded;

  /** What the broker had kept, until it is judged: the journal may not be open to write yet. */
  private StoreJson.@Nullable EpochState told;

  /**
   * @param wallMillis UTC ms of now
   */
  public StoreAhead(
      Topics topics, Records outbox, Notices notices, Counters counters, LongSupplier wallMillis) {
    this.wallMillis = wallMillis;
    this.topics = topics;
    this.outbox = outbox;
    this.notices = notices;
    this.counters = counters;
  }

  /** A connection begins. */
  public void connected() {
    heard = false;
  }

  /**
   * The first one of a connection.
   *
   * @param payload what is retained
   * @param ours the journal now
   */
  public void judge(byte[] payload, StoreSnapshot ours) {
    if (heard) {
      return;
    }
    heard = true;
    signed = outbox.isOurs(new String(payload, StandardCharsets.UTF_8));
    theirs = StoreJson.lastByEpoch(payload);
    told = StoreJson.told(payload);
    judge(ours);
  }

  private void judge(StoreSnapshot ours) {
    StoreJson.EpochState now = told;
    if (now == null || ours.epoch().isEmpty() || outbox.run().isEmpty()) {
      return; // without its processes nobody can tell where two copies parted
    }
    told = null;
    String run = now.run();
    if (signed && run != null) {
      outbox.learn(run, now.epoch(), theirs, now.elsewhere());
      long until =
          now.tsMillis() == JournalRecord.UNDATED ? wallMillis.getAsLong() : now.tsMillis();
      boolean isNews =
          outbox.toldElsewhere(
              run,
              now.epoch(),
              theirs,
              now.elsewhere().rev() + UNTOLD,
              until + UNTOLD_FOR.toMillis());
      if (isNews) {
        log.warn(
            "{} on the broker is of another copy of this journal, which told intervals: those that"
                + " are told again have higher revisions",
            topics.store());
      }
    }
    compare(now, ours);
    lookForAnother(now, ours);
  }

  /**
   * A journal that does not know the epoch that was told last has taken the place of another: a new
   * card, an image from before that epoch, or a file that was deleted or set aside.
   */
  private void lookForAnother(StoreJson.EpochState now, StoreSnapshot ours) {
    // One that had epochs before may have forgotten what was delivered.
    if (outbox.last(now.epoch()) < 0 && (ours.previous().isEmpty() || !now.isDelivered())) {
      replaced(now);
    }
  }

  /**
   * The journal is another one than before: of what the earlier one held nothing more will come.
   *
   * @param earlier what was known of it
   */
  public void replaced(StoreJson.EpochState earlier) {
    Event event =
        Event.of("journal.replaced", Severity.WARNING)
            .with("epoch", earlier.epoch())
            .with("last", earlier.last());
    notices.tell(since(earlier, event));
  }

  /** What the other journal had read and not delivered is nowhere else. */
  private static Event since(StoreJson.EpochState other, Event event) {
    return other.untilMillis() == JournalRecord.UNDATED
        ? event
        : event.with("since", other.untilMillis());
  }

  /**
   * What the other copy gave out above the number at which the copies parted has another content
   * there: of each epoch that both have, the ended ones too.
   */
  private void compare(StoreJson.EpochState now, StoreSnapshot ours) {
    Map<String, Found> found = new LinkedHashMap<>();
    for (Previous previous : ours.previous()) {
      if (previous.acked() < previous.last()) {
        compare(now, previous.epoch(), previous.last(), previous.last(), found);
      }
    }
    compare(now, ours.epoch(), ours.last(), Long.MAX_VALUE, found);
    if (found.isEmpty()) {
      return;
    }
    Map<String, Range> reused = new LinkedHashMap<>();
    found.forEach((epoch, one) -> reused.put(epoch, one.numbers()));
    found.values().stream().filter(one -> signed).forEach(one -> tell(now, one));
    if (signed || !yielded) {
      yielded |= !signed;
      ended = ours.epoch();
      outbox.endEpoch("store_ahead", signed ? reused : Map.of());
    }
    if (!signed) {
      counters.unsignedStores++;
      log.warn(
          "{} on the broker tells of numbers that are not known here, and this gateway's key has"
              + " not signed it: nothing is dropped for it. Unless it is of a version from before"
              + " signatures somebody else may publish there: see to the broker's ACL",
          topics.store());
      notices.tell(
          Event.of("journal.store_unsigned", Severity.WARNING)
              .with("epoch", now.epoch())
              .with("ours", ours.last())
              .with("theirs", now.last()));
    }
  }

  /**
   * What another copy gave out of an epoch, and what follows from it.
   *
   * @param ours our highest number of it
   * @param upto the highest that is known of the other, {@link Long#MAX_VALUE} if none is
   * @param numbers that have another content there, or may have
   */
  private record Found(String epoch, long ours, long upto, Range numbers) {

    static Found above(long common, String epoch, long ours, long upto) {
      long end = Math.min(upto, Long.MAX_VALUE - UNTOLD) + UNTOLD;
      return new Found(epoch, ours, upto, new Range(common + 1, end));
    }

    Found and(Found other) {
      long from = Math.min(numbers.from(), other.numbers.from());
      long to = Math.max(numbers.to(), other.numbers.to());
      return new Found(epoch, ours, Math.max(upto, other.upto), new Range(from, to));
    }

    boolean isIn(@Nullable Range noted) {
      return noted != null && noted.from() <= numbers.from() && noted.to() >= numbers.to();
    }
  }

  /**
   * @param last our highest number of it
   * @param end the highest that it will have
   */
  private void compare(
      StoreJson.EpochState now, String epoch, long last, long end, Map<String, Found> found) {
    Long listed = theirs.get(epoch);
    long upto = listed == null ? Long.MAX_VALUE : listed;
    String run = now.run();
    if (run != null && epoch.equals(now.epoch())) {
      upto = outbox.given(epoch, run, upto);
    }
    boolean hides = listed == null && now.elsewhere().unlisted() > 0;
    long common = outbox.common(epoch, run, listed != null, hides, now.tsMillis());
    if (Math.min(upto, end) > common) {
      add(Found.above(common, epoch, last, upto), found);
    }
    for (Used used : now.elsewhere().used()) {
      if (used.epoch().equals(epoch)) {
        common = outbox.common(epoch, used.run(), true, false, JournalRecord.UNDATED);
        if (Math.min(used.last(), end) > common) {
          add(Found.above(common, epoch, last, used.last()), found);
        }
      }
    }
  }

  /** Our own {@code store} tells of it at each connection from then on. */
  private void add(Found one, Map<String, Found> found) {
    if (!one.isIn(outbox.reused(one.epoch()))) {
      found.merge(one.epoch(), one, Found::and);
    }
  }

  private void tell(StoreJson.EpochState now, Found found) {
    boolean isKnown = found.upto() < Long.MAX_VALUE;
    log.warn(
        "{} on the broker is of another copy of this journal, which gave out numbers of epoch {}"
            + " above {} up to {}: a new epoch begins, and what has these numbers here is not sent",
        topics.store(),
        found.epoch(),
        found.numbers().from() - 1,
        isKnown ? found.upto() : "?");
    Event event =
        Event.of("journal.store_ahead", Severity.WARNING)
            .with("epoch", found.epoch())
            .with("ours", found.ours());
    if (isKnown) {
      event = event.with("theirs", found.upto());
    }
    notices.tell(since(now, event));
  }

  public void committed(StoreSnapshot state) {
    if (ended != null && !ended.equals(state.epoch())) {
      ended = null;
    }
    judge(state); // the journal could not be opened before
  }

  /**
   * The epoch has been ended, and the next one has not begun; or it is not on the card yet what
   * another copy has told.
   */
  public boolean isBetweenEpochs() {
    return ended != null || outbox.isLearning();
  }
}
