package io.lingtan.agent.audit;

import io.lingtan.agent.audit.message.Arrived.Numbered;
import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.Tree;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What no number shows: times for which a device has no record, and what explains them.
 *
 * <p>A gap is judged when it is asked for, because its explanation may arrive after it. It is
 * explained where no stretch longer than two record periods is left outside the spans that are
 * accounted for: after a failed poll (with the breaker open there is one a minute), of an {@code
 * agent.start} since the crash or stop, of {@code journal.replaced} since what had come of the
 * journal before, of {@code poll.skipped} and {@code poll.late}, of a boot's {@code clock.bounds}
 * (its records have no date, and lie somewhere within); and of a device's absence from {@code
 * meta}, as long as the audit heard that it was.
 *
 * <p>A {@code clock.step} forward takes the time from..to, which never passed, off the stretch that
 * it lies in. One backward makes no gap between two records; only the gateway's newest time stays
 * ahead until the clock is there again, and by that much no device is late; the same where an
 * {@code agent.start} is dated before what it names as its {@code since}. A {@code clock.offset}
 * explains nothing: it dates records that had none.
 *
 * <p>Records without a date are not judged, and neither is the time beside them.
 *
 * <p>Bounds: {@value #MOST_DEVICES} devices, of further ones no gap is judged; {@value #MOST_GAPS}
 * gaps, beyond that those explained go, then the oldest is judged early; {@value #MOST_SPANS}
 * spans, beyond that the oldest is forgotten, and with it the gaps that it explains. One thread.
 */
final class Gaps {

  private static final int MOST_GAPS = 8_192;
  private static final int MOST_SPANS = 1_024;
  private static final int MOST_DEVICES = 4_096;

  /** With its breaker open a device has one record a minute; twice that, as for every period. */
  private static final long FAILED_MILLIS = 120_000;

  /** After its start an agent opens its lines; the first record may take that much longer. */
  private static final long STARTING_MILLIS = 5_000;

  /** Until the period is known: twice the default record period. */
  private static final long UNKNOWN_PERIOD_MILLIS = 10_000;

  private final List<Gap> gaps = new ArrayList<>();
  private final List<Span> spans = new ArrayList<>();
  private final Map<String, Long> periods = new TreeMap<>();
  private final TreeSet<String> present = new TreeSet<>();

  /** Devices that left. */
  private final Map<String, Left> gone = new HashMap<>();

  private long newestMillis = Numbered.UNDATED;
  private long stoppedMillis = Numbered.UNDATED;
  private long judgedEarly;

  /** Whether something was told since explained gaps were dropped. */
  private boolean isNewlyTold = true;

  /** What there is to say of a span of time. */
  private enum Kind {
    /** Why there are no records in it is told. */
    TOLD,
    /** It was between the device's leaving and its return, as far as the audit heard of them. */
    ABSENT,
    /** The wall clock left it out. */
    LEFT_OUT,
    /** The wall clock went through it twice. */
    TWICE
  }

  /**
   * A time that is accounted for.
   *
   * @param device null for every device
   */
  private record Span(Kind kind, @Nullable String device, long from, long to) {}

  /**
   * When a device left.
   *
   * @param since the gateway's newest time then
   * @param heard when that was heard, by the listener's clock
   */
  private record Left(long since, long heard) {}

  /** What {@link Gaps} found. */
  record Found(List<Gap> unexplained, long judgedEarly, List<String> withoutPeriod) {}

  /**
   * @param heard by the listener's clock, ms
   */
  void device(String id, long periodMillis, long heard) {
    if (!periods.containsKey(id) && !present.contains(id) && isFull()) {
      return; // its gaps are then not judged, and that is said
    }
    present.add(id);
    if (periodMillis > 0) {
      periods.put(id, periodMillis);
    }
    Left left = gone.remove(id);
    if (left != null && left.since != Numbered.UNDATED) {
      // By the clock that heard of both: where nobody had a record meanwhile, no other tells.
      long away = Math.max(0, heard - left.heard);
      long to = Math.max(newestMillis, left.since + away);
      span(new Span(Kind.ABSENT, id, left.since - STARTING_MILLIS, to + STARTING_MILLIS));
    }
  }

  /**
   * @param heard as of {@link #device}
   */
  void onlyThese(List<String> devices, long heard) {
    for (String id : List.copyOf(present)) {
      if (!devices.contains(id)) {
        gone(id, heard);
      }
    }
  }

  /**
   * @param heard as of {@link #device}
   */
  void gone(String id, long heard) {
    if (present.remove(id) || !isFull()) {
      gone.putIfAbsent(id, new Left(newestMillis, heard));
    }
  }

  private boolean isFull() {
    return periods.size() + present.size() + gone.size() >= 3 * MOST_DEVICES;
  }

  /** About how many bytes of memory it takes. */
  long weight() {
    return 64L * gaps.size()
        + 96L * spans.size()
        + 160L * (periods.size() + present.size() + gone.size());
  }

  /** Judges the older half of the gaps early. */
  void lighten() {
    dropExplained();
    limitGaps(gaps.size() / 2);
  }

  private void limitGaps(int most) {
    while (gaps.size() > most) {
      Gap oldest = gaps.stream().min(Comparator.comparingLong(Gap::to)).orElseThrow();
      gaps.remove(oldest);
      judgedEarly += isExplained(oldest) ? 0 : 1;
    }
  }

  /** Two neighbours of a device's stream. */
  void neighbours(String device, AfterLinks.End earlier, AfterLinks.End later) {
    gap(device, earlier, later.tsMillis(), true, gaps);
    if (gaps.size() > MOST_GAPS && isNewlyTold) {
      dropExplained();
    }
    limitGaps(MOST_GAPS);
  }

  /** Two record periods, and a hundredth: a wall clock that is being slewed shows them longer. */
  private long allowedMillis(String device) {
    long two = 2 * periods.getOrDefault(device, UNKNOWN_PERIOD_MILLIS);
    return two + two / 100;
  }

  private void gap(String device, AfterLinks.End earlier, long to, boolean ended, List<Gap> into) {
    long from = earlier.tsMillis();
    if (from == Numbered.UNDATED || to == Numbered.UNDATED) {
      return;
    }
    if (to - from > allowedMillis(device)) {
      into.add(new Gap(device, from, to, earlier.failed(), ended));
    }
  }

  /** Any record that came for the first time. */
  void record(Numbered record) {
    long ts = record.tsMillis();
    if (ts == Numbered.UNDATED) {
      return;
    }
    if (record.isData()) {
      newestMillis = Math.max(newestMillis, ts);
    }
    String event = record.event();
    if (event == null) {
      return;
    }
    Tree detail = record.detail();
    switch (event) {
      case "agent.stop" -> stoppedMillis = Math.max(stoppedMillis, ts);
      case "agent.start" -> {
        long since = detail.number("since", stoppedMillis);
        if (since != Numbered.UNDATED && since <= ts) {
          span(new Span(Kind.TOLD, null, since, ts + STARTING_MILLIS));
        } else if (since != Numbered.UNDATED) {
          // The clock was set back while nobody was there to say so.
          span(new Span(Kind.TWICE, null, ts, since));
        }
      }
      case "journal.replaced", "journal.store_ahead" -> {
        long since = Math.min(ts, detail.number("since", ts));
        span(new Span(Kind.TOLD, null, since, ts + STARTING_MILLIS));
      }
      case "poll.skipped", "poll.late" -> {
        // Told on a clock that had no date: the event has got one since.
        long shift = detail.has("clock") ? ts - detail.number("at", ts) : 0;
        String device = detail.textOrNull("device");
        long from = shift + detail.number("from", ts - shift);
        long to = shift + detail.number("to", ts - shift);
        span(new Span(Kind.TOLD, device == null ? record.device() : device, from, to));
      }
      case "clock.bounds" -> {
        long from = detail.number("not_before", ts);
        span(new Span(Kind.TOLD, null, from, detail.number("not_after", ts)));
      }
      case "clock.step" -> {
        long from = detail.number("from", ts);
        long to = detail.number("to", ts);
        if (to > from) {
          span(new Span(Kind.LEFT_OUT, null, from, to));
        } else if (to < from) {
          span(new Span(Kind.TWICE, null, to, from));
        }
      }
      default -> {}
    }
  }

  private void dropExplained() {
    gaps.removeIf(this::isExplained);
    isNewlyTold = false;
  }

  private void span(Span span) {
    if (spans.contains(span)) {
      return;
    }
    spans.add(span);
    isNewlyTold = true;
    if (spans.size() > MOST_SPANS) {
      // What the one that goes explains would be unexplained without it.
      dropExplained();
      spans.remove(spans.stream().min(Comparator.comparingLong(Span::to)).orElseThrow());
    }
  }

  /**
   * @param between neighbours in different epochs, and devices that stopped, found by the caller
   */
  Found find(List<Gap> between) {
    List<Gap> unexplained = new ArrayList<>();
    TreeSet<String> withoutPeriod = new TreeSet<>();
    for (List<Gap> some : List.of(gaps, between)) {
      for (Gap gap : some) {
        if (!periods.containsKey(gap.device())) {
          withoutPeriod.add(gap.device());
        } else if (!isExplained(gap)) {
          unexplained.add(gap);
        }
      }
    }
    unexplained.sort(Comparator.comparingLong(Gap::from).thenComparing(Gap::device));
    return new Found(unexplained, judgedEarly, List.copyOf(withoutPeriod));
  }

  /** Gaps of a device between two records that are not of one epoch. */
  void across(String device, AfterLinks.End earlier, AfterLinks.End later, List<Gap> into) {
    gap(device, earlier, later.tsMillis(), true, into);
  }

  /** The gap of a device after whose latest record only others have gone on. */
  void since(String device, AfterLinks.End latest, List<Gap> into) {
    if (present.contains(device)) {
      gap(device, latest, newestMillis, false, into);
    }
  }

  private boolean isExplained(Gap gap) {
    long allowed = allowedMillis(gap.device());
    List<Span> covering = new ArrayList<>();
    if (gap.failedBefore()) {
      covering.add(new Span(Kind.TOLD, null, gap.from(), gap.from() + FAILED_MILLIS));
    }
    for (Span span : spans) {
      boolean concerns = span.device() == null || span.device().equals(gap.device());
      boolean touches = span.to() >= gap.from() - allowed && span.from() <= gap.to() + allowed;
      if (concerns && touches) {
        switch (span.kind()) {
          case TOLD, ABSENT, LEFT_OUT -> covering.add(span);
          case TWICE -> {
            if (!gap.ended()) {
              covering.add(span);
            }
          }
        }
      }
    }
    covering.sort(Comparator.comparingLong(Span::from));
    long at = gap.from();
    long unaccounted = 0;
    for (Span span : covering) {
      unaccounted += Math.max(0, Math.min(span.from(), gap.to()) - at);
      if (span.kind() != Kind.LEFT_OUT) {
        // On both sides of a step of the clock it is one stretch; here one ends.
        if (unaccounted > allowed) {
          return false;
        }
        unaccounted = 0;
      }
      at = Math.max(at, span.to());
    }
    return unaccounted + gap.to() - at <= allowed;
  }

  Map<String, @Nullable Object> save() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    List<Object> list = new ArrayList<>();
    for (Gap gap : gaps) {
      list.add(
          Map.of(
              "device", gap.device(),
              "from", gap.from(),
              "to", gap.to(),
              "failed_before", gap.failedBefore()));
    }
    tree.put("gaps", list);
    List<Object> told = new ArrayList<>();
    for (Span span : spans) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("kind", span.kind().name());
      one.put("device", span.device());
      one.put("from", span.from());
      one.put("to", span.to());
      told.add(one);
    }
    tree.put("spans", told);
    tree.put("periods", periods);
    tree.put("present", List.copyOf(present));
    Map<String, @Nullable Object> since = new LinkedHashMap<>();
    Map<String, @Nullable Object> heard = new LinkedHashMap<>();
    gone.forEach(
        (device, left) -> {
          since.put(device, left.since);
          heard.put(device, left.heard);
        });
    tree.put("gone", since);
    tree.put("gone_heard", heard);
    tree.put("newest", newestMillis);
    tree.put("stopped", stoppedMillis);
    tree.put("judged_early", judgedEarly);
    return tree;
  }

  private static Kind kind(String name) throws Malformed {
    for (Kind kind : Kind.values()) {
      if (kind.name().equals(name)) {
        return kind;
      }
    }
    throw new Malformed("no kind of span " + name);
  }

  static Gaps from(Tree tree) throws Malformed {
    Gaps gaps = new Gaps();
    for (Tree gap : tree.trees("gaps")) {
      gaps.gaps.add(
          new Gap(
              gap.text("device"),
              gap.number("from"),
              gap.number("to"),
              gap.isTrue("failed_before"),
              true));
    }
    for (Tree span : tree.trees("spans")) {
      gaps.spans.add(
          new Span(
              kind(span.text("kind")),
              span.textOrNull("device"),
              span.number("from"),
              span.number("to")));
    }
    Tree periods = tree.object("periods");
    for (String device : periods.names()) {
      gaps.periods.put(device, periods.count(device));
    }
    for (Object device : tree.list("present")) {
      gaps.present.add(String.valueOf(device));
    }
    Tree gone = tree.object("gone");
    Tree heard = tree.object("gone_heard");
    for (String device : gone.names()) {
      long since = gone.number(device);
      // A file of an earlier version does not say when it was heard: about then.
      gaps.gone.put(device, new Left(since, heard.number(device, since)));
    }
    gaps.newestMillis = tree.number("newest");
    gaps.stoppedMillis = tree.number("stopped");
    gaps.judgedEarly = tree.count("judged_early");
    return gaps;
  }
}
