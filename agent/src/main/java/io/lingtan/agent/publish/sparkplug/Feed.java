package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.Reread;
import io.lingtan.agent.journal.number.Ranges;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Previous;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.publish.lane.Notices;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.run.MonotonicInstant;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the journal has for a view: the newest as they are committed, whether somebody listens or
 * not, and beside them those that are late. Reads only; nothing of it is acknowledged.
 *
 * <p>What the journal no longer has is passed over and told once for each run through what is late:
 * {@code uplink.view_gap}.
 */
final class Feed {

  static final Duration RESCAN = Duration.ofSeconds(5);

  /** How far back the newest values are looked for at start. */
  private static final int LOOK_BACK = 2000;

  /** Pieces without a record that one call goes through. */
  private static final int MOST_EMPTY = 8;

  private final Outbox outbox;
  private final SentRecords told;
  private final Notices notices;
  private final Map<String, Long> lasts = new HashMap<>();
  private boolean isFirst;
  private String headEpoch = "";
  private long head;
  private String newest = "";
  private String scanEpoch = "";
  private long scan = 1;
  private long held;
  private MonotonicInstant rescan = new MonotonicInstant(0);
  private long gone;
  private @Nullable Gap gap;

  private record Gap(String epoch, long from, long to, long count) {}

  /**
   * @param isFirst whether the view has never run: then it begins with what comes from now on
   */
  Feed(Outbox outbox, SentRecords told, boolean isFirst, Notices notices) {
    this.outbox = outbox;
    this.told = told;
    this.isFirst = isFirst;
    this.notices = notices;
  }

  /** The journal has changed. */
  void follow(StoreSnapshot state) {
    if (state.epoch().isEmpty()) {
      return; // not opened yet
    }
    for (Previous previous : state.previous()) {
      begin(previous.epoch(), previous.last());
    }
    begin(state.epoch(), state.last());
    newest = state.epoch();
    if (headEpoch.isEmpty()) {
      headEpoch = newest;
      head = Math.max(0, state.last() - LOOK_BACK);
    }
    isFirst = false;
  }

  private void begin(String epoch, long last) {
    if (told.knows(epoch)) {
      return;
    }
    told.begin(epoch);
    if (isFirst) {
      told.passed(epoch, 1, last);
    }
    while (told.epochs().size() > SentRecords.MOST_EPOCHS) {
      forget(told.epochs().getFirst());
    }
  }

  /** The newest, ascending; few mean that there are no more. They count as looked at. */
  List<JournalRecord> news(int most) {
    if (headEpoch.isEmpty()) {
      return List.of();
    }
    long last = outbox.last(headEpoch);
    if (head >= last && !headEpoch.equals(newest)) {
      headEpoch = newest;
      head = 0;
      last = outbox.last(headEpoch);
    }
    if (head >= last) {
      return List.of();
    }
    Reread piece = outbox.again(headEpoch, head + 1, last, most);
    if (piece == null) {
      return List.of();
    }
    head = piece.next() - 1;
    if (piece.held() > 0 || !piece.gone().isEmpty()) {
      lookForLate();
    }
    return piece.records();
  }

  /** How many the newest looked at lies behind. */
  long behind() {
    return headEpoch.isEmpty() ? 0 : Math.max(0, outbox.last(headEpoch) - head);
  }

  /** Something that was looked at has not been sent. */
  void lookForLate() {
    scanEpoch = "";
    scan = 1;
    rescan = new MonotonicInstant(0);
  }

  /** When {@link #late} is worth a call. */
  MonotonicInstant lateDue() {
    return rescan;
  }

  /** Records that were looked at and not sent, a piece of them; null if there are none now. */
  @Nullable List<JournalRecord> late(int most, MonotonicInstant now) {
    if (now.isBefore(rescan)) {
      return null;
    }
    int empty = 0;
    for (String epoch : told.epochs()) {
      if (!scanEpoch.isEmpty() && !epoch.equals(scanEpoch)) {
        continue;
      }
      scanEpoch = epoch;
      Ranges sent = told.begin(epoch);
      long limit = limit(epoch);
      while (sent.endOf(scan) < limit) {
        long from = sent.endOf(scan) + 1;
        long to = Math.min(limit, sent.firstPresent(from) - 1);
        Reread piece = outbox.again(epoch, from, to, most);
        if (piece == null) {
          rescan = now.plus(RESCAN);
          return null;
        }
        scan = piece.next();
        held += piece.held();
        piece.gone().forEach(range -> gone(epoch, range, from, to));
        if (!piece.records().isEmpty() || ++empty == MOST_EMPTY) {
          return piece.records();
        }
      }
      scanEpoch = "";
      scan = 1;
    }
    ended(now);
    return null;
  }

  /** Nothing is late but what waits for the date of its boot, or for the card. */
  private void ended(MonotonicInstant now) {
    rescan = held > 0 ? now.plus(RESCAN) : MonotonicInstant.NEVER;
    held = 0;
    scanEpoch = "";
    scan = 1;
    Gap known = gap;
    gap = null;
    if (known != null) {
      notices.tell(
          Event.of("uplink.view_gap", Severity.WARNING)
              .with("view", "sparkplug")
              .with("epoch", known.epoch())
              .with("from", known.from())
              .with("to", known.to())
              .with("count", known.count()));
    }
  }

  private long limit(String epoch) {
    if (epoch.equals(headEpoch)) {
      return head;
    }
    long last = outbox.last(epoch);
    if (last < 0) {
      forget(epoch);
    } else {
      lasts.put(epoch, last);
    }
    return last;
  }

  private void forget(String epoch) {
    Ranges sent = told.of(epoch);
    Long last = lasts.remove(epoch);
    if (sent != null && last != null && last > sent.countIn(1, last)) {
      count(epoch, 1, last, last - sent.countIn(1, last));
    }
    told.forget(epoch);
  }

  private void gone(String epoch, Range range, long from, long to) {
    long first = Math.max(from, range.from());
    long last = Math.min(to, range.to());
    if (first <= last) {
      told.passed(epoch, first, last);
      count(epoch, first, last, last - first + 1);
    }
  }

  private void count(String epoch, long from, long to, long records) {
    gone += records;
    Gap before = gap;
    gap =
        before == null || !before.epoch().equals(epoch)
            ? new Gap(epoch, from, to, records + (before == null ? 0 : before.count()))
            : new Gap(
                epoch,
                Math.min(before.from(), from),
                Math.max(before.to(), to),
                before.count() + records);
  }

  /** Records that have not been sent. */
  long lag() {
    long lag = 0;
    for (String epoch : told.epochs()) {
      lag += Math.max(0, outbox.last(epoch) - told.begin(epoch).countIn(1, Long.MAX_VALUE));
    }
    return lag;
  }

  /** Records that the journal dropped before they were sent. */
  long gone() {
    return gone;
  }
}
