package io.lingtan.agent.closing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.closing.MonthDocument.Known;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.WholeFile;
import io.lingtan.agent.site.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the document of each month whose record has come, and hands it on. A month is told anew
 * while words about it may come; each of its revisions is one of the document, which waits until
 * the record is two minutes old, so that the days that are told again with it are there.
 *
 * <p>Crash contract: what was handed on is on the card, so that a start hands on the same bytes and
 * no revision has two contents. A document that cannot be written is not handed on, and is tried
 * again each minute.
 */
public final class ClosingStep extends NamedStep {

  private static final Logger log = LoggerFactory.getLogger(ClosingStep.class);

  private static final Duration LOOK = Duration.ofMinutes(1);
  private static final Duration SETTLED = Duration.ofMinutes(2);

  /** A first start closes no month before the last one or two. */
  private static final Duration FIRST_LOOK = Duration.ofDays(62);

  /** The newest stay; as many are retained. */
  public static final int MOST_MONTHS = 24;

  private static final int MOST_RECORDS = 500;
  private static final int LARGEST = 1 << 20;
  private static final String MONTH = "1M";
  private static final String ENDING = ".json";

  private final Supplier<Site> site;
  private final History history;
  private final Function<YearMonth, @Nullable MonthStatement> bills;
  private final Function<YearMonth, SequencedMap<String, byte[]>> files;
  private final Path folder;
  private final UnaryOperator<String> sign;
  private final BiConsumer<YearMonth, String> to;
  private final Time time;
  private final TreeMap<YearMonth, Known> known = new TreeMap<>();
  private final TreeMap<YearMonth, IntervalRecord> waiting = new TreeMap<>();
  private MonotonicInstant due;

  /** UTC ms of the commit until which records were looked at; -1 before the first look. */
  private long lookedMillis = -1;

  private boolean isFailing;

  /**
   * @param bills the bill of a month, null where there are no prices of it
   * @param files what the page hands out for a month, by path
   * @param folder where documents are kept
   * @param sign puts the gateway's signature to a JSON object
   * @param to takes each document; called at a start for all that are kept
   */
  public ClosingStep(
      Supplier<Site> site,
      History history,
      Function<YearMonth, @Nullable MonthStatement> bills,
      Function<YearMonth, SequencedMap<String, byte[]>> files,
      Path folder,
      UnaryOperator<String> sign,
      BiConsumer<YearMonth, String> to,
      Time time) {
    super("closing");
    this.site = site;
    this.history = history;
    this.bills = bills;
    this.files = files;
    this.folder = folder;
    this.sign = sign;
    this.to = to;
    this.time = time;
    this.due = time.now();
  }

  @Override
  public MonotonicInstant due() {
    return due;
  }

  /** Looks what has come, or closes one month. */
  @Override
  public int step(MonotonicInstant now) {
    if (now.isBefore(due)) {
      return 0;
    }
    due = now.plus(LOOK);
    long wall = time.wall().millisAt(now);
    if (!time.wall().trusted()) {
      return 0;
    }
    if (lookedMillis < 0) {
      recall(wall);
    }
    if (waiting.isEmpty()) {
      look(wall);
    }
    Map.Entry<YearMonth, IntervalRecord> next = waiting.firstEntry();
    if (next == null) {
      return 0;
    }
    try {
      close(next.getKey(), next.getValue(), wall);
      waiting.remove(next.getKey());
      isFailing = false;
      due = waiting.isEmpty() ? due : now;
      return 1;
    } catch (IOException e) {
      if (!isFailing) {
        log.warn("{}: the document of {} cannot be kept: {}", folder, next.getKey(), e.toString());
      }
      isFailing = true;
      return 0;
    }
  }

  /** What an earlier process made. */
  private void recall(long wall) {
    lookedMillis = wall - FIRST_LOOK.toMillis();
    for (Path file : kept()) {
      try {
        String name = String.valueOf(file.getFileName());
        YearMonth month = YearMonth.parse(name.substring(0, name.length() - ENDING.length()));
        Known one = Files.size(file) > LARGEST ? null : Known.of(Files.readAllBytes(file));
        if (one == null) {
          log.warn("{} is no document of a month, and is made anew", file);
        } else {
          known.put(month, one);
          lookedMillis = Math.max(lookedMillis, one.madeMillis() - SETTLED.toMillis());
          to.accept(month, one.text());
        }
      } catch (IOException e) {
        log.warn("{} cannot be read: {}", file, e.toString());
      }
    }
  }

  /** Ascending, {@link #MOST_MONTHS} at most. */
  private List<Path> kept() {
    try (Stream<Path> all = Files.list(folder)) {
      List<Path> found =
          all.filter(file -> file.getFileName().toString().matches("\\d{4}-(0[1-9]|1[0-2])\\.json"))
              .sorted(Comparator.comparing(Path::getFileName))
              .toList();
      return found.subList(Math.max(0, found.size() - MOST_MONTHS), found.size());
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      log.warn("{} cannot be read: {}", folder, e.toString());
      return List.of();
    }
  }

  private void look(long wall) {
    long until = wall - SETTLED.toMillis();
    if (until <= lookedMillis) {
      return;
    }
    History.Found<IntervalRecord> found =
        history.intervals(Set.of(MONTH), lookedMillis, until, MOST_RECORDS);
    for (IntervalRecord record : found.records()) {
      YearMonth month = month(IntervalText.of(record));
      Known before = known.get(month);
      if (before == null || !before.restsOn(record)) {
        waiting.merge(month, record, ClosingStep::newer);
      }
    }
    if (found.complete()) {
      lookedMillis = until;
    }
  }

  private static IntervalRecord newer(IntervalRecord one, IntervalRecord other) {
    return IntervalText.of(other).rev() >= IntervalText.of(one).rev() ? other : one;
  }

  private YearMonth month(Interval interval) {
    return YearMonth.from(
        LocalDate.ofInstant(
            Instant.ofEpochMilli(interval.startMillis()), site.get().place().zone()));
  }

  private void close(YearMonth month, IntervalRecord record, long wall) throws IOException {
    Site of = site.get();
    Known before = known.get(month);
    MonthDocument made =
        new MonthDocument(
            of.gateway(),
            of.place().zone().getId(),
            month,
            Math.max(before == null ? 0 : before.rev() + 1, IntervalText.of(record).rev()),
            wall,
            record,
            bills.apply(month),
            files.apply(month));
    String text = sign.apply(made.json());
    Files.createDirectories(folder);
    WholeFile.replace(folder.resolve(month + ENDING), text.getBytes(UTF_8));
    known.put(month, new Known(text, made.rev(), wall, record.epoch(), record.seq()));
    while (known.size() > MOST_MONTHS) {
      Files.deleteIfExists(folder.resolve(known.pollFirstEntry().getKey() + ENDING));
    }
    to.accept(month, text);
  }

  @Override
  public void close() {
    // What was made is on the card.
  }
}
