package io.lingtan.agent.ledger;

import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.ledger.Recovered.Held;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.FeedFile;
import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Site;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes samples and events out of the queue, folds the samples, and commits both with what came of
 * them: one transaction each {@code journal.commit}, at once after an idle one.
 *
 * <p>Crash contract: what a commit wrote is on the card with the state to go on from, or none of it
 * is. A crash costs at most the samples since the last commit; {@code agent.start} then names the
 * span. After it nothing is numbered twice.
 *
 * <p>While the card cannot be written, samples are numbered in memory for 60 s, so that they can be
 * published, and the commit is tried again with growing pauses; after that they stay in the queue,
 * and whoever finds it full counts what is lost.
 *
 * <p>A journal that cannot be opened yet is asked again with the same pauses. Until it can, samples
 * stay in the queue: what it keeps has to be folded before them, and a ledger that began without it
 * would put out intervals that miss their beginning, some of them a second time.
 *
 * <p>Until the wall clock is trusted, records are committed without a date and samples wait to be
 * folded: intervals are never undated. The journal is opened before and closed after this step, by
 * its owner.
 */
public final class LedgerStep implements Step {

  private static final Logger log = LoggerFactory.getLogger(LedgerStep.class);

  /** Arrivals taken in one step, so that commits stay punctual under a flood. */
  private static final int MOST_PER_STEP = 512;

  /** What arrives within it is taken in one step: it is committed much later. */
  private static final Duration GATHERING = Duration.ofMillis(100);

  /** The day so far is worked out so often. */
  private static final long TODAY_SECONDS = 60;

  private static final long SECOND_NANOS = 1_000_000_000L;

  /** A checkpoint is as large as the records of minutes: it waits until it saves as many. */
  private static final long LEAST_CHECKPOINT_NANOS = 60 * SECOND_NANOS;

  private static final long LONGEST_CHECKPOINT_NANOS = 600 * SECOND_NANOS;

  /** So many records are worked through again after a crash without being noticed. */
  private static final long MOST_AFTER_CHECKPOINT = 3_000;

  private static final long LONGEST_BACKLOG_NANOS = StoreSnapshot.BLOCKED_AFTER.toNanos();
  private static final long LONGEST_RETRY_NANOS = 30 * SECOND_NANOS;

  /** Undated samples kept for folding: an hour of fifty devices each 10 s, twice. */
  private static final int MOST_HELD = 36_000;

  private Site site;
  private final Journal journal;
  private IntervalTable keeping;
  private Restatement restating;

  /** Not before, because it could not be read. */
  private MonotonicInstant restateAt;

  private final Inbox<Arrival> inbox;
  private final Inbox<Takeover> changes = new Inbox<>(2);
  private @Nullable Takeover asked;
  private final Time time;
  private final BootDates dates;
  private final Waiter waiter = Waiter.gathering(GATHERING);
  private final long commitNanos;
  private long closeAfterNanos;

  private final CompletableFuture<Map<String, PulseTotal>> totals = new CompletableFuture<>();
  private final CompletableFuture<Map<String, String>> serials = new CompletableFuture<>();

  /** The last total of each pulse input, written or not. */
  private final Map<String, PulseTotal> counted = new HashMap<>();

  /** The last serial number of each meter, written or not. */
  private final Map<String, String> identified = new HashMap<>();

  private Fold fold;
  private final Deque<Held> held = new ArrayDeque<>();
  private Recovered recovered;
  private final MonotonicInstant created;

  /** Why the file of corrections was not taken at the start; empty if it was. */
  private List<String> notCorrected = List.of();

  private Batch batch;
  private Tally pending = new Tally();
  private Tally lent = new Tally();
  private final Tally committed = new Tally();
  private boolean isRecovered;
  private boolean begun;
  private boolean checkpointNeeded;

  /** Until when no new interval can be told, UTC ms; {@link Long#MIN_VALUE} if one can. */
  private long aheadUntil = Long.MIN_VALUE;

  /**
   * Start, or the last step of the wall clock; overdue intervals close {@code close_after} later.
   */
  private MonotonicInstant settledSince;

  private MonotonicInstant lastCommit;
  private MonotonicInstant lastCheckpoint;

  /** Records committed up to it. */
  private long atCheckpoint;

  private MonotonicInstant retryAt;
  private long retryNanos;
  private MonotonicInstant lendAt;
  private MonotonicInstant oldestPending = MonotonicInstant.NEVER;

  /** Of what is not on the card yet. */
  private final List<CompletableFuture<Optional<String>>> answers = new ArrayList<>();

  private long commits;
  private long failedCommits;
  private long forgotten;
  private long unfolded;
  private boolean folding = true;
  private @Nullable String failure;
  private @Nullable Interval latest;
  private LedgerSnapshot.@Nullable Demand demand;
  private @Nullable Interval today;

  /** When {@link #today} was worked out. */
  private long todayNanos;

  private volatile LedgerSnapshot snapshot;

  /** The number of records in a batch, by kind. */
  private static final class Tally {
    private long samples;
    private long intervals;
    private long events;

    long size() {
      return samples + intervals + events;
    }

    void add(Tally more) {
      samples += more.samples;
      intervals += more.intervals;
      events += more.events;
    }
  }

  private final RowSink keeper =
      new RowSink() {
        @Override
        public void keep(BaseRow base) {
          keeping.keep(base, batch);
        }

        @Override
        public void keep(RollUpRow longer) {
          keeping.keep(longer, batch);
        }
      };

  /** Puts what is told again there, too. */
  private final Restatement.Output toldAgain =
      new Restatement.Output() {
        @Override
        public Fold.Output records() {
          return intoBatch;
        }

        @Override
        public void note(Event event) {
          LedgerStep.this.note(event, time.now());
        }

        @Override
        public void checkpoint() {
          checkpointNeeded = true;
        }
      };

  /** Puts what the fold makes into the batch. */
  private final Fold.Output intoBatch =
      new Fold.Output() {
        @Override
        public void interval(Interval interval) {
          batch.interval(interval);
          pending.intervals++;
        }

        @Override
        public void event(Event event, long atNanos, long tsMillis) {
          note(event, time.boot(), atNanos, tsMillis);
        }
      };

  /**
   * Finds the state of the last commit again, which reads the journal.
   *
   * @param inbox of which this step is the only taker
   */
  public LedgerStep(Site site, Journal journal, Inbox<Arrival> inbox, Time time) {
    this.site = site;
    this.journal = journal;
    this.keeping = new IntervalTable(site, journal);
    this.restating = Restatement.nothing(site, keeping);
    this.inbox = inbox;
    this.time = time;
    this.dates = new BootDates(journal, time);
    this.commitNanos = site.journal().commit().toNanos();
    this.closeAfterNanos = site.metering().closeAfter().toNanos();
    this.recovered = Recovered.nothing(site);
    this.fold = recovered.fold();
    this.batch = journal.begin();
    this.created = time.now();
    this.settledSince = created;
    this.lastCommit = created;
    this.lastCheckpoint = created;
    this.retryAt = created;
    this.lendAt = created;
    this.restateAt = created;
    inbox.onOffer(waiter::wake);
    changes.onOffer(waiter::wake);
    recover(created);
    this.snapshot = look();
  }

  /** By their names, the figures that interval records carry, of all lengths, in order. */
  public SequencedMap<String, Indicator> indicators() {
    return fold.indicators();
  }

  /** Totals of pulse inputs as they were kept last, by device, once the journal can be read. */
  public Future<Map<String, PulseTotal>> totals() {
    return totals;
  }

  /** The same of the serial numbers that meters had, by device. */
  public Future<Map<String, String>> serials() {
    return serials;
  }

  /** Where another site file is handed in while this runs. Any thread. */
  public Inbox<Takeover> changes() {
    return changes;
  }

  /** The ledger as of its last step. Any thread. */
  public LedgerSnapshot snapshot() {
    return snapshot;
  }

  @Override
  public String name() {
    return LedgerSnapshot.STEP;
  }

  @Override
  public int step(MonotonicInstant now) {
    if (!isRecovered && !recover(now)) {
      snapshot = look();
      return 0;
    }
    watchClock(now);
    int done = begin(now) + change(now);
    if (!isBlocked(now)) {
      int taken = inbox.drain(arrival -> take(arrival, now), MOST_PER_STEP);
      done += taken;
      if (taken < MOST_PER_STEP) {
        closeOverdue(now);
      }
      done += restate(now);
      watchAhead(now);
    }
    if (isCommitDue(now)) {
      commit(now, false);
      done++;
    } else if (isLendDue(now)) {
      lend(now);
    }
    snapshot = look();
    return done;
  }

  /** Finds the state of the last commit again, as soon as the journal can be read. */
  private boolean recover(MonotonicInstant now) {
    if (now.isBefore(retryAt)) {
      return false;
    }
    try {
      keeping.takeUp();
      notCorrected = keeping.refused();
      site = notCorrected.isEmpty() ? site : site.correctedBy(keeping.corrections());
      Restatement found = Restatement.takeUp(site, journal, keeping);
      recovered = Recovered.from(site, journal, time.boot(), found.isDue());
      found.begin(recovered.fold(), recovered.trouble() != null);
      restating = found;
      counted.putAll(journal.totals());
      identified.putAll(journal.serials());
      totals.complete(Map.copyOf(counted));
      serials.complete(Map.copyOf(identified));
    } catch (JournalUnavailable e) {
      failed(e, now);
      return false;
    }
    fold = recovered.fold();
    fold.keepIn(keeper);
    recovered.held().forEach(this::hold);
    today = asTold(fold.today());
    demand = fold.demand();
    aheadUntil = fold.wasAheadUntil();
    isRecovered = true;
    return true;
  }

  /** A part of what has to be reckoned anew because factors have become others. */
  private int restate(MonotonicInstant now) {
    if (!isRestating() || now.isBefore(restateAt)) {
      return 0;
    }
    try {
      return restating.step(
          fold, batch, new Fold.Cause(now.nanos(), dates.dated(now.nanos())), toldAgain);
    } catch (JournalUnavailable e) {
      log.warn("what is to be reckoned anew cannot be read now: {}", e.getMessage());
      restateAt = now.plusNanos(LONGEST_RETRY_NANOS);
      return 0;
    }
  }

  /** Not while nothing can be written, or while no interval could be dated. */
  boolean isRestating() {
    return dates.isTrusted() && failure == null && restating.isUnfinished();
  }

  /** The first words of a run: what opening noticed, and the span that is not covered. */
  private int begin(MonotonicInstant now) {
    if (begun) {
      return 0;
    }
    begun = true;
    journal.openingEvents().forEach(event -> note(event, now));
    tellUnknown(recovered, now);
    for (String why : notCorrected) {
      note(Event.of("config.not_corrected", Severity.WARNING).with("why", why), now);
    }
    Event start = Event.of("agent.start", Severity.INFO).with("clean", recovered.clean());
    tellFeeds(now);
    boolean first = recovered.since() == JournalRecord.UNDATED;
    note(first ? start : start.with("since", recovered.since()), now);
    // At once: without a first checkpoint there is nothing to go on from after a crash.
    checkpointNeeded = true;
    commit(now, false);
    lastCommit = now.plusNanos(-commitNanos);
    return 1;
  }

  /**
   * Goes on by another site file ({@link Takeover}): what the queue holds belongs to the old one
   * and is committed first, with a checkpoint, and the new one takes that up as after a start.
   * Nothing is numbered twice. If any of it cannot be done once the lines are closed, nothing is
   * changed and the answer says so at once, so that they can begin again by the old one.
   */
  private int change(MonotonicInstant now) {
    Takeover change = asked == null ? changes.poll() : asked;
    if (change == null || change.closed().isCancelled()) {
      asked = null;
      return 0;
    }
    asked = change;
    if (change.ready().isDone()) {
      return change.closed().isDone() ? take(change, now) : 0;
    }
    if (failure == null && commitQueue(now) == null) {
      var _ = change.closed().whenComplete((_, _) -> waiter.wake());
      change.ready().complete(true);
      return 1;
    }
    return 0;
  }

  /** Returns why it could not be written, null if it is on the card, with a checkpoint. */
  private @Nullable String commitQueue(MonotonicInstant now) {
    inbox.drain(arrival -> take(arrival, now), inbox.capacity());
    checkpointNeeded = true;
    commit(now, false);
    return failure;
  }

  private int take(Takeover change, MonotonicInstant now) {
    asked = null;
    String refused;
    boolean passing = false;
    try {
      refused = commitQueue(now);
      passing = refused != null;
      refused = refused == null ? corrected(change.site()) : refused;
      if (refused == null) {
        takeUp(change, now);
      }
    } catch (JournalUnavailable e) {
      failed(e, now);
      refused = failure;
      passing = true;
    } catch (RuntimeException e) {
      log.error("the other site file cannot be taken", e);
      refused = String.valueOf(e);
    }
    change
        .taken()
        .complete(
            new Takeover.Taken(
                Map.copyOf(counted), Map.copyOf(identified), fold.indicators(), refused, passing));
    return 1;
  }

  /** Why what another site file corrects cannot be; null if it can. */
  private @Nullable String corrected(Site next) {
    IntervalTable kept = new IntervalTable(next, journal);
    kept.takeUp();
    List<String> why = kept.refused();
    return why.isEmpty()
        ? null
        : next.metering().corrections().file() + " " + String.join("; ", why);
  }

  private void takeUp(Takeover change, MonotonicInstant now) {
    IntervalTable kept = new IntervalTable(change.site(), journal);
    kept.takeUp();
    Restatement found = Restatement.takeUp(change.site(), journal, kept);
    Recovered taken = Recovered.from(change.site(), journal, time.boot(), found.isDue());
    found.begin(taken.fold(), taken.trouble() != null);
    site = change.site();
    keeping = kept;
    restating = found;
    closeAfterNanos = site.metering().closeAfter().toNanos();
    unfolded += fold.failed();
    fold = taken.fold();
    fold.keepIn(keeper);
    held.clear();
    taken.held().forEach(this::hold);
    today = asTold(fold.today());
    demand = fold.demand();
    note(change.told(), now);
    tellUnknown(taken, now);
    tellFeeds(now);
    checkpointNeeded = true;
  }

  private void tellUnknown(Recovered taken, MonotonicInstant now) {
    if (taken.trouble() != null) {
      note(
          Event.of("journal.checkpoint_refused", Severity.WARNING).with("why", taken.trouble()),
          now);
    }
    String unknown = restating.trouble();
    if (unknown != null) {
      note(Event.of("config.not_restated", Severity.WARNING).with("why", unknown), now);
    }
  }

  private void tellFeeds(MonotonicInstant now) {
    for (FeedFile file : site.carbon().feeds()) {
      note(
          Event.of("config.fed", Severity.INFO)
              .with("file", file.file().getFileName().toString())
              .with("sha256", file.sha256())
              .with("changed", file.changed().toString())
              .with("rows", (long) file.feeds().size()),
          now);
    }
  }

  private void watchClock(MonotonicInstant now) {
    Event step = dates.step(now);
    if (step != null) {
      settledSince = now;
      note(step, now);
    }
    if (dates.begin()) {
      Event back = dates.setBack(recovered.since(), now);
      if (back != null) {
        note(back, now);
      }
      dates.bounds(recovered.since(), now).forEach(bounds -> note(bounds, now));
      dateHeld(now);
    }
  }

  /** Tells once that no new interval can be told, because the clock was ahead. */
  private void watchAhead(MonotonicInstant now) {
    if (!dates.isTrusted()) {
      return;
    }
    long millis = time.wall().millisAt(now);
    long until = fold.aheadUntil(millis);
    if (until != Long.MIN_VALUE && aheadUntil == Long.MIN_VALUE) {
      note(Event.of("clock.ahead", Severity.WARNING).with("from", millis).with("to", until), now);
    }
    aheadUntil = until;
  }

  /** The clock is trusted from here on: what waited for that is folded now, in its order. */
  private void dateHeld(MonotonicInstant now) {
    if (held.isEmpty() && !journal.undatedBoots().contains(time.boot())) {
      return;
    }
    for (Held waiting : held) {
      switch (waiting) {
        case Held.Read(Sample sample) -> fold(sample, dates.dated(sample.atNanos()));
        case Held.Swapped(Arrival.Exchanged exchange) -> fold.exchanged(exchange.device());
      }
    }
    held.clear();
    checkpointNeeded = true;
    note(
        Event.of("clock.offset", Severity.INFO)
            .with("boot", time.boot())
            .with("offset_ms", time.wall().offsetMillis()),
        now);
  }

  /** Whether samples have to stay in the queue, because too many wait to be written already. */
  private boolean isBlocked(MonotonicInstant now) {
    return failure != null
        && !now.isBefore(oldestPending)
        && now.nanosSince(oldestPending) >= LONGEST_BACKLOG_NANOS;
  }

  private void take(Arrival arrival, MonotonicInstant now) {
    switch (arrival) {
      case Arrival.Recorded(Sample sample) -> record(sample);
      case Arrival.Noticed(Event event, String boot, long atNanos) ->
          note(event, boot, atNanos, dates.dated(atNanos));
      case Arrival.Exchanged exchange -> exchange(exchange);
      case Arrival.Fed fed -> feed(fed);
      case Arrival.FeedTried(String csv, var answer) ->
          answer.complete(Optional.ofNullable(objection(csv, true)));
      case Arrival.HoldEnded() -> dates.holdEnded();
      case Arrival.Counted(String device, String boot, long atNanos, long pulses) ->
          count(new PulseTotal(device, pulses, dates.dated(atNanos)));
      case Arrival.Identified(String device, String serial) -> identify(device, serial);
    }
    oldestPending = oldestPending.min(now);
  }

  private void count(PulseTotal total) {
    batch.total(total);
    counted.put(total.device(), total);
  }

  private void identify(String device, String serial) {
    batch.serial(device, serial);
    identified.put(device, serial);
  }

  private void record(Sample sample) {
    long tsMillis = dates.dated(sample.atNanos());
    batch.data(sample, tsMillis);
    pending.samples++;
    if (tsMillis == JournalRecord.UNDATED) {
      dates.undated();
      hold(new Held.Read(sample));
    } else {
      fold(sample, tsMillis);
    }
  }

  /** What cannot be folded is kept all the same: the register of the next sample makes it good. */
  private void fold(Sample sample, long tsMillis) {
    try {
      fold.observe(sample, tsMillis, intoBatch);
      folding = true;
    } catch (RuntimeException e) {
      unfolded++;
      if (folding) {
        log.error("a sample of {} could not be folded", sample.device(), e);
        note(
            Event.of("agent.not_folded", Severity.ALARM, sample.device())
                .with("why", String.valueOf(e)),
            sample.boot(),
            sample.atNanos(),
            tsMillis);
      }
      folding = false;
    }
  }

  /** In its order among the samples: those that wait are still the old meter's. */
  private void exchange(Arrival.Exchanged exchange) {
    long tsMillis = dates.dated(exchange.atNanos());
    note(exchange.event(), exchange.boot(), exchange.atNanos(), tsMillis);
    String serial = exchange.detail().get("new_serial");
    if (serial != null) {
      // In the same transaction as the event: otherwise a crash would tell it twice.
      identify(exchange.device(), serial);
    }
    if (tsMillis == JournalRecord.UNDATED) {
      hold(new Held.Swapped(exchange));
    } else {
      fold.exchanged(exchange.device());
      checkpointNeeded = true;
    }
  }

  /** With who and what in the event, so that a figure can be led back to them. */
  private void feed(Arrival.Fed fed) {
    var answer = fed.answer();
    String refused = objection(fed.csv(), answer != null);
    if (answer != null) {
      if (refused != null) {
        // Whoever asked reads it: it is no event.
        answer.complete(Optional.of(refused));
        return;
      }
      answers.add(answer);
    }
    refused = refused == null ? fold.tell(feeds(fed.csv())) : refused;
    Event told =
        refused == null
            ? Event.of("command.fed", Severity.INFO)
            : Event.of("command.refused", Severity.WARNING)
                .with("command", "feed")
                .with("error", refused);
    note(
        told.with("by", fed.by()).with("csv", fed.csv()),
        fed.boot(),
        fed.atNanos(),
        dates.dated(fed.atNanos()));
    checkpointNeeded = true;
  }

  private static Feeds feeds(String csv) {
    Feeds feeds = FeedReader.read(csv, (line, column, message) -> {});
    return feeds == null ? Feeds.NONE : feeds;
  }

  /**
   * Why a feed is not taken; null if it would be.
   *
   * @param isNew whether what was told before is no news
   */
  private @Nullable String objection(String csv, boolean isNew) {
    Feeds feeds = feeds(csv);
    return feeds.isEmpty() ? "it is no feed" : fold.objection(feeds, isNew);
  }

  private void hold(Held arrived) {
    if (held.size() == MOST_HELD) {
      switch (held.removeFirst()) {
        case Held.Read read -> forgotten++;
        // All that was before it is forgotten: what is folded next comes after the exchange.
        case Held.Swapped(Arrival.Exchanged exchange) -> fold.exchanged(exchange.device());
      }
    }
    held.addLast(arrived);
  }

  private void note(Event event, MonotonicInstant now) {
    note(event, time.boot(), now.nanos(), dates.dated(now.nanos()));
  }

  private void note(Event event, String boot, long atNanos, long tsMillis) {
    batch.event(event, boot, atNanos, tsMillis);
    pending.events++;
    if (tsMillis == JournalRecord.UNDATED) {
      dates.undated();
    }
  }

  /** Closes an interval though nothing comes any more; not before the lines have had their turn. */
  private void closeOverdue(MonotonicInstant now) {
    if (dates.isTrusted()
        && now.nanosSince(settledSince) >= closeAfterNanos
        && fold.closeOverdue(time.boot(), now.nanos(), time.wall().millisAt(now), intoBatch)) {
      checkpointNeeded = true;
      oldestPending = oldestPending.min(now);
    }
  }

  private boolean isCommitDue(MonotonicInstant now) {
    if (failure != null) {
      return !now.isBefore(retryAt);
    }
    // An idle commit only saves acknowledgements, and does not delay the next sample's.
    long since = now.nanosSince(lastCommit);
    return batch.isEmpty() ? since >= commitNanos + SECOND_NANOS : since >= commitNanos;
  }

  /**
   * While nothing can be written, what there is gets its numbers as often as it would otherwise.
   */
  private boolean isLendDue(MonotonicInstant now) {
    return failure != null && isToLend() && !now.isBefore(lendAt);
  }

  private boolean isToLend() {
    return begun && (batch.size() > 0 || lent.size() > 0);
  }

  private void lend(MonotonicInstant now) {
    lendAt = now.plusNanos(commitNanos);
    checkpointNeeded |= fold.revise(intoBatch);
    if (batch.lend(dates.dated(now.nanos()))) {
      batch = journal.begin();
      lent.add(pending);
      pending = new Tally();
    }
  }

  private boolean isCheckpointDue(long nanos) {
    return nanos >= LONGEST_CHECKPOINT_NANOS
        || (nanos >= LEAST_CHECKPOINT_NANOS
            && committed.size() - atCheckpoint >= MOST_AFTER_CHECKPOINT);
  }

  private void commit(MonotonicInstant now, boolean stopping) {
    for (Event event : journal.takeEvents()) {
      note(event, now);
      // It may have begun a new file, which has no checkpoint.
      checkpointNeeded = true;
      keeping.anew();
      restating.anew();
    }
    checkpointNeeded |= fold.revise(intoBatch);
    restating.write(fold, batch);
    boolean due = checkpointNeeded || isCheckpointDue(now.nanosSince(lastCheckpoint));
    // While samples wait to be dated the last checkpoint stands: they are folded after it.
    byte[] state = held.isEmpty() && (due || stopping) ? Recovered.state(fold, stopping) : null;
    boolean something = !batch.isEmpty() || lent.size() > 0;
    try {
      batch.commit(dates.dated(now.nanos()), state);
    } catch (JournalUnavailable e) {
      failed(e, now);
      lend(now);
      return;
    }
    batch = journal.begin();
    committed.add(lent);
    committed.add(pending);
    lent = new Tally();
    pending = new Tally();
    oldestPending = MonotonicInstant.NEVER;
    answers.forEach(answer -> answer.complete(Optional.empty()));
    answers.clear();
    commits++;
    lastCommit = something ? now : now.plusNanos(-commitNanos);
    if (state != null) {
      checkpointNeeded = false;
      lastCheckpoint = now;
      atCheckpoint = committed.size();
    }
    if (failure != null) {
      log.info("the journal can be written again, after {} failed commits", failedCommits);
      failure = null;
      retryNanos = 0;
    }
    Interval closed = asTold(fold.latest());
    if (!Objects.equals(latest, closed)
        || now.nanos() - todayNanos >= TODAY_SECONDS * SECOND_NANOS) {
      latest = closed;
      today = asTold(fold.today());
      demand = fold.demand();
      todayNanos = now.nanos();
    }
    dates.date();
  }

  /** People see what records say. */
  private @Nullable Interval asTold(@Nullable Interval worked) {
    return worked == null ? null : journal.asTold(worked);
  }

  private void failed(JournalUnavailable e, MonotonicInstant now) {
    String why = String.valueOf(e.getMessage());
    if (!why.equals(failure)) {
      log.error("nothing can be committed, samples are kept in memory: {}", why);
    }
    if (failure == null && begun) {
      note(Event.of("journal.not_written", Severity.ALARM).with("why", why), now);
    }
    failure = why;
    failedCommits++;
    retryNanos = Math.clamp(retryNanos * 2, SECOND_NANOS, LONGEST_RETRY_NANOS);
    retryAt = now.plusNanos(retryNanos);
  }

  @Override
  public MonotonicInstant due() {
    if (failure != null) {
      return isToLend() ? retryAt.min(lendAt) : retryAt;
    }
    if (!begun) {
      return created;
    }
    MonotonicInstant commit =
        lastCommit.plusNanos(batch.isEmpty() ? commitNanos + SECOND_NANOS : commitNanos);
    return isRestating() && !batch.hasKept() ? restateAt.min(commit) : commit;
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }

  private LedgerSnapshot look() {
    return new LedgerSnapshot(
        latest,
        today,
        unfolded + fold.failed(),
        inbox.size(),
        inbox.refused(),
        (int) lent.size() + batch.size(),
        held.size(),
        forgotten,
        committed.samples,
        committed.intervals,
        committed.events,
        commits,
        failedCommits,
        failure,
        failure != null && (!isRecovered || isBlocked(time.now())),
        aheadUntil,
        demand);
  }

  /** Commits what is there with the words that the agent stops, and a checkpoint. */
  @Override
  public void close() {
    if (!begun) {
      if (inbox.size() > 0) {
        log.error(
            "{} readings could not be committed before the end and are lost: {}",
            inbox.size(),
            failure);
      }
      return;
    }
    MonotonicInstant now = time.now();
    inbox.drain(arrival -> take(arrival, now), inbox.capacity());
    note(Event.of("agent.stop", Severity.INFO), now);
    commit(now, true);
    if (failure != null) {
      // A damage that was found only now is set aside by the next attempt.
      commit(now, true);
    }
    if (failure != null) {
      log.error(
          "{} records could not be committed before the end and are lost: {}",
          lent.size() + batch.size(),
          failure);
    }
    snapshot = look();
  }
}
