package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.sheet.Carried;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.commit.Kept;
import io.lingtan.agent.ledger.code.MetricsCodec;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.meter.IntervalGrid;
import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.correction.Corrections;
import io.lingtan.agent.site.correction.Substitution;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The new revisions of days, months and years whose factors, or whose declared values, have become
 * others since they were told. A start notices that by {@link UsedFactors}; what is kept of base
 * intervals is then worked through from the beginning of the year of the oldest change, oldest
 * first, so that the carbon in a battery is right in each, and what comes out otherwise than it was
 * told is told as the next revision. Shorter intervals are not told again: whoever reads them has
 * their energy, and the event names the factor.
 *
 * <p>Until it is done, the ledger tells no day, month or year that is still open: their sums would
 * be of two factors. Base intervals and hours go on; hours that are open are reckoned anew at once.
 *
 * <p>Limit: {@link #MOST_ROWS} base intervals in one call, and at the end what can still be
 * revised.
 *
 * <p>Crash contract: how far it has come is in the transaction of the records that it made. After a
 * kill it goes on from there, and no revision is told twice.
 */
final class Restatement {

  private static final Logger log = LoggerFactory.getLogger(Restatement.class);

  private static final String HOUR = "1h";
  private static final List<String> LENGTHS = List.of("1d", "1M", "1Y");
  private static final List<String> LENGTHS_AND_HOUR = List.of(HOUR, "1d", "1M", "1Y");
  private static final String USED = "factors";
  private static final String PROGRESS = "restating";

  /** Base intervals that are worked out again in one call. */
  private static final int MOST_ROWS = 96;

  /** Events of single intervals that cannot be told again; others are only counted. */
  private static final int MOST_LEFT = 20;

  /** Rows are kept by the minute in which they start. */
  private static final long MINUTE_MILLIS = 60_000L;

  private static final int MOST_OPEN = 200_000;

  private final Site site;
  private final IntervalTable keeping;
  private final UsedFactors now;
  private final UsedFactors before;
  private final Corrections corrections;
  private final Corrections correctedBefore;
  private final @Nullable Walk unfinished;

  /** Why it is not known by what was told before; null if it is, or nothing was. */
  private final @Nullable String trouble;

  /** Day of the first interval that is known to have been told. */
  private LocalDate since;

  /** Whether nothing was told before this run. */
  private boolean isFresh;

  /** Whether the journal says what there is to say, or will with the next commit. */
  private boolean isWritten;

  private @Nullable Walk walk;

  /** The receiver of what is told again. */
  interface Output {

    /** For records of intervals, and what the ledger notes of them. */
    Fold.Output records();

    void note(Event event);

    /** The state is another than samples tell: write a checkpoint with this commit. */
    void checkpoint();
  }

  /** A change with the count of intervals that it has touched. */
  private static final class Tally {
    private final Change change;
    private boolean used;
    private long bases;
    private long told;

    Tally(Change change) {
      this.change = change;
    }
  }

  /** Everything that a step needs of the journal, so that it fails before it has done anything. */
  private final class Shelf {
    private final List<IntervalTable.Row> rows;
    private final Map<String, IntervalTable.@Nullable Longer> longer = new HashMap<>();
    private final IntervalCorrection.Earlier earlier;

    Shelf(Walk of, List<IntervalTable.Row> rows, boolean withWaiting) {
      this.rows = rows;
      for (IntervalTable.Row row : rows) {
        for (IntervalGrid grid : of.reckoning.grids(row)) {
          for (String length : LENGTHS) {
            read(length, grid.start(length, row.kept().startMillis()));
          }
        }
      }
      of.reckoning.open().forEach(rollUp -> read(rollUp.length(), rollUp.start()));
      if (withWaiting) {
        of.waiting.forEach(rollUp -> read(rollUp.length(), rollUp.start()));
      }
      earlier = of.correcting.read(rows);
    }

    private void read(String length, long start) {
      String name = length + " " + start;
      if (!longer.containsKey(name)) {
        longer.put(name, keeping.longer(length, start));
      }
    }

    IntervalTable.@Nullable Longer longer(String length, long start) {
      return longer.get(length + " " + start);
    }

    /** What is kept of the same interval; not of one of another zone that begins there, too. */
    IntervalTable.@Nullable Longer longer(RollUp again) {
      IntervalTable.Longer kept = longer(again.length(), again.start());
      return kept == null || kept.kept().rollUp().end() != again.end() ? null : kept;
    }
  }

  /** The state of one pass over the base intervals that are kept. */
  private static final class Walk {
    private final List<Tally> tallies = new ArrayList<>();
    private final Reckoning reckoning;
    private final IntervalCorrection correcting;

    /** Those that have ended and that the ledger has yet. */
    private final List<RollUp> waiting = new ArrayList<>();

    private long at;
    private long left;
    private boolean begun;

    /** Whether the ledger's own sums were lost. */
    private boolean rebuilds;

    Walk(Site site, IntervalTable keeping) {
      reckoning = new Reckoning(site, LENGTHS_AND_HOUR, keeping);
      correcting = new IntervalCorrection(site, reckoning, keeping);
    }
  }

  private Restatement(
      Site site,
      IntervalTable keeping,
      @Nullable UsedFactors known,
      Corrections correctedBefore,
      LocalDate since,
      boolean isWritten,
      @Nullable Walk unfinished,
      @Nullable String trouble) {
    this.site = site;
    this.keeping = keeping;
    this.now = UsedFactors.of(site);
    this.before = known == null ? now : known;
    this.corrections = site.metering().corrections();
    this.correctedBefore = correctedBefore;
    this.since = since;
    this.isWritten = isWritten;
    this.unfinished = unfinished;
    this.trouble = trouble;
  }

  /** Before it is known what the journal keeps. */
  static Restatement nothing(Site site, IntervalTable keeping) {
    return new Restatement(
        site, keeping, null, site.metering().corrections(), LocalDate.EPOCH, false, null, null);
  }

  /**
   * Compares what is loaded with what was used. Where that is written down and cannot be read,
   * nothing is told again, and {@link #trouble} says so.
   *
   * @throws io.lingtan.agent.journal.file.JournalUnavailable if the journal cannot be read at
   *     present
   */
  static Restatement takeUp(Site site, Journal journal, IntervalTable keeping) {
    UsedFactors known = null;
    LocalDate since = LocalDate.EPOCH;
    Walk unfinished = null;
    String trouble = null;
    byte[] used = journal.memo(USED);
    byte[] progress = journal.memo(PROGRESS);
    try {
      if (used != null) {
        CheckpointReader from = new CheckpointReader(used);
        since = LocalDate.ofEpochDay(from.number());
        known = UsedFactors.read(from);
      }
      if (progress != null && progress.length > 0) {
        unfinished = read(site, keeping, progress);
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException | DateTimeException e) {
      trouble = "which factors were used cannot be read: " + e.getMessage();
      known = null;
      since = LocalDate.EPOCH;
    }
    return new Restatement(
        site, keeping, known, keeping.corrections(), since, known != null, unfinished, trouble);
  }

  /** Why it is not known by what was told before; null if it is, or nothing was. */
  @Nullable String trouble() {
    return trouble;
  }

  /** Whether anything has to be reckoned anew: then longer intervals are not told until it is. */
  boolean isDue() {
    return walk != null || unfinished != null || !changes().isEmpty();
  }

  private List<Change> changes() {
    List<Change> changes = new ArrayList<>(before.changes(now));
    changes.addAll(Change.ofCorrections(correctedBefore, corrections, site.place().zone()));
    changes.sort(Comparator.comparing(Change::from));
    return changes;
  }

  /**
   * Begins, when the ledger's state has been found again.
   *
   * @param lost whether sums have to be made anew though nothing has changed, because the ledger's
   *     own were lost
   */
  void begin(Fold fold, boolean lost) {
    boolean rebuild = lost || fold.isRegridded();
    isFresh = fold.next() == Long.MIN_VALUE;
    if (isFresh) {
      return;
    }
    LocalDate end = fold.grid().date(fold.next() - 1).plusDays(1);
    List<Change> changes = new ArrayList<>();
    for (Change change : changes()) {
      changes.add(change.within(since, end));
    }
    changes.removeIf(Change::isEmpty);
    boolean due = isDue() || rebuild;
    if (!due) {
      return;
    }
    Walk again = new Walk(site, keeping);
    boolean same = unfinished != null && isSame(unfinished, changes);
    if (unfinished != null && same && !fold.isRegridded() && (!rebuild || unfinished.rebuilds)) {
      again = unfinished;
    } else {
      // What an earlier one had told again by factors that have changed once more.
      List<Tally> earlier = unfinished == null ? List.of() : unfinished.tallies;
      for (Change change : changes) {
        again.tallies.add(new Tally(change));
      }
      for (Tally tally : earlier) {
        Change change = tally.change;
        if (changes.stream().noneMatch(other -> isSame(other, change))) {
          again.tallies.add(
              new Tally(
                  new Change(
                      change.of(),
                      change.from(),
                      change.to(),
                      change.after(),
                      now.inForce(change.of(), change.from()))));
        }
      }
      again.rebuilds = rebuild || (unfinished != null && unfinished.rebuilds);
      again.at = firstRow(fold, again);
    }
    walk = again;
    isWritten = false;
    fold.rollUps().hold();
    reckonHours(fold);
    log.info(
        "intervals from {} on are reckoned anew: {} changes",
        Instant.ofEpochMilli(again.at),
        again.tallies.size());
  }

  private static boolean isSame(Walk unfinished, List<Change> changes) {
    return unfinished.tallies.stream()
            .map(tally -> tally.change)
            .allMatch(one -> changes.stream().anyMatch(other -> isSame(one, other)))
        && changes.size() == unfinished.tallies.size();
  }

  /** Whatever time has passed meanwhile. */
  private static boolean isSame(Change one, Change other) {
    return one.of().equals(other.of())
        && one.from().equals(other.from())
        && one.before().equals(other.before())
        && one.after().equals(other.after());
  }

  /** Where the year begins of the oldest change. */
  private static long firstRow(Fold fold, Walk of) {
    IntervalGrid grid = fold.grid();
    long first = of.rebuilds ? grid.start("1Y", fold.next() - 1) : fold.openFrom();
    for (Tally tally : of.tallies) {
      LocalDate year = tally.change.from().withDayOfYear(1);
      first = Math.min(first, year.atStartOfDay(grid.zone()).toInstant().toEpochMilli());
    }
    return Math.max(0, first);
  }

  /** The journal has become another file: what was used has to be written into it, too. */
  void anew() {
    isWritten = false;
    Walk of = walk;
    if (of != null) {
      of.begun = false;
    }
  }

  /** Whether there is work for {@link #step}. */
  boolean isUnfinished() {
    return walk != null;
  }

  /** Writes down what is not in the journal yet. */
  void write(Fold fold, Batch batch) {
    Walk of = walk;
    if (isWritten || fold.next() == Long.MIN_VALUE) {
      return;
    }
    if (of != null) {
      batch.memo(PROGRESS, bytes(of));
      isWritten = true;
      return;
    }
    if (isFresh) {
      long first = fold.next();
      for (RollUp year : fold.rollUps().live("1Y")) {
        first = year.keptFrom() == Long.MIN_VALUE ? first : Math.min(first, year.keptFrom());
      }
      since = fold.grid().date(first);
      isFresh = false;
    }
    save(batch);
  }

  private void save(Batch batch) {
    CheckpointWriter to = new CheckpointWriter().number(since.toEpochDay());
    now.write(to);
    batch.memo(USED, to.bytes());
    if (!corrections.equals(correctedBefore)) {
      IntervalTable.keep(corrections, batch);
    }
    isWritten = true;
  }

  /**
   * Works through some base intervals, or brings it to an end.
   *
   * @return how many it worked out; 0 if it has to wait for a commit
   * @throws io.lingtan.agent.journal.file.JournalUnavailable if the journal cannot be read at
   *     present: nothing has changed
   */
  int step(Fold fold, Batch batch, Fold.Cause cause, Output output) {
    Walk of = walk;
    if (of == null) {
      return 0;
    }
    long horizon = fold.openFrom();
    List<IntervalTable.Row> rows = keeping.bases(of.at, horizon, MOST_ROWS);
    if (rows.size() < MOST_ROWS && batch.hasKept()) {
      // What is at the edge can only be read when it is committed.
      return 0;
    }
    boolean last = rows.size() < MOST_ROWS;
    if (last) {
      rows = new ArrayList<>(rows);
      rows.addAll(keeping.bases(Math.max(of.at, horizon), fold.next(), MOST_OPEN));
    }
    Shelf shelf = new Shelf(of, rows, last);
    if (!of.begun) {
      of.begun = true;
      tellGone(of, fold.grid(), output);
    }
    if (last) {
      finish(of, shelf, fold, batch, cause, output);
      return rows.size() + 1;
    }
    for (IntervalTable.Row row : rows) {
      take(of, row, shelf, fold, batch, output);
    }
    of.at = rows.getLast().kept().startMillis() + MINUTE_MILLIS;
    batch.memo(PROGRESS, bytes(of));
    return rows.size();
  }

  private void take(
      Walk of, IntervalTable.Row row, Shelf shelf, Fold fold, Batch batch, Output output) {
    for (RollUp ended : of.reckoning.ended(row)) {
      ended(of, ended, row, shelf, fold, batch, output);
    }
    long start = row.kept().startMillis();
    IntervalGrid grid = of.reckoning.grid(row.number(), row.layout());
    if (grid.start("1d", start) == start || of.reckoning.open().isEmpty()) {
      takePool(of, shelf, grid, start);
    }
    boolean isDue = of.correcting.isDue(row);
    IntervalTable.Row counted = isDue ? of.correcting.withReasons(row, shelf.earlier) : row;
    Reckoning.Worked base = of.reckoning.take(counted, fold.openFrom());
    if (isDue) {
      of.correcting.base(row, base.worked(), shelf.earlier, fold, batch, output.records());
    }
    LocalDate day = grid.date(start);
    for (Tally tally : of.tallies) {
      Change change = tally.change;
      boolean isUsed = change.isCorrection() ? isDue : base.part().asked().contains(change.of());
      if (isUsed && !day.isBefore(change.from()) && day.isBefore(change.to())) {
        tally.used = true;
        tally.bases++;
      }
    }
  }

  /** Before the first change what is carried is as it was told. */
  private static void takePool(Walk of, Shelf shelf, IntervalGrid grid, long start) {
    LocalDate day = grid.date(start);
    boolean unchanged = of.tallies.stream().noneMatch(tally -> tally.change.from().isBefore(day));
    IntervalTable.Longer told = unchanged ? shelf.longer("1d", grid.start("1d", start)) : null;
    Carried pool = told == null ? null : told.kept().rollUp().pool();
    if (pool != null) {
      of.reckoning.pool(pool);
    }
  }

  private void ended(
      Walk of,
      RollUp again,
      IntervalTable.Row next,
      Shelf shelf,
      Fold fold,
      Batch batch,
      Output output) {
    if (isLive(fold, again)) {
      of.waiting.add(again);
      return;
    }
    if (again.length().equals(HOUR)) {
      of.correcting.hour(again, next, shelf.earlier, fold, batch, output.records());
      return;
    }
    IntervalTable.Longer longer = shelf.longer(again);
    if (longer == null) {
      Kept.Size size = keeping.size();
      IntervalGrid grid = of.reckoning.grid(next.number(), next.layout());
      if (size.forgotten() > 0
          && again.start() < size.firstMillis()
          && isTouched(of, again, grid)) {
        left(of, again, "part of it is kept no longer", output);
      }
      return;
    }
    if (of.rebuilds
        && longer.layout().zone().equals(fold.grid().zone())
        && longer.kept().rollUp().isOfAll(again)) {
      fold.rollUps().told(again, of.reckoning.longer(longer, again, fold.told()).interval());
    }
    tell(of, longer, again, fold, batch, output);
  }

  private static boolean isLive(Fold fold, RollUp again) {
    RollUp live = fold.rollUps().live(again.length(), again.start());
    return live != null && live.end() == again.end();
  }

  private void tell(
      Walk of, IntervalTable.Longer longer, RollUp again, Fold fold, Batch batch, Output output) {
    RollUp kept = longer.kept().rollUp();
    IntervalGrid grid = of.reckoning.grid(longer.number(), longer.layout());
    if (!isTouched(of, kept, grid) && !isOtherPool(of, kept, again, grid)) {
      return;
    }
    if (!kept.isOfAll(again)) {
      left(of, kept, "the energies of some of its base intervals are not kept", output);
      return;
    }
    Reckoning.Again made = of.reckoning.longer(longer, again, fold.told());
    long digest = MetricsCodec.digestWithFactors(made.interval());
    if (digest == longer.kept().digest()) {
      return;
    }
    made.rollUp().published(made.rollUp().published().next(MetricsCodec.digest(made.interval())));
    output.records().interval(made.interval());
    fold.told(made.interval());
    keeping.keepAgain(
        new IntervalTable.Longer(
            longer.number(),
            longer.layout(),
            longer.kept().toldAgain(digest, made.rollUp().kept(made.worked().asked()))),
        batch);
    count(of, kept, grid);
  }

  private static void count(Walk of, RollUp told, IntervalGrid grid) {
    for (Tally tally : of.tallies) {
      if (tally.change.touches(told, grid)) {
        tally.used = true;
        tally.told++;
      }
    }
  }

  private static boolean isTouched(Walk of, RollUp rollUp, IntervalGrid grid) {
    return of.tallies.stream().anyMatch(tally -> tally.change.touches(rollUp, grid));
  }

  /** Whether a battery carries the change into later days. */
  private static boolean isOtherPool(Walk of, RollUp kept, RollUp again, IntervalGrid grid) {
    Carried pool = kept.pool();
    return pool != null
        && !pool.equals(again.pool())
        && of.tallies.stream()
            .anyMatch(tally -> !grid.date(kept.end() - 1).isBefore(tally.change.from()));
  }

  private static void left(Walk of, RollUp rollUp, String why, Output output) {
    of.left++;
    if (of.left <= MOST_LEFT) {
      output.note(
          Event.of("config.not_restated", Severity.WARNING)
              .with("interval", rollUp.length())
              .with("start", rollUp.start())
              .with("why", why));
    }
  }

  /** Time whose energies are not kept is told of as a whole. */
  private void tellGone(Walk of, IntervalGrid grid, Output output) {
    Kept.Size size = keeping.size();
    for (Tally tally : of.tallies) {
      Change change = tally.change;
      LocalDate first = size.intervals() == 0 ? change.to() : grid.date(size.firstMillis());
      Change gone =
          new Change(
              change.of(),
              change.from(),
              change.to().isBefore(first) ? change.to() : first,
              change.before(),
              change.after());
      if (!gone.isEmpty()) {
        output.note(
            gone.tell(Event.of("config.not_restated", Severity.WARNING))
                .with(
                    "why",
                    size.forgotten() > 0
                        ? "the energies of that time are kept no longer"
                        : "the energies of that time were not kept"));
      }
    }
  }

  /** What is at the edge, and what the ledger has yet; then it goes on by the new factors. */
  private void finish(
      Walk of, Shelf shelf, Fold fold, Batch batch, Fold.Cause cause, Output output) {
    long horizon = fold.openFrom();
    Map<Long, Integer> revs = new HashMap<>();
    Carried pool = null;
    boolean isOpen = false;
    for (IntervalTable.Row row : shelf.rows) {
      long start = row.kept().startMillis();
      if (start >= horizon) {
        revs.put(start, row.kept().rev());
        pool = isOpen ? pool : poolBefore(of, fold, horizon);
        isOpen = true;
      }
      take(of, row, shelf, fold, batch, output);
      if (of.correcting.isTold(start)) {
        revs.computeIfPresent(start, (at, rev) -> rev + 1);
      }
    }
    if (of.rebuilds) {
      knowAgain(of, fold);
    }
    fold.settled(isOpen ? pool : poolBefore(of, fold, horizon));
    fold.reckonClosed(revs);
    List<RollUp> all = new ArrayList<>(of.waiting);
    all.addAll(of.reckoning.open());
    all.sort(of.reckoning.inOrder());
    for (RollUp again : all) {
      live(of, again, shelf, fold, batch, cause, output);
    }
    tellDone(of, output);
    fold.releaseLonger(cause, output.records());
    save(batch);
    batch.memo(PROGRESS, new byte[0]);
    output.checkpoint();
    walk = null;
  }

  /** What registers had counted where open intervals begin, as far as base intervals tell. */
  private void knowAgain(Walk of, Fold fold) {
    EarlierCounts counts = fold.earlierCounts();
    if (counts == null) {
      return;
    }
    List<IntervalTable.Row> rows = keeping.bases(counts.from(), counts.end(), MOST_ROWS);
    while (!rows.isEmpty()) {
      for (IntervalTable.Row row : rows) {
        IntervalGrid grid = of.reckoning.grid(row.number(), row.layout());
        counts.add(row.kept(), grid.baseMillis());
      }
      long next = rows.getLast().kept().startMillis() + MINUTE_MILLIS;
      rows = keeping.bases(next, counts.end(), MOST_ROWS);
    }
    fold.knowAgain(counts);
  }

  /** What is carried to there; as the ledger has it where nothing before is kept. */
  private static @Nullable Carried poolBefore(Walk of, Fold fold, long horizon) {
    if (of.reckoning.pool() == null) {
      of.reckoning.pool(fold.poolAt(horizon));
    }
    return of.reckoning.pool();
  }

  private void live(
      Walk of, RollUp again, Shelf shelf, Fold fold, Batch batch, Fold.Cause cause, Output output) {
    RollUp live = fold.rollUps().live(again.length(), again.start());
    IntervalTable.Longer longer = shelf.longer(again);
    if (again.length().equals(HOUR)) {
      if (live == null || live.end() != again.end()) {
        of.correcting.hour(again, null, shelf.earlier, fold, batch, output.records());
      } else if (of.correcting.isIn(again) && live.isOfAll(again)) {
        live.takeOver(again);
        fold.tellHour(live, cause, output.records());
      }
      return;
    }
    if (live == null || live.end() != again.end()) {
      if (longer != null) {
        tell(of, longer, again, fold, batch, output);
      }
      return;
    }
    RollUp told = longer == null ? live : longer.kept().rollUp();
    boolean other = isTouched(of, told, fold.grid()) || isOtherPool(of, told, again, fold.grid());
    if (live.isOfAll(again)) {
      live.takeOver(again);
    } else if (of.rebuilds && live.isLessThan(again)) {
      live.rebuild(again, longer == null ? null : longer.kept().rollUp());
    } else if (other) {
      left(of, live, "the energies of some of its base intervals are not kept", output);
    }
    if (longer == null) {
      return;
    }
    // What was told after the last checkpoint was only folded again, and waits.
    boolean unknown = live.published().rev() < told.published().rev();
    if (unknown) {
      live.published(told.published());
    }
    if ((unknown || other)
        && fold.tellAgain(live, longer.kept().digest(), cause, output.records())) {
      count(of, told, fold.grid());
    }
  }

  private void tellDone(Walk of, Output output) {
    for (Tally tally : of.tallies) {
      if (!tally.used) {
        continue;
      }
      Change change = tally.change;
      if (change.isCorrection()) {
        output.note(corrected(tally));
        continue;
      }
      String was = change.before().how().version();
      boolean sameVersion =
          change.before().id() != null && was.equals(change.after().how().version());
      boolean sameId = Objects.equals(change.before().id(), change.after().id());
      Event event =
          change
              .tell(
                  Event.of(
                      "config.restatement",
                      sameVersion && sameId ? Severity.WARNING : Severity.INFO))
              .with("intervals", tally.told)
              .with("base_intervals", tally.bases);
      if (of.left > 0) {
        event = event.with("not_restated", of.left);
      }
      output.note(event);
    }
  }

  /** With both people, or that what was counted counts again. */
  private Event corrected(Tally tally) {
    String id = tally.change.of().substring(Change.CORRECTION.length());
    Correction by =
        corrections.all().stream()
            .map(Substitution::by)
            .filter(one -> one.id().equals(id))
            .findFirst()
            .orElse(null);
    Event event =
        Event.of("config.corrected", by == null ? Severity.WARNING : Severity.INFO)
            .with("id", id)
            .with("withdrawn", by == null);
    if (by != null) {
      event =
          event
              .with("reason", by.reason())
              .with("document", by.document())
              .with("proposed", by.proposed())
              .with("approved", by.approved());
    }
    return event
        .with("from", tally.change.from().toString())
        .with("to", tally.change.to().minusDays(1).toString())
        .with("intervals", tally.told)
        .with("base_intervals", tally.bases);
  }

  /** Hours are told on time, by the factors of now alone. */
  private void reckonHours(Fold fold) {
    long horizon = fold.openFrom();
    long from = horizon;
    for (RollUp hour : fold.rollUps().live("1h")) {
      from = Math.min(from, hour.start());
    }
    List<IntervalTable.Row> rows = keeping.bases(from, fold.next(), MOST_OPEN);
    Map<Long, Integer> revs = new HashMap<>();
    rows.forEach(row -> revs.put(row.kept().startMillis(), row.kept().rev()));
    fold.reckonClosed(revs);
    Reckoning hours = new Reckoning(site, List.of("1h"), keeping);
    TreeMap<Long, RollUp> again = new TreeMap<>();
    for (IntervalTable.Row row : rows) {
      long start = row.kept().startMillis();
      hours.ended(row).forEach(hour -> again.put(hour.start(), hour));
      if (start >= horizon || hours.pool() == null) {
        hours.pool(fold.poolAt(start));
      }
      hours.take(row, horizon);
    }
    hours.open().forEach(hour -> again.put(hour.start(), hour));
    for (RollUp hour : fold.rollUps().live("1h")) {
      RollUp anew = again.get(hour.start());
      if (anew != null && hour.isOfAll(anew)) {
        hour.takeOver(anew);
      } else if (anew != null && fold.isRegridded() && hour.isLessThan(anew)) {
        hour.rebuild(anew, null);
      }
    }
  }

  private byte[] bytes(Walk of) {
    CheckpointWriter to = new CheckpointWriter();
    to.number(of.tallies.size());
    for (Tally tally : of.tallies) {
      tally.change.write(to);
      to.flag(tally.used).number(tally.bases).number(tally.told);
    }
    to.number(of.at).number(of.left).flag(of.begun).flag(of.rebuilds);
    of.reckoning.write(to);
    Reckoning.write(of.waiting, to);
    of.correcting.write(to);
    return to.bytes();
  }

  private static Walk read(Site site, IntervalTable keeping, byte[] bytes) {
    CheckpointReader from = new CheckpointReader(bytes);
    Walk of = new Walk(site, keeping);
    for (int left = from.count(); left > 0; left--) {
      Tally tally = new Tally(Change.read(from));
      tally.used = from.flag();
      tally.bases = from.number();
      tally.told = from.number();
      of.tallies.add(tally);
    }
    of.at = from.number();
    of.left = from.number();
    of.begun = from.flag();
    of.rebuilds = from.flag();
    of.reckoning.read(from);
    of.waiting.addAll(Reckoning.readRollUps(from));
    of.correcting.read(from);
    return of;
  }
}
