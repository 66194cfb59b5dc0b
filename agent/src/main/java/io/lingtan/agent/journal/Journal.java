package io.lingtan.agent.journal;

import io.lingtan.agent.journal.code.Segment.Part;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.commit.Kept;
import io.lingtan.agent.journal.commit.ReceiptsSnapshot;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.journal.number.Boots;
import io.lingtan.agent.journal.number.ChainSnapshot;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Serials;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Previous;
import io.lingtan.agent.journal.number.Totals;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.run.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The durable, numbered sequence of records.
 *
 * <p>Crash contract: when {@link Batch#commit} returns normally, everything in the batch (records,
 * totals, the acknowledgements received so far, and the checkpoint if one was given) is on the
 * card, or none of it is. A record that was never committed never had a number that anybody saw.
 *
 * <p>Ledger thread, but for {@link #state}, {@link #outbox} and {@link #history}.
 */
public final class Journal implements AutoCloseable {
  private final JournalOptions options;
  private final Time time;
  private final Store store;
  private final List<Event> openingEvents;
  private volatile Runnable wake = () -> {};
  private volatile StoreSnapshot lastState;

  private Journal(JournalOptions options, Time time, Store store) {
    this.options = options;
    this.time = time;
    this.store = store;
    this.lastState =
        new StoreSnapshot(
            "",
            JournalRecord.UNDATED,
            0,
            0,
            0,
            List.of(),
            List.of(),
            0,
            0,
            JournalRecord.UNDATED,
            List.of(),
            0,
            options.maxSize(),
            0,
            null,
            StoreSnapshot.NOT_BLOCKED);
    this.openingEvents = List.copyOf(store.takeEvents());
  }

  /**
   * Opens or makes the journal. A file that is not a database or is corrupt is set aside beside it,
   * never deleted, and a new one begins. What was noticed on the way is in {@link #openingEvents}.
   *
   * <p>A place that cannot be used at present (no permission, a full or read-only disk) is no
   * reason to stop: {@link StoreSnapshot#failure} says what to do, and each call that needs the
   * file tries again. Until one succeeds such calls throw {@link JournalUnavailable}, nothing is
   * numbered, and the state names no epoch. {@link #checkpoint} and {@link #refold} throw, too,
   * because what cannot be read is not known to be empty; whoever goes on from them has to wait.
   * Then everything that lies there is taken up as by a journal that opened at once.
   *
   * @throws JournalUnavailable if waiting cannot help (in use by another agent, written by a newer
   *     version or by another program): the message says what to do
   */
  public static Journal open(JournalOptions options, Time time, RandomGenerator random) {
    Store store = new Store(options, time, random);
    try {
      store.open();
      return new Journal(options, time, store);
    } catch (RuntimeException e) {
      store.crash();
      throw e;
    }
  }

  /**
   * What opening noticed: a new epoch and why, a file set aside. For the ledger to record first.
   */
  public List<Event> openingEvents() {
    return openingEvents;
  }

  /**
   * What happened since: records dropped, a file set aside, another epoch. For the ledger to record
   * with its next batch; each is handed out once.
   */
  public List<Event> takeEvents() {
    return store.takeEvents();
  }

  /**
   * An interval as its record would have it: where an older copy of the card was put back, with a
   * higher revision than it was worked out with, and suspect. Ledger thread.
   */
  public Interval asTold(Interval worked) {
    return store.retold.tell(worked);
  }

  /** Begins the next transaction. Ledger thread; one at a time. */
  public Batch begin() {
    return new Batch(new Writer(), time.boot());
  }

  private final class Writer implements Batch.Writer {

    @Override
    public void commit(Batch batch, long nowMillis, byte @Nullable [] ledgerState) {
      store.commit(batch, nowMillis, ledgerState);
      wake.run();
    }

    @Override
    public boolean lend(Batch batch, long nowMillis) {
      boolean lent = store.lend(batch, nowMillis);
      if (lent) {
        wake.run();
      }
      return lent;
    }
  }

  /**
   * The newest checkpoint of the ledger, null if there is none.
   *
   * @throws JournalUnavailable if that cannot be read at present
   */
  public @Nullable Checkpoint checkpoint() {
    return store.read(Refold::checkpoint);
  }

  /**
   * What pulse inputs had counted in all at the last commit, by device.
   *
   * @throws JournalUnavailable if it cannot be read at present
   */
  public Map<String, PulseTotal> totals() {
    return store.read(Totals::load);
  }

  /**
   * The serial numbers that meters had when they were read last, by device.
   *
   * @throws JournalUnavailable if the file cannot be read now
   */
  public Map<String, String> serials() {
    return store.read(Serials::load);
  }

  /**
   * Energies of base intervals as of the last commit, of those that start in {@code
   * fromMillis..toMillis}, the end not included, ascending.
   *
   * @param most most rows
   * @throws JournalUnavailable if they cannot be read at present
   */
  public List<Kept.Row> energies(long fromMillis, long toMillis, int most) {
    return store.read(db -> Kept.energies(db, fromMillis, toMillis, most));
  }

  /**
   * The same of longer intervals.
   *
   * @param length {@code 1d 1M 1Y}
   */
  public List<Kept.Row> longer(String length, long fromMillis, long toMillis, int most) {
    return store.read(db -> Kept.longer(db, length, fromMillis, toMillis, most));
  }

  /**
   * What was remembered under that name as of the last commit, null if nothing was.
   *
   * @throws JournalUnavailable if it cannot be read at present
   */
  public byte @Nullable [] memo(String name) {
    return store.read(db -> Kept.memo(db, name));
  }

  /** How much is kept for years, as of the last commit. Any thread. */
  public Kept.Size kept() {
    return store.kept();
  }

  /**
   * Most bytes that may be kept for years: a quarter of the journal, so that records have the rest.
   */
  public long mostKept() {
    return options.maxSize() / 4;
  }

  /**
   * Hands over the data records after {@code seq} of the checkpoint's epoch and all of later
   * epochs, ascending: for the re-fold at start. An epoch that is not known stands before all
   * others.
   *
   * @throws JournalUnavailable if they cannot be read at present
   */
  public void refold(Checkpoint from, Consumer<DataRecord> to) {
    refold(from, Part.DATA, DataRecord.class, to);
  }

  /** Hands over the events after {@code seq} of the checkpoint's epoch, as {@link #refold} does. */
  public void refoldEvents(Checkpoint from, Consumer<EventRecord> to) {
    refold(from, Part.REPORTS, EventRecord.class, to);
  }

  private <R extends JournalRecord> void refold(
      Checkpoint from, Part part, Class<R> kind, Consumer<R> to) {
    store.refold(
        from,
        part,
        record -> {
          if (kind.isInstance(record)) {
            to.accept(kind.cast(record));
          }
        });
  }

  /**
   * Dates a boot: its undated records flow from now on, with ts = offset + mono. A boot that is
   * dated, or given up, stays as it is: records never change.
   *
   * @param offsetMillis UTC ms of the boot's monotonic zero
   * @throws JournalUnavailable if it could not be written: they are still held
   */
  public void dateBoot(String boot, long offsetMillis) {
    store.date(boot, offsetMillis, Boots.Fate.WAITING);
    wake.run();
  }

  /**
   * Waits no longer for the date of a boot: its undated records flow without {@code ts}, and stay
   * so for ever. A date that is learnt later is kept, and serves history.
   *
   * @throws JournalUnavailable if it could not be written: they are still held
   */
  public void releaseBoot(String boot) {
    store.date(boot, null, Boots.Fate.SENT);
    wake.run();
  }

  /**
   * The date of a boot will never be known: what of it is held flows without {@code ts}.
   *
   * @throws JournalUnavailable if it could not be written: they are still held
   */
  public void giveUpBoot(String boot) {
    store.date(boot, null, Boots.Fate.GIVEN_UP);
    wake.run();
  }

  /** Boots with undated records, held or sent, whose date is not known and not given up. */
  public List<String> undatedBoots() {
    return store.boots.all().stream()
        .filter(Boots.Boot::isOpen)
        .map(Boots.Boot::id)
        .sorted()
        .toList();
  }

  /** A reader for the publisher, with a connection of its own. One thread. */
  public Outbox outbox() {
    return new Outbox(store);
  }

  /** A reader for the page, with a connection of its own. Any thread. */
  public History history() {
    return new History(store, time);
  }

  /** What {@code store} says: epoch, numbers, acknowledgements, drops. Any thread. */
  public StoreSnapshot state() {
    List<Epoch> epochs = store.epochs.all();
    if (epochs.isEmpty()) {
      // Not opened yet; or for a moment, while a damaged file is replaced by a new one.
      return lastState.failing(store.failure(), store.blockedSince());
    }
    Epoch epoch = epochs.getLast();
    Epoch.Acked acked = epoch.acked();
    Store.Held held = store.held();
    List<Previous> previous = store.epochs.told().stream().map(Journal::previous).toList();
    boolean allAcked = previous.stream().allMatch(p -> p.acked() >= p.last()) && epoch.isFinished();
    StoreSnapshot state =
        new StoreSnapshot(
            epoch.id(),
            since(epoch),
            held.first(),
            epoch.lastGiven(),
            acked.acked(),
            acked.ahead(),
            epoch.drops(),
            store.epochs.all().stream().mapToLong(Epoch::waiting).sum(),
            store.boots.held(),
            allAcked ? JournalRecord.UNDATED : held.oldestMillis(),
            previous,
            size(),
            options.maxSize(),
            store.bytesWritten(),
            store.failure(),
            store.blockedSince());
    lastState = state;
    return state;
  }

  private static Previous previous(Epoch epoch) {
    String reason = epoch.ended();
    return new Previous(
        epoch.id(), epoch.last(), epoch.ackedUpTo(), reason == null ? "" : reason, epoch.drops());
  }

  private long since(Epoch epoch) {
    Epoch.Since since = epoch.since();
    if (since.millis() != null) {
      return since.millis();
    }
    Boots.Boot boot = store.boots.find(since.boot());
    Long offset = boot == null ? null : boot.offsetMillis();
    return offset == null ? JournalRecord.UNDATED : offset + since.nanos() / 1_000_000L;
  }

  private long size() {
    long size = 0;
    for (String part : List.of("", "-wal")) {
      try {
        size += Files.size(options.file().resolveSibling(options.file().getFileName() + part));
      } catch (IOException e) {
        // Not there at the moment: no bytes.
      }
    }
    return size;
  }

  /**
   * Where the chain of signed interval records is; null where they are not signed, or nothing has
   * been opened yet. Any thread.
   */
  public @Nullable ChainSnapshot chain() {
    return store.signatures().snapshot();
  }

  /** Whether a record has carried the word of the key before for the one in use. */
  public boolean isKeyRotated() {
    return store.signatures().isRotated();
  }

  /** In which records the newest values are, by device. Any thread. */
  public Map<String, RecordedSnapshot> recorded() {
    return store.latest.snapshot();
  }

  /** How acknowledgements are kept between two commits. Any thread. */
  public ReceiptsSnapshot receipts() {
    return store.receipts.snapshot();
  }

  /** Called after each commit, on the ledger's thread; must only wake somebody. */
  public void onCommit(Runnable action) {
    wake = action;
  }

  /** Saves acknowledgements and marks a clean stop, so that the epoch goes on at the next start. */
  @Override
  public void close() {
    store.close();
  }

  /** For tests. */
  Store store() {
    return store;
  }

  /** Ends like a process that is killed: for tests. */
  public void crash() {
    store.crash();
  }
}
