package io.lingtan.agent.ledger;

import static java.util.stream.Collectors.toCollection;

import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.meter.DemandWatch;
import io.lingtan.agent.meter.MeterChannel;
import io.lingtan.agent.reading.Caption;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Decimal;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Tariff;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Meters that contradict each other, and rules that fail, each told once when it begins and once
 * when it is over.
 *
 * <ul>
 *   <li>{@code meter.residual}: in an hour the metered loads take more than the site has, or less
 *       where the site file says that all of them are metered, by more than 1 % of what each meter
 *       counted and one step of every register
 *   <li>{@code meter.export_without_source}: in an hour more was exported than sources gave
 *   <li>{@code meter.hybrid_gain}: in an hour hybrid inverters gave more than went in
 *   <li>{@code meter.round_trip}: on a day a battery gave, and kept, more than it took
 *   <li>{@code meter.hydrogen_residual}: on a day what was made, given and gained by the tanks
 *       differs by more than 4 % of what passed: a dispenser of OIML R 139 class 2 is within 2 %,
 *       and a tank's mass by pressure and temperature about as good
 *   <li>{@code config.tariff_ends}: in 60 days or less no tariff tells the periods any more, or
 *       lists no holidays
 *   <li>{@code supply.share_missed}: of the year until the end of a month, direct supply does not
 *       keep its shares
 *   <li>{@code demand.near_limit}: if the present power stays, the running 15 minutes exceed what
 *       was agreed and is tolerated; over at the earliest in the next 15 minutes
 *   <li>{@code device.alarm}: a bit of a device's word of alarms is raised, and over
 *   <li>{@code agent.figures_failed}: a chapter of the figures could not be worked out
 * </ul>
 */
final class Alarms {

  private static final long SHARE = 100;
  private static final long HYDROGEN_SHARE = 25;

  /** 0.1 kg: what a gauge's step makes of a tank. */
  private static final long HYDROGEN_STEP = 100_000;

  /** 100 %, in millionths. */
  private static final long WHOLE = 100_000_000;

  private static final String SHARE_MISSED = "supply.share_missed";
  private static final List<String> SHARES =
      List.of("self_of_available", "self_of_use", "export_of_available");
  private static final String NEAR_LIMIT = "demand.near_limit";
  private static final String TARIFF_ENDS = "config.tariff_ends";
  private static final long TARIFF_NOTICE_DAYS = 60;

  private static final String DEVICE = "device.alarm/";
  private static final String UNEXPLAINED = "balance.unexplained_export";
  private static final String HYBRID_LOSS = "elec.hybrid.loss";
  private static final String ROUND_TRIP = "storage.rte_corrected";

  private static final List<String> IN =
      List.of(
          Figure.GRID_IMPORT.metric(),
          Figure.PV_GENERATION.metric(),
          Figure.CHP_GENERATION.metric(),
          Figure.BATTERY_DISCHARGE.metric());

  /** What honest meters of a balance may each be 1 % off of, beside the metered loads. */
  private static final List<String> PASSED =
      Stream.concat(
              IN.stream(), Stream.of(Figure.GRID_EXPORT.metric(), Figure.BATTERY_CHARGE.metric()))
          .toList();

  private final boolean allLoadsMetered;
  private final ZoneId zone;
  private final @Nullable Tariff tariff;
  private final boolean tariffExtras;
  private final long steps;

  /** What is wrong at present, and since when. */
  private final TreeMap<String, Long> present = new TreeMap<>();

  /** Words of alarms, by device and point. */
  private final Map<String, Point> words = new HashMap<>();

  /** Alarms of {@link #present} that nobody will hear of again: their word is not read any more. */
  private final List<String> gone = new ArrayList<>();

  /** Whether what is told is heard, and samples have no word any more that is not read. */
  private boolean resumed;

  Alarms(Site site, List<MeterChannel> channels) {
    this.allLoadsMetered = site.metering().allLoadsMetered();
    this.zone = site.place().zone();
    this.tariff = site.metering().tariff();
    this.tariffExtras = site.metering().tariffExtras();
    for (Device device : site.devices()) {
      for (Point point : device.profile().pointsGiven()) {
        if (point.form() instanceof Form.Bits) {
          words.put(device.id() + "/" + point.name(), point);
        }
      }
    }
    this.steps =
        channels.stream()
            .filter(channel -> channel.figure().ucum().equals("kW.h"))
            .mapToLong(MeterChannel::step)
            .sum();
  }

  /** A device was read: bits of its words of alarms may be others than before. */
  void device(Sample sample, long tsMillis, Consumer<Event> events) {
    gone.forEach(key -> bit(key, false, tsMillis, events));
    gone.clear();
    Values values = sample.values();
    for (int i = 0; i < values.size(); i++) {
      Point point = values.point(i);
      if (!(point.form() instanceof Form.Bits)) {
        continue;
      }
      String word = sample.device() + "/" + point.name();
      if (resumed && !words.containsKey(word)) {
        continue;
      }
      String prefix = DEVICE + word + "/";
      Set<String> before = Set.copyOf(present.subMap(prefix, prefix + "~").keySet());
      Set<String> raised =
          Form.bits(values.micros(i))
              .mapToObj(bit -> prefix + bit)
              .collect(toCollection(LinkedHashSet::new));
      raised.stream()
          .filter(key -> !before.contains(key))
          .forEach(key -> bit(key, true, tsMillis, events));
      before.stream()
          .sorted()
          .filter(key -> !raised.contains(key))
          .forEach(key -> bit(key, false, tsMillis, events));
    }
  }

  /** Another minute of the running 15 is over at the gate. */
  void demand(DemandWatch.Outlook outlook, Consumer<Event> events) {
    Long since = present.get(NEAR_LIMIT);
    boolean isOver = !outlook.isWarning() && since != null && since < outlook.blockStart();
    if ((outlook.isWarning() && since == null) || isOver) {
      Event event =
          Event.of(NEAR_LIMIT, isOver ? Severity.INFO : Severity.WARNING)
              .with("limit", decimal(outlook.limitKw()))
              .with("forecast", decimal(outlook.forecastKw()))
              .with("may_draw", decimal(outlook.mayDrawKw()))
              .with("remaining", (long) outlook.remainingSeconds())
              .with("start", since == null ? outlook.blockStart() : since)
              .with("over", isOver);
      if (isOver) {
        present.remove(NEAR_LIMIT);
      } else {
        present.put(NEAR_LIMIT, outlook.blockStart());
      }
      events.accept(event);
    }
  }

  /** Nobody watches the demand any more: what was told of it is over. */
  void withoutDemand(Consumer<Event> events) {
    Long since = present.remove(NEAR_LIMIT);
    if (since != null) {
      events.accept(
          Event.of(NEAR_LIMIT, Severity.INFO).with("start", (long) since).with("over", true));
    }
  }

  private static Decimal decimal(BigDecimal kw) {
    return new Decimal(kw.movePointRight(6).setScale(0, RoundingMode.HALF_UP).longValueExact());
  }

  private void bit(String key, boolean raised, long tsMillis, Consumer<Event> events) {
    String[] parts = key.substring(DEVICE.length()).split("/", 3);
    long bit = Long.parseLong(parts[2]);
    Event event =
        Event.of("device.alarm", raised ? Severity.WARNING : Severity.INFO, parts[0])
            .with("point", parts[1])
            .with("bit", bit)
            .with("raised", raised);
    Point point = words.get(parts[0] + "/" + parts[1]);
    Caption label = point == null ? null : point.bits().get((int) bit);
    if (label != null) {
      event = event.with("name", label.english()).with("name_zh", label.chinese());
    }
    if (raised) {
      present.put(key, tsMillis);
      events.accept(event);
    } else {
      Long since = present.remove(key);
      event = event.with("since", since == null ? tsMillis : since);
      events.accept(point == null ? event.with("why", "config") : event);
    }
  }

  /** A base interval was told for the first time. */
  void base(Interval interval, Map<String, String> failures, Consumer<Event> events) {
    failures(interval, failures, events);
  }

  /** In an hour it does not matter that meters are not read in the same second. */
  private void residual(Interval interval, Consumer<Event> events) {
    Metric residual = interval.metrics().get("balance.residual");
    Long micros = residual == null ? null : residual.micros();
    if (residual == null || micros == null || !(isGood(residual) || isCountedWell(interval))) {
      return;
    }
    long counted = value(interval, "elec.load.total") - micros;
    for (String name : PASSED) {
      counted += value(interval, name);
    }
    long tolerance = counted / SHARE + steps;
    boolean wrong = micros < -tolerance || (allLoadsMetered && micros > tolerance);
    Event event =
        Event.of("meter.residual", Severity.ALARM)
            .with("residual", new Decimal(micros))
            .with("tolerance", new Decimal(tolerance));
    tell("meter.residual", wrong, interval, event, events);
  }

  private static long value(Interval interval, String name) {
    Metric metric = interval.metrics().get(name);
    Long micros = metric == null ? null : metric.micros();
    return micros == null ? 0 : micros;
  }

  /** A longer interval was told for the first time. */
  void rollUp(Interval interval, Map<String, String> failures, Consumer<Event> events) {
    failures(interval, failures, events);
    switch (interval.length()) {
      case "1h" -> {
        residual(interval, events);
        contradiction("meter.export_without_source", UNEXPLAINED, "unexplained", interval, events);
        contradiction("meter.hybrid_gain", HYBRID_LOSS, "loss", interval, events);
      }
      case "1d" -> {
        tariff(interval, events);
        hydrogen(interval, events);
        contradiction("meter.round_trip", ROUND_TRIP, "percent", interval, events);
      }
      default -> {}
    }
  }

  /** Whether a figure of an interval is impossible: below 0 or above 100 %, and marked as that. */
  private void contradiction(
      String name, String figure, String key, Interval interval, Consumer<Event> events) {
    Metric metric = interval.metrics().get(figure);
    Long micros = metric == null ? null : metric.micros();
    boolean wrong =
        metric != null
            && micros != null
            && metric.quality() == Quality.SUSPECT
            && (figure.equals(HYBRID_LOSS)
                ? micros < 0
                : micros > (figure.equals(ROUND_TRIP) ? WHOLE : 0));
    Event event = Event.of(name, Severity.ALARM);
    tell(
        name,
        wrong,
        interval,
        micros == null ? event : event.with(key, new Decimal(micros)),
        events);
  }

  /** The list of periods or holidays ends soon, or has ended: time to give the next one. */
  private void tariff(Interval interval, Consumer<Event> events) {
    LocalDate today = LocalDate.ofInstant(Instant.ofEpochMilli(interval.endMillis()), zone);
    LocalDate tariffEnds = tariff == null ? null : tariff.on(today).lastDay(tariffExtras);
    long days = tariffEnds == null ? Long.MAX_VALUE : ChronoUnit.DAYS.between(today, tariffEnds);
    Event event = Event.of(TARIFF_ENDS, Severity.WARNING);
    tell(
        TARIFF_ENDS,
        days <= TARIFF_NOTICE_DAYS,
        interval,
        tariff == null || tariffEnds == null
            ? event
            : event
                .with("tariff", tariff.on(tariffEnds).name())
                .with("last", tariffEnds.toString())
                .with("days", days),
        events);
  }

  /**
   * A month is over.
   *
   * @param shares figures of its year until then
   * @param missed names of those that do not keep their limits; null where that cannot be said
   */
  void directSupply(
      Interval month,
      Map<String, Metric> shares,
      @Nullable List<String> missed,
      Consumer<Event> events) {
    if (missed == null) {
      return;
    }
    Event event = Event.of(SHARE_MISSED, Severity.ALARM).with("missed", String.join(" ", missed));
    for (String name : SHARES) {
      Metric share = shares.get("direct." + name);
      Long percent = share == null ? null : share.micros();
      event = percent == null ? event : event.with(name, new Decimal(percent));
    }
    tell(SHARE_MISSED, !missed.isEmpty(), month, event, events);
  }

  private void hydrogen(Interval interval, Consumer<Event> events) {
    Metric residual = interval.metrics().get("h2.balance_residual");
    Long micros = residual == null ? null : residual.micros();
    if (micros == null) {
      return;
    }
    Metric made = interval.metrics().get(Figure.H2_PRODUCED.metric());
    Metric given = interval.metrics().get(Figure.H2_DISPENSED.metric());
    Long produced = made == null ? null : made.micros();
    Long dispensed = given == null ? null : given.micros();
    if (produced == null || dispensed == null) {
      return;
    }
    long tolerance = Math.max(produced, dispensed) / HYDROGEN_SHARE + HYDROGEN_STEP;
    Event event =
        Event.of("meter.hydrogen_residual", Severity.ALARM)
            .with("residual", new Decimal(micros))
            .with("tolerance", new Decimal(tolerance));
    tell("meter.hydrogen_residual", Math.abs(micros) > tolerance, interval, event, events);
  }

  private void failures(Interval interval, Map<String, String> failures, Consumer<Event> events) {
    String prefix = "agent.figures_failed/" + interval.length() + "/";
    failures.forEach(
        (chapter, why) ->
            tell(
                prefix + chapter,
                true,
                interval,
                Event.of("agent.figures_failed", Severity.ALARM)
                    .with("interval", interval.length())
                    .with("figures", chapter)
                    .with("why", why),
                events));
    SequencedMap<String, Long> over = new LinkedHashMap<>(present.tailMap(prefix));
    over.keySet().removeIf(key -> !key.startsWith(prefix));
    for (String key : over.keySet()) {
      String chapter = key.substring(prefix.length());
      if (!failures.containsKey(chapter)) {
        Event event = Event.of("agent.figures_failed", Severity.ALARM).with("figures", chapter);
        tell(key, false, interval, event, events);
      }
    }
  }

  private void tell(
      String key, boolean wrong, Interval interval, Event event, Consumer<Event> events) {
    Long since = present.get(key);
    if (wrong && since == null) {
      present.put(key, interval.startMillis());
      events.accept(event.with("start", interval.startMillis()).with("over", false));
    } else if (!wrong && since != null) {
      present.remove(key);
      Event over = new Event(event.name(), Severity.INFO, event.device(), event.detail());
      events.accept(over.with("start", since).with("over", true));
    }
  }

  /** Whether what meters counted is good: then what is worked out of it is suspect by itself. */
  private static boolean isCountedWell(Interval interval) {
    return interval.metrics().entrySet().stream()
        .filter(each -> IN.contains(each.getKey()) || each.getKey().startsWith("elec.load."))
        .filter(each -> !each.getKey().equals("elec.load.total"))
        .allMatch(each -> isGood(each.getValue()));
  }

  private static boolean isGood(Metric metric) {
    return metric.quality() == Quality.MEASURED || metric.quality() == Quality.DERIVED;
  }

  void checkpoint(CheckpointWriter to) {
    to.number(present.size());
    present.forEach((key, since) -> to.text(key).number(since));
  }

  void restore(CheckpointReader from) {
    for (int left = from.count(); left > 0; left--) {
      present.put(from.text(), from.number());
    }
  }

  /** What the journal had of samples was folded again, which is told to nobody. */
  void resumed() {
    resumed = true;
    gone.addAll(present.subMap(DEVICE, DEVICE + "~").keySet());
    gone.removeIf(key -> words.containsKey(key.substring(DEVICE.length(), key.lastIndexOf('/'))));
  }
}
