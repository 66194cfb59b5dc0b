package io.lingtan.agent.closing;

import io.lingtan.agent.bill.MonthStatement;
import io.lingtan.agent.closing.MonthDocument.Known;
import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.History.Place;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.IntervalText;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the document of each month whose record has come, and hands it on. A month is told anew
 * while words about it may come; each of its revisions is one of the document, which waits until
 * the record is two minutes old, so that the days that are told again with it are there.
 *
 * <p>Crash contract: what was handed on is on the card, so that a start hands on the same bytes and
 * no revision has two contents; and what is there when a record was noted as done is the document
 * of each record before it.
 *
 * <p>A month whose history cannot be read whole, whose document cannot be kept or in which the
 * program fails is tried again after a minute, then after twice as long each time, an hour at most;
 * the others do not wait for it. After two hours it is told as an event, and its end as well. A
 * failure of the program is thrown as well, as long as it stands.
 */
public final class ClosingStep extends NamedStep {

  private static final Logger log = LoggerFactory.getLogger(ClosingStep.class);

  private static final Duration LOOK = Duration.ofMinutes(1);
  private static final Duration SETTLED = Duration.ofMinutes(2);
  private static final Duration TOLD_AFTER = Duration.ofHours(2);

  /** After it the pause is an hour. */
  private static final int MOST_DOUBLINGS = 6;

  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  /** A first start closes no month before the last one or two. */
  private static final Duration FIRST_LOOK = Duration.ofDays(62);

  /** The newest stay; as many are retained. */
  public static final int MOST_MONTHS = 24;

  private static final String NOT_CLOSED = "agent.month_not_closed";
  private static final Set<String> MONTH = Set.of("1M");

  private final Supplier<Site> site;
  private final History history;
  private final Function<YearMonth, @Nullable Figured> figures;
  private final DocumentFolder folder;
  private final UnaryOperator<String> sign;
  private final BiConsumer<YearMonth, String> to;
  private final Consumer<Event> tell;
  private final Time time;
  private final TreeMap<YearMonth, Known> known = new TreeMap<>();
  private final TreeMap<YearMonth, Waiting> waiting = new TreeMap<>();
  private MonotonicInstant due;

  /** UTC ms of the commit from which records were looked at; -1 before the first look. */
  private long fromMillis = -1;

  /** Up to it all records were looked at; null if none was. */
  private @Nullable Place looked;

  /** Whether documents were made since it was kept. */
  private boolean isPlaceDue;

  /**
   * What a month comes to, of which all was read.
   *
   * @param bill null where there are no prices of it
   * @param files what the page hands out for it, by path
   */
  public record Figured(@Nullable MonthStatement bill, SequencedMap<String, byte[]> files) {}

  /**
   * A month that has no document of its newest record.
   *
   * @param next when to make it
   * @param failures how often that failed, in a row
   * @param since when it failed first
   * @param fault of the program, at which it failed last
   */
  private record Waiting(
      IntervalRecord record,
      MonotonicInstant next,
      int failures,
      MonotonicInstant since,
      boolean isTold,
      @Nullable RuntimeException fault) {

    static Waiting of(IntervalRecord record, MonotonicInstant now) {
      return new Waiting(record, now, 0, now, false, null);
    }

    /** The same month by its newer record: what failed may not fail any more. */
    Waiting newer(Waiting other) {
      return IntervalText.of(other.record).rev() < IntervalText.of(record).rev()
          ? this
          : new Waiting(other.record, other.next, failures, since, isTold, fault);
    }

    Waiting failed(MonotonicInstant now, boolean told, @Nullable RuntimeException by) {
      Duration pause = LOOK.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
      return new Waiting(
          record,
          now.plus(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause),
          failures + 1,
          failures == 0 ? now : since,
          told,
          by);
    }
  }

  /**
   * @param figures what a month comes to; null where it cannot be read whole at present
   * @param folder where documents are kept
   * @param sign puts the gateway's signature to a JSON object
   * @param to takes each document; called at a start for all that are kept
   * @param tell takes the event of a month that cannot be closed
   */
  public ClosingStep(
      Supplier<Site> site,
      History history,
      Function<YearMonth, @Nullable Figured> figures,
      Path folder,
      UnaryOperator<String> sign,
      BiConsumer<YearMonth, String> to,
      Consumer<Event> tell,
      Time time) {
    super("closing");
    this.site = site;
    this.history = history;
    this.figures = figures;
    this.folder = new DocumentFolder(folder);
    this.sign = sign;
    this.to = to;
    this.tell = tell;
    this.time = time;
    this.due = time.now();
  }

  @Override
  public MonotonicInstant due() {
    return due;
  }

  /** Looks what has come, and closes one month. */
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
    if (fromMillis < 0) {
      recall(wall);
    }
    Place before = looked;
    if (!look(now, wall)) {
      boolean goesOn = !Objects.equals(before, looked);
      due = goesOn ? now : due;
      return goesOn ? 1 : 0;
    }
    Map.Entry<YearMonth, Waiting> next = ready(now);
    if (next != null) {
      close(next.getKey(), next.getValue(), now, wall);
    }
    if (ready(now) != null) {
      due = now;
      return 1;
    }
    keepPlace();
    for (Waiting each : waiting.values()) {
      if (each.fault() != null) {
        throw each.fault();
      }
    }
    return next == null ? 0 : 1;
  }

  /** What an earlier process made. */
  private void recall(long wall) {
    DocumentFolder.Found found = folder.read(to);
    known.putAll(found.known());
    looked = found.place();
    isPlaceDue = looked == null;
    fromMillis = looked == null ? wall - FIRST_LOOK.toMillis() : 0;
    for (YearMonth month : found.damaged()) {
      fromMillis =
          Math.min(
              fromMillis,
              month.atDay(1).atStartOfDay(site.get().place().zone()).toInstant().toEpochMilli());
    }
  }

  /** Returns whether all records were looked at that are two minutes old. */
  private boolean look(MonotonicInstant now, long wall) {
    long settled = wall - SETTLED.toMillis();
    History.Reached reached =
        history.intervalsBehind(
            looked,
            MONTH,
            fromMillis,
            record -> {
              if (record.tsMillis() > settled && record.tsMillis() <= wall) {
                return false;
              }
              waiting.merge(
                  month(IntervalText.of(record)), Waiting.of(record, now), Waiting::newer);
              return true;
            });
    looked = reached.place();
    if (!reached.atEnd()) {
      return false;
    }
    waiting
        .entrySet()
        .removeIf(
            each -> {
              Known before = known.get(each.getKey());
              return before != null && before.covers(each.getValue().record());
            });
    TreeSet<YearMonth> all = new TreeSet<>(known.keySet());
    all.addAll(waiting.keySet());
    while (all.size() > MOST_MONTHS) {
      waiting.remove(all.pollFirst());
    }
    return true;
  }

  private Map.@Nullable Entry<YearMonth, Waiting> ready(MonotonicInstant now) {
    for (Map.Entry<YearMonth, Waiting> each : waiting.entrySet()) {
      if (!each.getValue().next().isAfter(now)) {
        return each;
      }
    }
    return null;
  }

  private YearMonth month(Interval interval) {
    return YearMonth.from(
        LocalDate.ofInstant(
            Instant.ofEpochMilli(interval.startMillis()), site.get().place().zone()));
  }

  private void close(YearMonth month, Waiting of, MonotonicInstant now, long wall) {
    try {
      Figured figured = figures.apply(month);
      if (figured == null) {
        failed(month, of, now, "the history cannot be read to its end in time", null);
      } else {
        make(month, of.record(), figured, wall);
        waiting.remove(month);
        if (of.isTold()) {
          tell.accept(
              Event.of(NOT_CLOSED, Severity.INFO)
                  .with("month", month.toString())
                  .with("over", true));
        }
      }
    } catch (IOException e) {
      failed(month, of, now, e.toString(), null);
    } catch (RuntimeException e) {
      failed(
          month,
          of,
          now,
          e.toString(),
          new IllegalStateException(
              "the document of %s cannot be made: %s".formatted(month, e), e));
    }
  }

  private void failed(
      YearMonth month,
      Waiting of,
      MonotonicInstant now,
      String why,
      @Nullable RuntimeException fault) {
    if (of.failures() == 0) {
      log.warn("the document of {} cannot be made yet: {}", month, why);
    }
    boolean isLong = of.failures() > 0 && now.nanosSince(of.since()) >= TOLD_AFTER.toNanos();
    if (isLong && !of.isTold()) {
      tell.accept(
          Event.of(NOT_CLOSED, Severity.WARNING).with("month", month.toString()).with("why", why));
    }
    waiting.put(month, of.failed(now, of.isTold() || isLong, fault));
  }

  private void make(YearMonth month, IntervalRecord record, Figured figured, long wall)
      throws IOException {
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
            figured.bill(),
            figured.files());
    String text = sign.apply(made.json());
    folder.put(month, text);
    known.put(month, new Known(made.rev(), record.epoch(), record.seq()));
    isPlaceDue = true;
    while (known.size() > MOST_MONTHS) {
      folder.remove(known.pollFirstEntry().getKey());
    }
    to.accept(month, text);
  }

  /** A card that does not take it costs another look at the same records. */
  private void keepPlace() {
    Place reached = looked;
    if (!isPlaceDue || reached == null || !waiting.isEmpty()) {
      return;
    }
    try {
      folder.put(reached);
      isPlaceDue = false;
    } catch (IOException e) {
      log.debug("what was looked at cannot be kept: {}", e.toString());
    }
  }

  @Override
  public void close() {
    // What was made is on the card.
  }
}
