package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.commit.Kept;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.meter.IntervalGrid;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.correction.CorrectionReader;
import io.lingtan.agent.site.correction.Corrections;
import io.lingtan.agent.site.correction.Substitution;
import io.lingtan.agent.site.terms.TermsInForce;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The table of a site's intervals that the journal keeps for years, and from which days, months and
 * years can be worked out again.
 *
 * <p>Limits: {@code metering.keep}, and a quarter of {@code journal.max_size}. Beyond either whole
 * local days go, oldest first; {@link Kept.Size#forgotten} counts the base intervals that went.
 *
 * <p>Crash contract: a row is in the transaction of the record that it belongs to, and the layout
 * that it names is in the same transaction or an earlier one.
 */
final class IntervalTable {

  private static final String LAYOUTS = "layouts";
  private static final String CORRECTIONS = "corrections";

  /** An interval may be revised so long after its end without anybody correcting it. */
  private static final long LATEST_MILLIS = 28 * 3_600_000L;

  /** After an outage they are told so late. */
  private static final long LATEST_TOLD_MILLIS = 9 * 24 * 3_600_000L;

  private static final long HOUR_MILLIS = 3_600_000L;

  private static final int MOST_TOLD = 20_000;
  private static final int MOST_REFUSED = 20;

  /** Beyond so many the oldest are forgotten, with the rows that name them. */
  private static final int MOST_LAYOUTS = 64;

  private final Site site;
  private final IntervalGrid grid;
  private final Journal journal;
  private final TreeMap<Integer, Layout> layouts = new TreeMap<>();

  /** The number of the site's own layout; 0 until an interval has shown it. */
  private int own;

  /** Whether the layouts are in the journal, or on their way. */
  private boolean isWritten;

  /** By which settings months were counted. */
  private TermsInForce terms = TermsInForce.unknown();

  /** The site's own for the month of the newest interval; null before the first. */
  private TermsInForce.@Nullable Settings settings;

  private @Nullable YearMonth month;

  /** Whether these are in the journal, or on their way. */
  private boolean areTermsWritten = true;

  IntervalTable(Site site, Journal journal) {
    this.site = site;
    this.grid = new IntervalGrid(site.place().zone(), site.metering().interval());
    this.journal = journal;
  }

  /**
   * Reads what was kept before.
   *
   * @throws io.lingtan.agent.journal.file.JournalUnavailable if the journal cannot be read at
   *     present
   */
  void takeUp() {
    layouts.clear();
    own = 0;
    isWritten = true;
    byte[] noted = journal.memo(TermsInForce.MEMO);
    terms =
        noted == null && size().intervals() == 0 ? TermsInForce.begun() : TermsInForce.of(noted);
    byte[] memo = journal.memo(LAYOUTS);
    if (memo != null) {
      CheckpointReader from = new CheckpointReader(memo);
      for (int left = from.count(); left > 0; left--) {
        layouts.put((int) from.number(), Layout.read(from));
      }
      if (!from.isAtEnd()) {
        layouts.replaceAll((number, layout) -> layout.readMore(from));
      }
      if (!from.isAtEnd()) {
        layouts.replaceAll((number, layout) -> layout.readAccuracy(from));
      }
      if (!from.isAtEnd()) {
        layouts.replaceAll((number, layout) -> layout.readOwn(from));
      }
    }
  }

  /** The journal has become another file: what rows name has to be written into it, too. */
  void anew() {
    isWritten = false;
    areTermsWritten = false;
  }

  /** Keeps a base interval with the batch. */
  void keep(BaseRow base, Batch batch) {
    noteTerms(base.startMillis(), batch);
    int number = own(base.counts(), batch);
    batch.energies(base.startMillis(), base.bytes(number));
    forget(base.startMillis(), batch);
  }

  private void noteTerms(long startMillis, Batch batch) {
    YearMonth of = YearMonth.from(grid.date(startMillis));
    TermsInForce.Settings own = settings;
    if (own == null || !of.equals(month)) {
      own = TermsInForce.Settings.of(site, of);
      settings = own;
      month = of;
    }
    if (terms.note(startMillis, of, own) || !areTermsWritten) {
      batch.memo(TermsInForce.MEMO, terms.bytes());
      areTermsWritten = true;
    }
  }

  /** Keeps a longer one. */
  void keep(RollUpRow longer, Batch batch) {
    int number = own(longer.counts(), batch);
    Layout layout = layouts.get(number);
    if (layout != null) {
      RollUp told = longer.rollUp();
      batch.longer(told.length(), told.start(), longer.bytes(number, layout));
    }
  }

  /** The number of the site's layout, which is written down when it is a new one. */
  private int own(List<Count> counts, Batch batch) {
    if (own == 0) {
      Layout layout = Layout.of(site, counts);
      Map.Entry<Integer, Layout> newest = layouts.lastEntry();
      boolean isKnown = newest != null && newest.getValue().equals(layout);
      own = newest == null ? 1 : newest.getKey() + (isKnown ? 0 : 1);
      layouts.put(own, layout);
      isWritten &= isKnown;
    }
    if (!isWritten) {
      write(batch);
    }
    return own;
  }

  private void write(Batch batch) {
    if (layouts.size() > MOST_LAYOUTS) {
      layouts.pollFirstEntry();
    }
    CheckpointWriter to = new CheckpointWriter();
    to.number(layouts.size());
    layouts.forEach(
        (number, each) -> {
          to.number(number);
          each.write(to);
        });
    layouts.values().forEach(each -> each.writeMore(to));
    layouts.values().forEach(each -> each.writeAccuracy(to));
    layouts.values().forEach(each -> each.writeOwn(to));
    batch.memo(LAYOUTS, to.bytes());
    isWritten = true;
  }

  /** Lets whole days go that are older than they are to be kept, or that there is no room for. */
  private void forget(long nowMillis, Batch batch) {
    Kept.Size size = journal.kept();
    long oldest = nowMillis - site.metering().keep().toMillis();
    if (size.intervals() > 0 && size.bytes() > journal.mostKept()) {
      oldest = Math.max(oldest, grid.end("1d", size.firstMillis()));
    }
    if (size.intervals() > 0 && size.firstMillis() < oldest) {
      batch.forgetKept(grid.start("1d", oldest));
    }
  }

  /**
   * A base interval that is kept.
   *
   * @param number of its layout
   */
  record Row(int number, Layout layout, BaseRow kept) {}

  /** The same of a day, a month or a year. */
  record Longer(int number, Layout layout, RollUpRow kept) {}

  /** The grids of a layout and of those after it, the site's own at last: each zone once. */
  List<IntervalGrid> grids(int number) {
    SequencedMap<String, IntervalGrid> grids = new LinkedHashMap<>();
    for (Layout layout : layouts.tailMap(number, true).values()) {
      grids.putIfAbsent(
          layout.zone() + " " + layout.base(), new IntervalGrid(layout.zone(), layout.base()));
    }
    grids.putIfAbsent(grid.zone() + " " + grid.base(), grid);
    return List.copyOf(grids.sequencedValues());
  }

  /** Base intervals that start in {@code from..to}, the end not included, as of the last commit. */
  List<Row> bases(long from, long to, int most) {
    List<Row> bases = new ArrayList<>();
    for (Kept.Row row : journal.energies(from, to, most)) {
      int number = BaseRow.layout(row.body());
      Layout layout = layouts.get(number);
      if (layout != null) {
        bases.add(new Row(number, layout, BaseRow.read(row.startMillis(), row.body(), layout)));
      }
    }
    return bases;
  }

  /** The day, month or year that starts there, as of the last commit; null if none is kept. */
  @Nullable Longer longer(String length, long start) {
    for (Kept.Row row : journal.longer(length, start, start + 60_000, 1)) {
      int number = RollUpRow.layout(row.body());
      Layout layout = layouts.get(number);
      if (layout != null) {
        return new Longer(number, layout, RollUpRow.read(row.body(), layout));
      }
    }
    return null;
  }

  /** Keeps a longer interval that was told again, in place of what was kept of it. */
  void keepAgain(Longer again, Batch batch) {
    RollUp told = again.kept.rollUp();
    batch.longer(told.length(), told.start(), again.kept.bytes(again.number, again.layout));
  }

  /** Keeps a base interval that was told again, in place of what was kept of it. */
  void keepAgain(Row again, Batch batch) {
    batch.energies(again.kept.startMillis(), again.kept.bytes(again.number));
  }

  /**
   * What was told of intervals, as far as their records are still there: revisions that came more
   * than a day after them may be wanting, if anything came before.
   *
   * @param wanted by length and start, such as {@code 1h 1764000000000}
   */
  Map<String, Interval> told(Set<String> wanted) {
    Map<String, Interval> told = new HashMap<>();
    LongSummaryStatistics starts =
        wanted.stream().mapToLong(name -> start(name)).summaryStatistics();
    Set<String> lengths = new TreeSet<>();
    wanted.forEach(name -> lengths.add(name.substring(0, name.indexOf(' '))));
    try (History history = journal.history()) {
      for (long late : List.of(LATEST_MILLIS, LATEST_TOLD_MILLIS)) {
        if (told.size() < wanted.size()) {
          long end = starts.getMax() + HOUR_MILLIS + late;
          history
              .intervals(lengths, starts.getMin(), end, MOST_TOLD)
              .records()
              .forEach(each -> add(IntervalText.of(each), wanted, told));
        }
      }
    }
    return told;
  }

  private static void add(Interval one, Set<String> wanted, Map<String, Interval> told) {
    String name = one.length() + " " + one.startMillis();
    if (wanted.contains(name)) {
      told.merge(name, one, Interval::orNewer);
    }
  }

  private static long start(String name) {
    return Long.parseLong(name.substring(name.indexOf(' ') + 1));
  }

  /** The corrections that intervals were told by. */
  Corrections corrections() {
    byte[] memo = journal.memo(CORRECTIONS);
    Corrections told =
        memo == null || memo.length == 0
            ? null
            : CorrectionReader.taken(
                new String(memo, StandardCharsets.UTF_8), site.metering().grounds(grid.zone()));
    return told == null ? Corrections.NONE : told;
  }

  /** Intervals are told by these from here on. */
  static void keep(Corrections corrections, Batch batch) {
    batch.memo(CORRECTIONS, corrections.text().getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Why the site's corrections cannot be taken, each with its line; empty if they can. Those that
   * intervals were told by before are not asked again, but may not leave a closed year.
   */
  List<String> refused() {
    Corrections asked = site.metering().corrections();
    Corrections taken = corrections();
    List<String> refused = new ArrayList<>();
    for (Substitution one : asked.without(taken)) {
      String why = isClosed(one) ? closed(one) : refused(one);
      if (why != null && refused.size() < MOST_REFUSED) {
        refused.add("line %d: %s".formatted(one.line(), why));
      }
    }
    for (Substitution one : taken.without(asked)) {
      if (isClosed(one) && refused.size() < MOST_REFUSED) {
        refused.add(
            "%s, line %d before, stays as it was taken: %s"
                .formatted(one.by().id(), one.line(), closed(one)));
      }
    }
    return refused;
  }

  private boolean isClosed(Substitution one) {
    return grid.date(one.startMillis()).getYear() <= site.metering().closed();
  }

  private String closed(Substitution one) {
    return "%s is in a year whose account is closed (metering.closed: %d)"
        .formatted(
            Instant.ofEpochMilli(one.startMillis()).atZone(grid.zone()), site.metering().closed());
  }

  private @Nullable String refused(Substitution one) {
    String from = Instant.ofEpochMilli(one.startMillis()).atZone(grid.zone()).toString();
    List<Row> rows = bases(one.startMillis(), one.startMillis() + 60_000, 1);
    if (rows.isEmpty()) {
      Kept.Size size = size();
      return size.forgotten() > 0 && one.startMillis() < size.firstMillis()
          ? "what was counted from %s on is kept no longer (metering.keep)".formatted(from)
          : "no interval was told that begins at %s".formatted(from);
    }
    boolean isCounted =
        rows.getFirst().kept().counts().stream()
            .anyMatch(
                count ->
                    count.meter().id().equals(one.meter())
                        && count.figure().metric().equals(one.figure()));
    return isCounted
        ? null
        : "meter %s counted no %s from %s on".formatted(one.meter(), one.figure(), from);
  }

  /** How much is kept, as of the last commit. */
  Kept.Size size() {
    return journal.kept();
  }
}
