package io.lingtan.agent.journal;

import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.code.Names;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.code.Segment.Part;
import io.lingtan.agent.journal.commit.Asides;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.commit.Kept;
import io.lingtan.agent.journal.commit.Lending;
import io.lingtan.agent.journal.commit.LentRecords;
import io.lingtan.agent.journal.commit.Plan;
import io.lingtan.agent.journal.commit.Receipts;
import io.lingtan.agent.journal.commit.Space;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.file.Grip;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.journal.file.NativeLibrary;
import io.lingtan.agent.journal.file.Place;
import io.lingtan.agent.journal.file.WalMeter;
import io.lingtan.agent.journal.number.Boots;
import io.lingtan.agent.journal.number.Chain;
import io.lingtan.agent.journal.number.DropEvents;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Epochs;
import io.lingtan.agent.journal.number.Freed;
import io.lingtan.agent.journal.number.Segments;
import io.lingtan.agent.journal.number.Serials;
import io.lingtan.agent.journal.number.Signatures;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.journal.number.Totals;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.MachineIdentity;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writing side: opens, numbers, commits, recovers. Ledger thread, but for what says otherwise.
 *
 * <p>Crash contract: everything that belongs to one commit is in one SQLite transaction, synced
 * before {@link #commit} returns. Memory follows only after that. A transaction whose end failed
 * may still have reached the card; the counter of commits in the epoch's row tells, so that it is
 * neither written twice nor forgotten.
 */
final class Store {
  private static final Logger log = LoggerFactory.getLogger(Store.class);

  private static final Sentence OPENED = new Sentence("opened", "打不开");
  private static final Sentence READ = new Sentence("read", "读不出来");
  private static final Sentence WRITTEN = new Sentence("written", "写不进去");

  /** Commits between two writings of what could also be worked out again. */
  private static final int SELDOM = 64;

  private static final int CHUNK = 32;
  private static final int CORRUPT = 11;
  private static final int MOST_EVENTS = 256;

  /** Why an epoch ended whose last numbers were given out and not written. */
  private static final String LENT = "lent";

  /**
   * The end of the current epoch, which the next commit brings about.
   *
   * @param reused numbers by epoch id that another copy of the file has used
   */
  private record Ending(String reason, Map<String, Range> reused) {}

  /**
   * What of the state only the file tells, as of the last commit.
   *
   * @param first lowest seq held of the current epoch, 0 if none is
   * @param oldestMillis UTC ms of the oldest record not acknowledged, UNDATED if there is none
   */
  record Held(long first, long oldestMillis) {}

  private final Path file;
  private final Connector connector;
  private final Place place;
  private final Grip grip;
  private final String machine;
  private final Time time;
  private final RandomGenerator random;
  private final Space space;
  private final WalMeter meter;
  private final Chain chain = new Chain();
  private final Signatures signatures;
  private final DropEvents dropEvents = new DropEvents();
  private final List<Event> events = new ArrayList<>();

  final Names names = new Names();
  final Boots boots = new Boots();
  final Epochs epochs = new Epochs();
  final Segments segments = new Segments(names);
  final Tail tail = new Tail();
  final Latest latest = new Latest();
  private final Refold refold = new Refold(epochs, segments, boots, this::note);
  private final Lending lending;
  final Lineage lineage;
  final Copies copies = new Copies();
  final Retold retold = new Retold();
  final Receipts receipts;
  final Asides asides = new Asides();
  private final Holes holes;
  private final AtomicLong generation = new AtomicLong();
  private @Nullable Database db;
  private boolean takenUp;
  private @Nullable String dueReason;
  private @Nullable Plan unsure;
  private volatile boolean damaged;
  private @Nullable SecondWriter second;
  private volatile @Nullable Ending ending;
  private volatile @Nullable Sentence failure;

  /** Since when there has been a failure. */
  private volatile MonotonicInstant failing = MonotonicInstant.NEVER;

  /** Whether connections may be opened that only read. */
  private volatile boolean readable;

  private volatile Held held = new Held(0, JournalRecord.UNDATED);
  private volatile long bytesWritten;
  private volatile Kept.Size kept = Kept.Size.NONE;

  Store(JournalOptions options, Time time, RandomGenerator random) {
    this.file = options.file();
    this.connector = options.connector();
    this.place = new Place(file);
    this.grip = new Grip(file, time);
    this.machine = options.machine();
    this.time = time;
    this.random = random;
    this.signatures = new Signatures(options.signing());
    this.space = new Space(options.maxSize(), segments);
    this.meter = new WalMeter(file);
    this.lineage = new Lineage(random);
    this.lending = new Lending(options.volatileFolder());
    this.receipts = new Receipts(options.volatileFolder(), this::note);
    this.holes = new Holes(file, asides);
  }

  Path file() {
    return file;
  }

  /**
   * A connection that cannot write, for whoever asks. Any thread.
   *
   * @throws SQLException also until the file has been taken up, and while its file system is
   *     read-only: SQLite shares the WAL's index among the connections of a process, and one that
   *     is opened then keeps it read-only for the writer, however soon it could be written
   */
  Database reader() throws SQLException {
    if (!readable) {
      throw Database.notReadable();
    }
    return Database.reader(connector, file);
  }

  /** What keeps it from being written at present, null if nothing. Any thread. */
  @Nullable Sentence failure() {
    return failure;
  }

  /** As {@link StoreSnapshot#blockedSinceMillis}. Any thread. */
  long blockedSince() {
    MonotonicInstant since = failing;
    if (failure == null || time.now().isBefore(since.plus(StoreSnapshot.BLOCKED_AFTER))) {
      return StoreSnapshot.NOT_BLOCKED;
    }
    Time.Wall wall = time.wall();
    return wall.trusted() ? wall.millisAt(since) : JournalRecord.UNDATED;
  }

  private void fails(Sentence why) {
    failing = failure == null ? time.now() : failing;
    failure = why;
  }

  /** Any thread. */
  Held held() {
    return held;
  }

  Signatures signatures() {
    return signatures;
  }

  /** Any thread. */
  long bytesWritten() {
    return bytesWritten;
  }

  /** Goes up when readers must open the file anew. Any thread. */
  long generation() {
    return generation.get();
  }

  /** A reader found the file damaged; it is set aside before the next commit. Any thread. */
  void foundDamaged() {
    damaged = true;
  }

  /** The next commit begins a new epoch. Any thread. */
  void endEpoch(String reason, Map<String, Range> reused) {
    ending = new Ending(reason, Map.copyOf(reused));
  }

  List<Event> takeEvents() {
    List<Event> taken = new ArrayList<>(events);
    events.clear();
    taken.addAll(dropEvents.take(time.now()));
    return taken;
  }

  /**
   * Loads what history needs from a file that this process does not write.
   *
   * @throws JournalUnavailable if there is none that can be read
   */
  void readOnly() {
    if (!Files.isReadable(file)) {
      throw new JournalUnavailable(
          cannot(
              READ,
              new Sentence(
                  "it is not there (has the agent run with this site file?), or not this user's to"
                      + " read (sudo -u lingtan ...)",
                  "文件不存在（用此站点文件运行过吗？），或本用户无权读取（sudo -u lingtan ...）")),
          null);
    }
    readable = true;
    try {
      NativeLibrary.prepare(file.resolveSibling("native"));
      try (Database opened = reader()) {
        names.load(opened);
        boots.load(opened);
        epochs.load(opened);
      }
    } catch (SQLException | DamagedSegment e) {
      throw new JournalUnavailable(cannot(READ, Database.advice(e)), e);
    }
  }

  /**
   * The first attempt; each use is another one until it has succeeded.
   *
   * @throws JournalUnavailable if further attempts cannot help
   */
  void open() {
    try {
      usable(null);
    } catch (SQLException | IOException e) {
      failed(OPENED, e);
    }
  }

  /**
   * Loads everything and begins a new epoch where one is due. Until it has come to its end it is
   * done again from the beginning, for the same reason: half of it is in memory then.
   */
  private void takeUp(Database opened, @Nullable String reason) throws SQLException {
    takenUp = false;
    dueReason = reason;
    String due = reason;
    Event older = null;
    LentRecords lent = null;
    try {
      names.load(opened);
      boots.load(opened);
      epochs.load(opened);
      Event ahead = null;
      for (Epoch epoch : epochs.all()) {
        long theirs = receipts.tell(epoch);
        ahead = theirs == 0 ? ahead : ahead(epoch, theirs);
      }
      tail.clear();
      chain.clear();
      // What was to be declared may be in epochs that the file no longer knows.
      asides.keepOnly(epochs);
      due = due == null || epochs.isEmpty() ? reasonForNewEpoch(opened) : due;
      if (due == null && ahead != null) {
        due = "store_ahead";
        older = ahead;
      }
      if (LENT.equals(due)) {
        // Known at once: it may take long until the card can be written.
        lent = lending.left(epochs.current(), names, boots, segments);
        if (lent != null) {
          epochs.current().lentUpTo(lent.last());
        }
      }
      if (due == null && !followChain(opened)) {
        due = "damaged";
      }
    } catch (DamagedSegment e) {
      throw new SQLException(e.getMessage(), "", CORRUPT, e);
    }
    opened.begin();
    PreparedStatement insert =
        opened.statement(
            "INSERT OR REPLACE INTO machine (one, id, boot, clean) VALUES (1, ?, ?, 0)");
    insert.setString(1, machine);
    insert.setString(2, time.boot());
    insert.executeUpdate();
    if (lent != null) {
      lent.write(opened, space, epochs, names, boots);
      Epoch ended = lent.epoch();
      save(opened, ended, ended.commits(), lent.commits(), lent.last(), List.of());
    }
    Epoch begun = due == null ? null : begin(opened, due);
    if (begun == null) {
      lineage.enter(opened, epochs.current(), random);
    }
    signatures.takeUp(opened, due, lent == null ? null : lent.lastInterval());
    signatures.save(opened);
    opened.commit();
    signatures.follow(null, true);
    if (lent != null) {
      log.info(
          "{} records that the process before had only in memory are on the card now",
          lent.last() - lent.epoch().last());
      lent.written(names, boots, dropEvents);
    }
    receipts.anew(epochs.all());
    if (begun != null) {
      began(begun, Objects.requireNonNull(due));
    }
    if (older != null) {
      note(older);
    }
    lineage.load(opened, epochs.current());
    copies.load(opened, epochs, lineage);
    retold.load(opened);
    noteChain();
    for (Epoch epoch : epochs.all()) {
      holes.bridge(opened, epoch);
    }
    look(opened);
    takenUp = true;
    readable = true;
  }

  private @Nullable String reasonForNewEpoch(Database opened) throws SQLException {
    try (ResultSet rows = opened.statement("SELECT id, boot, clean FROM machine").executeQuery()) {
      if (!rows.next() || epochs.isEmpty()) {
        return "new";
      }
      if (!MachineIdentity.isSame(rows.getString(1), machine)) {
        return "machine";
      }
      if (lending.wasLent(epochs.current().id())) {
        return LENT;
      }
      return rows.getString(2).equals(time.boot()) || rows.getBoolean(3) ? null : "unclean_boot";
    }
  }

  /** Works out the last seq of each stream; false if a segment that tells it is damaged. */
  private boolean followChain(Database opened) throws SQLException, DamagedSegment {
    Epoch epoch = epochs.current();
    chain.load(opened, epoch.number());
    for (Part part : Part.values()) {
      long key = epoch.key(chain.savedUpTo() + 1);
      List<Segment> chunk;
      do {
        chunk = Segments.between(opened, part, key, epoch.key(Segment.MOST_SEQ), CHUNK);
        for (Segment segment : chunk) {
          try {
            segments.decode(epoch.id(), segment).forEach(chain::follow);
          } catch (DamagedSegment e) {
            log.warn("{}: segment {} is damaged: {}", file, segment.first(), e.getMessage());
            return false;
          }
          key = segment.key() + 1;
        }
      } while (chunk.size() == CHUNK);
    }
    return true;
  }

  /** Ends the current epoch and begins another, in the transaction. */
  private Epoch begin(Database opened, String reason) throws SQLException {
    if (!epochs.isEmpty()) {
      Epochs.end(opened, epochs.current(), reason);
    }
    String id;
    do {
      id = HexFormat.of().toHexDigits(random.nextInt());
    } while (epochs.find(id) != null);
    Time.Wall wall = time.wall();
    MonotonicInstant now = time.now();
    Epoch.Since since =
        new Epoch.Since(wall.trusted() ? wall.millisAt(now) : null, time.boot(), now.nanos());
    // Numbers of epochs whose rows are gone are not used again: segments of theirs are gone too,
    // but the checkpoint may still name one.
    int number = epochs.isEmpty() ? 1 : epochs.current().number() + 1;
    Epoch epoch = new Epoch(number, id, since);
    Epochs.insert(opened, epoch);
    lineage.enter(opened, epoch, random);
    return epoch;
  }

  private void began(Epoch epoch, String reason) {
    Event event =
        Event.of("journal.epoch", reason.equals("new") ? Severity.INFO : Severity.WARNING)
            .with("epoch", epoch.id())
            .with("reason", reason);
    if (!epochs.isEmpty()) {
      Epoch before = epochs.current();
      before.end(reason);
      lending.unmark(before.id());
      event = event.with("previous", before.id()).with("previous_last", before.last());
    }
    note(event);
    epochs.add(epoch);
    chain.clear();
  }

  private static Event ahead(Epoch epoch, long theirs) {
    return Event.of("journal.store_ahead", Severity.WARNING)
        .with("epoch", epoch.id())
        .with("ours", epoch.last())
        .with("theirs", theirs);
  }

  private void note(Event event) {
    if (events.size() < MOST_EVENTS) {
      events.add(event);
    }
  }

  private void noteChain() {
    Event event = signatures.takeEvent();
    if (event != null) {
      note(event);
    }
  }

  private void newEpoch(Database usable, String reason, Map<String, Range> reused)
      throws SQLException {
    usable.begin();
    space.recount();
    for (Epoch epoch : epochs.all()) {
      Range numbers = reused.get(epoch.id());
      if (numbers != null) {
        Lineage.reuse(usable, epoch, numbers);
      }
    }
    Epoch begun = begin(usable, reason);
    signatures.restart(reason);
    signatures.save(usable);
    usable.commit();
    signatures.follow(null, true);
    began(begun, reason);
    lineage.load(usable, epochs.current());
    noteChain();
    look(usable);
  }

  /** Another copy has told intervals: what this one tells from now on is told by that. */
  private void note(Database usable, Retold.Told told) throws SQLException {
    long above = lineage.parted(told.run());
    long since =
        usable.number(
            "SELECT ms FROM data WHERE id <= ? AND ms IS NOT NULL ORDER BY id DESC LIMIT 1",
            JournalRecord.UNDATED,
            above);
    Long begun = epochs.all().getFirst().since().millis();
    long until = told.untilMillis();
    if (begun != null && !lineage.isSameFile(told.run())) {
      until = Math.min(until, begun); // nothing before it is told here
      since = until;
    }
    Epoch current = epochs.current();
    usable.begin();
    Retold.Mark mark = retold.note(usable, told, since, until, above, current.key(current.last()));
    usable.commit();
    retold.noted(told, mark);
    if (mark.isHeard()) {
      note(mark.event());
    }
  }

  /** Whether it is an interval that another copy may have told otherwise. Any thread. */
  boolean isRetold(Epoch epoch, JournalRecord record) {
    long key = epoch.key(record.seq());
    if (!(record instanceof IntervalRecord interval) || !retold.mayBeRetold(key, key)) {
      return false;
    }
    Interval told = IntervalText.of(interval);
    return retold.isRetold(key, told.rev(), told.endMillis());
  }

  void date(String boot, @Nullable Long offsetMillis, Boots.Fate fate) {
    try {
      Database usable = usable(null);
      Boots.Boot known = boots.find(boot);
      Boots.Fate before = known == null ? Boots.Fate.WAITING : known.fate();
      boolean isNews = offsetMillis != null || fate.compareTo(before) > 0;
      if (!isNews || (known != null && known.offsetMillis() != null)) {
        return;
      }
      Boots.Fate now = fate.compareTo(before) > 0 ? fate : before;
      Boots.Boot dated = new Boots.Boot(boots.number(boot), boot, offsetMillis, now);
      usable.begin();
      space.recount();
      boots.write(usable, dated);
      usable.commit();
      boots.changed(dated);
      look(usable);
    } catch (SQLException | IOException e) {
      throw failed(WRITTEN, e);
    }
  }

  /** The connection; after a failure a new one, with memory and file brought to agree. */
  private Database usable(@Nullable Batch batch) throws SQLException, IOException {
    SecondWriter found = second;
    if (found != null) {
      throw found;
    }
    Database open = db;
    if (open != null && !damaged && grip.look(open, events) == Grip.Found.GO_ON) {
      return open;
    }
    if (open != null) {
      open.close();
      meter.close();
      db = null;
    }
    if (damaged) {
      events.add(Opening.setAside(file, "found damaged while in use"));
      damaged = false;
    }
    try {
      place.take();
    } catch (JournalUnavailable e) {
      fails(e.said());
      throw e;
    }
    Database opened = Opening.open(connector, file, space.walPages(), events);
    try {
      settle(opened);
      agree(opened, batch);
      grip.taken();
    } catch (SQLException | IOException | RuntimeException e) {
      // A damage may be found only now, and is set aside by the next attempt.
      if (e instanceof SQLException sql && Opening.isDamage(file, sql)) {
        damaged = true;
      }
      opened.close();
      throw e;
    }
    generation.incrementAndGet();
    space.recount();
    db = opened;
    return opened;
  }

  /**
   * What is in the WAL may not be on the card: a sync of it has failed, here or in a process that
   * is gone. Another one would find nothing left to do, and what is committed behind such a hole
   * ends with it at a power cut.
   */
  private void settle(Database opened) throws SQLException {
    try {
      opened.copyBack();
    } catch (SQLException e) {
      if (!Database.isFull(e) && (failure != null || !Database.isBusy(e))) {
        throw e;
      }
      log.warn("{}: its WAL stays as it is: {}", file, e.getMessage());
    }
  }

  private void agree(Database opened, @Nullable Batch batch) throws SQLException {
    if (!takenUp) {
      takeUp(opened, dueReason);
      return;
    }
    Epoch epoch = epochs.current();
    long commits = commits(opened, epoch);
    Plan plan = unsure;
    if (plan != null && plan.epoch() == epoch && commits == plan.commits()) {
      // The sync failed, or the answer was lost, but the transaction is there.
      unsure = null;
      applied(opened, plan);
      if (batch == plan.batch()) {
        batch.alreadyCommitted(plan.dataCount(), plan.reportCount());
      }
    } else if (commits > epoch.commits()) {
      throw second();
    } else if (commits != lending.commitsBefore(epoch) && !lending.reached(epoch, commits)) {
      // Another file than before: one that was set aside, removed or put back.
      unsure = null;
      takeUp(opened, "replaced");
      return;
    }
    unsure = null;
    names.agree(opened);
  }

  /** What the file says of an epoch; -1 if it does not know it. */
  private static long commits(Database opened, Epoch epoch) throws SQLException {
    PreparedStatement select =
        opened.statement("SELECT commits FROM epoch WHERE number = ? AND id = ?");
    select.setInt(1, epoch.number());
    select.setString(2, epoch.id());
    try (ResultSet rows = select.executeQuery()) {
      return rows.next() ? rows.getLong(1) : -1;
    }
  }

  void commit(Batch batch, long nowMillis, byte @Nullable [] ledgerState) {
    try {
      Database usable = usable(batch);
      lending.giveBack(epochs.current(), batch);
      Ending due = ending;
      if (due != null && lending.isEmpty()) {
        takenUp = false; // until it is known which epochs are in the file
        newEpoch(usable, due.reason(), due.reused());
        takenUp = true;
        ending = null;
      }
      Retold.Told told = retold.waiting();
      if (told != null && lending.isEmpty()) {
        note(usable, told);
      }
      asides.declareWith(batch);
      if (!batch.isEmpty() || ledgerState != null || hasNews() || !lending.isEmpty()) {
        Plan plan =
            Plan.of(
                batch,
                epochs.current(),
                chain,
                signatures.walk(),
                retold::tell,
                nowMillis,
                boots,
                segments);
        if (plan.last() > Segment.MOST_SEQ) {
          throw new IllegalStateException("an epoch has at most 2^40 records");
        }
        write(usable, plan, ledgerState);
        applied(usable, plan);
      }
      failure = null;
      readable = true;
    } catch (SQLException | IOException e) {
      throw failed(WRITTEN, e);
    } catch (RuntimeException e) {
      // Of ours; but half a transaction must not stay open for the next commit to complete.
      abandon();
      throw e;
    }
  }

  /**
   * Numbers a batch that cannot be written now, so that it can be published. It is written, with
   * these numbers, by the next {@link #commit} that succeeds.
   *
   * @return whether it was; if not it stays as it is
   */
  boolean lend(Batch batch, long nowMillis) {
    if (failure == null
        || damaged
        || second != null
        || !takenUp
        || epochs.isEmpty()
        || ending != null
        || retold.waiting() != null) {
      return false;
    }
    Epoch epoch = epochs.current();
    Plan tried = unsure;
    Batch rest = batch;
    List<Plan> plans = new ArrayList<>();
    if (tried != null && tried.batch() == batch && tried.epoch() == epoch) {
      // It may be on the card already, under these numbers.
      rest = batch.split(tried.dataCount(), tried.reportCount());
      plans.add(tried);
      if (rest.size() > 0) {
        plans.add(tried.next(rest, chain, nowMillis, boots, segments));
      }
    } else {
      plans.add(
          Plan.of(
              batch, epoch, chain, signatures.walk(), retold::tell, nowMillis, boots, segments));
    }
    if (!lending.keep(epoch, plans, names, boots)) {
      if (rest != batch) {
        batch.join(rest);
      }
      return false;
    }
    unsure = null;
    plans.forEach(this::lent);
    return true;
  }

  private void lent(Plan plan) {
    lending.add(plan);
    chain.follow(plan.after());
    signatures.follow(plan.signed(), false);
    boots.lent(plan.lentHeld());
    tail.add(plan.records());
    latest.add(plan.records());
    plan.epoch().committed(plan.commits(), plan.last());
  }

  private boolean hasNews() {
    return !asides.isEmpty() || copies.hasNews() || epochs.all().stream().anyMatch(Epoch::hasNews);
  }

  private void write(Database usable, Plan plan, byte @Nullable [] ledgerState)
      throws SQLException {
    Epoch current = plan.epoch();
    long pages =
        plan.pages()
            + lending.pages()
            + (ledgerState == null ? 0 : Space.pages(ledgerState.length));
    usable.begin();
    if (commits(usable, current) != lending.commitsBefore(current)) {
      throw second();
    }
    space.make(usable, epochs, pages, plan.freed());
    names.save(usable);
    List<Plan> all = new ArrayList<>(lending.plans());
    all.add(plan);
    for (Plan each : all) {
      for (Segment segment : each.segments()) {
        Segments.insert(usable, segment);
      }
    }
    for (Epoch epoch : epochs.all()) {
      List<Range> ranges = asides.of(epoch);
      if (epoch == current) {
        long before = lending.commitsBefore(epoch);
        save(usable, epoch, before, plan.commits(), plan.last(), ranges);
      } else if (epoch.hasNews() || !ranges.isEmpty()) {
        save(usable, epoch, epoch.commits(), epoch.commits(), epoch.last(), ranges);
      }
    }
    asides.declare(plan.freed());
    plan.freed().save(usable);
    signatures.save(usable, plan.signed());
    boots.save(usable, plan.held());
    if (ledgerState != null) {
      Refold.save(usable, current, plan.last(), ledgerState);
    }
    for (Plan each : all) {
      Totals.save(usable, each.batch().totals());
      Serials.save(usable, each.batch().serials());
      Kept.save(usable, each.batch().kept());
    }
    boolean seldom = plan.commits() % SELDOM == 0;
    if (seldom || plan.freed().highest(current) > chain.savedUpTo()) {
      chain.save(usable, current.number(), plan.last(), plan.after());
      plan.savedChain();
    }
    if (seldom) {
      mark(usable, plan);
    }
    StoreSnapshot.Elsewhere elsewhere = copies.save(usable);
    retold.save(usable);
    unsure = plan;
    usable.commit();
    copies.saved(elsewhere);
    retold.saved();
    unsure = null;
  }

  private void save(
      Database usable, Epoch epoch, long before, long commits, long last, List<Range> declaring)
      throws SQLException {
    if (!Epochs.save(usable, epoch, before, commits, last, declaring)) {
      throw second();
    }
  }

  private SecondWriter second() {
    abandon();
    SecondWriter found = new SecondWriter(file);
    second = found;
    return found;
  }

  /** Notes when a segment was, so that history need not search all of them. */
  private static void mark(Database usable, Plan plan) throws SQLException {
    for (Segment segment : plan.segments()) {
      if (segment.part() == Part.DATA && segment.millis() != JournalRecord.UNDATED) {
        usable.change(
            "INSERT OR REPLACE INTO mark (id, ms) VALUES (?, ?)", segment.key(), segment.millis());
        break;
      }
    }
    usable.change("DELETE FROM mark WHERE id < ?", usable.number("SELECT min(id) FROM data", 0));
  }

  /** The transaction has ended well: memory follows. */
  private void applied(Database usable, Plan plan) throws SQLException {
    Epoch epoch = plan.epoch();
    chain.follow(plan.after());
    signatures.follow(plan.signed(), true);
    if (plan.isChainSaved()) {
      chain.saved(plan.last());
    }
    names.saved();
    boots.saved(plan.held());
    plan.freed().saved();
    plan.freed().declared().forEach(d -> dropEvents.add(d.epoch().id(), d.drop()));
    asides.declared();
    // First the records, then their numbers: a reader asks for no more than is numbered, and
    // otherwise would believe that it has seen them.
    tail.forget(epoch.id(), epoch.ackedUpTo());
    tail.add(plan.records());
    latest.add(plan.records());
    epoch.committed(plan.commits(), plan.last());
    lending.written();
    epochs.all().stream().filter(e -> e != epoch && e.isFinished()).forEach(receipts::forget);
    bytesWritten = meter.written();
    try {
      for (Epoch each : epochs.all()) {
        holes.bridge(usable, each);
        holes.declare(usable, each);
      }
      look(usable);
      if (plan.commits() % SELDOM == 0) {
        usable.begin();
        epochs.prune(usable, usable.number("SELECT number FROM checkpoint", 0));
        usable.commit();
      }
    } catch (SQLException e) {
      // The commit itself is done and must not be reported as failed.
      log.warn("{} cannot be read: {}", file, e.getMessage());
      abandon();
    }
  }

  /** Looks up what the state says of the file. */
  private void look(Database usable) throws SQLException {
    Epoch current = epochs.current();
    long first = Segments.nextHeld(usable, current.number(), 1);
    long oldest = JournalRecord.UNDATED;
    for (Epoch epoch : epochs.all()) {
      long seq = epoch.nextUnsettled(1);
      if (seq <= epoch.last()) {
        oldest = Segments.millisOf(usable, epoch.number(), seq);
        break;
      }
    }
    held = new Held(first, oldest);
    kept = Kept.size(usable);
  }

  /** How much is kept for years, as of the last commit. Any thread. */
  Kept.Size kept() {
    return kept;
  }

  /** Asks the file for something. */
  interface Query<T extends @Nullable Object> {
    T of(Database db) throws SQLException;
  }

  <T extends @Nullable Object> T read(Query<T> query) {
    try {
      return query.of(usable(null));
    } catch (SQLException | IOException e) {
      throw failed(READ, e);
    }
  }

  void refold(Checkpoint from, Part part, Consumer<JournalRecord> to) {
    var _ =
        read(
            db -> {
              refold.read(db, from, part, to);
              return part;
            });
  }

  private Sentence cannot(Sentence done, Sentence why) {
    return new Sentence(
        "The journal %s cannot be %s: %s".formatted(file, done.english(), why.english()),
        "数据存储 %s %s：%s".formatted(file, done.chinese(), why.chinese()));
  }

  private JournalUnavailable failed(Sentence done, Exception e) {
    if (e instanceof SQLException sql && Database.isDamage(sql) && db != null) {
      damaged = true;
    }
    abandon();
    Sentence message = cannot(done, Database.advice(e));
    if (!message.equals(failure)) {
      log.warn("{}", message);
    }
    fails(message);
    if (!takenUp || (e instanceof SQLException sql && Database.isReadOnly(sql))) {
      readable = false;
    }
    return new JournalUnavailable(message, e);
  }

  private void letGo() {
    abandon();
    receipts.close();
    lending.letGo();
    place.close();
  }

  /** Ends the connection, and with it any transaction that is open. */
  private void abandon() {
    Database open = db;
    db = null;
    meter.close();
    if (open != null) {
      open.close();
    }
    epochs.all().forEach(Epoch::unsaved);
  }

  /** Saves acknowledgements, says that this was a clean stop, and lets go of the file. */
  void close() {
    try {
      if (epochs.isEmpty() || second != null) {
        return;
      }
      if (!lending.isEmpty()) {
        log.warn("{} is not marked as cleanly stopped: not all is on the card", file);
        return;
      }
      Database usable = usable(null);
      Freed freed = new Freed();
      usable.begin();
      names.save(usable);
      // What is told again comes with a batch, which a failed commit may have kept from the card:
      // the next process finds both once more.
      asides.declareWithout();
      for (Epoch epoch : epochs.all()) {
        save(usable, epoch, epoch.commits(), epoch.commits(), epoch.last(), asides.of(epoch));
      }
      asides.declare(freed);
      freed.save(usable);
      chain.save(usable, epochs.current().number(), epochs.current().last(), Map.of());
      usable.change("UPDATE machine SET clean = 1");
      usable.commit();
      epochs.all().stream().filter(Epoch::isSavedWhole).forEach(receipts::keep);
    } catch (SQLException | IOException e) {
      log.warn("{} is not marked as cleanly stopped: {}", file, e.getMessage());
    } catch (JournalUnavailable e) {
      log.warn("{}", e.getMessage());
    } finally {
      letGo();
    }
  }

  /** As after a failed commit. For tests. */
  void lose() {
    abandon();
  }

  /** Lets go of the file like a crash does: nothing is saved. For tests. */
  void crash() {
    letGo();
  }
}
