package io.lingtan.agent.meter;

import io.lingtan.agent.meter.PowerComparison.Verdict;
import io.lingtan.agent.meter.PowerComparison.Window;
import io.lingtan.agent.meter.RegisterChange.Advanced;
import io.lingtan.agent.meter.RegisterChange.Confirmed;
import io.lingtan.agent.meter.RegisterChange.Doubted;
import io.lingtan.agent.meter.RegisterChange.First;
import io.lingtan.agent.meter.RegisterChange.Glitch;
import io.lingtan.agent.meter.RegisterChange.Leapt;
import io.lingtan.agent.meter.RegisterChange.Rebased;
import io.lingtan.agent.meter.RegisterChange.Retracted;
import io.lingtan.agent.meter.RegisterChange.RolledOver;
import io.lingtan.agent.meter.Roles.Source;
import io.lingtan.agent.meter.TariffRegisters.Difference;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Decimal;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Interval.Span;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sample.Stat;
import io.lingtan.agent.reading.Times;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Site.Exchange;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.Site.Place;
import io.lingtan.agent.site.place.Sun;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One figure of one meter: the register or power that feeds it, and the line that comes of it. */
public final class MeterChannel {

  private static final double IDLE_SHARE = 0.01;

  /** A source that slept may show a total of 0 while it starts: ten minutes. */
  private static final long WAKING_MILLIS = 10 * 60_000L;

  private final Meter meter;
  private final Source source;
  private final Point point;
  private final RegisterSpec spec;
  private final EnergyLines lines;
  private final Integrator integrator;
  private final long maxInterpolation;
  private final @Nullable StuckWatch stuck;
  private final @Nullable PowerComparison comparison;
  private final @Nullable TariffRegisters tariffs;
  private final @Nullable DirectionWatch directions;

  /** These, as far as its device's profile has what they need, by their names. */
  private final SequencedMap<String, MeterCheck> checks = new LinkedHashMap<>();

  /** Of a gas meter that does not count at its reference state; null for all others. */
  private final @Nullable GasCorrection correction;

  /** By which what is being counted is multiplied. */
  private double correcting = 1;

  /** What of the corrected count is less than a millionth, for the next one. */
  private double rest;

  private final Sun sun;
  private final boolean sleeps;
  private final long wakingMillis;
  private final List<Exchange> exchanges;
  private final ZoneId zone;

  /** When it counted what is not believed, as far back as boundaries are kept. */
  private Times doubtful = Times.NONE;

  /** What the register's counts are multiplied by, by the profile and the site file. */
  private final String scale;

  /** By which its last reading was. */
  private String scaleBefore;

  /** When the exchanges were that were taken over, or told to be too old. */
  private final SortedSet<Long> written = new TreeSet<>();

  private RegisterState register;

  /** Whether samples of before are folded again, which another site file may have scaled. */
  private boolean isResuming;

  private String trouble = "no reading";

  /** Whether its device gave less than a hundredth of its rating when it last said. */
  private boolean quiet;

  /** Of the sample that is being taken: since when a glitch has been believed. */
  private long touchedFrom = Long.MAX_VALUE;

  MeterChannel(
      Meter meter,
      Device device,
      Source source,
      IntervalGrid grid,
      long maxInterpolation,
      Sun sun,
      Place place) {
    this.meter = meter;
    this.correction = source.figure() == Figure.GAS ? GasCorrection.of(meter, device, place) : null;
    this.source = source;
    Point counting = source.register();
    this.point = counting == null ? source.power() : counting;
    this.spec =
        counting == null
            ? new RegisterSpec(0, 1, 0, 0, source.ratePerHour())
            : spec(device, source, counting);
    this.scale = counting == null ? "" : RegisterSpec.scale(device, counting);
    this.scaleBefore = scale;
    this.lines =
        new EnergyLines(
            grid,
            maxInterpolation,
            spec.modulusMicros(),
            source.figure() == Figure.GRID_IMPORT,
            correction != null);
    this.integrator = new Integrator(source.sign());
    this.maxInterpolation = maxInterpolation;
    this.wakingMillis =
        device.profile().sleepsAtNight() && device.profile().kind().isSource() ? WAKING_MILLIS : 0;
    this.register = new RegisterState(spec, wakingMillis);
    int direction = counting == null ? 1 : StuckWatch.sign(counting);
    boolean isBeside =
        counting != null
            && counting.quantity().isRegister()
            && isActive(counting)
            && goes(RegisterSpec.power(device, source.power()), direction);
    this.stuck = isBeside ? new StuckWatch(source.power(), direction, spec) : null;
    this.comparison =
        isBeside
            ? new PowerComparison(device, source.power(), direction, spec, maxInterpolation)
            : null;
    this.tariffs = counting == null ? null : TariffRegisters.of(device, counting, spec);
    if (stuck != null && comparison != null) {
      checks.put("stuck", stuck);
      checks.put("power", comparison);
    }
    if (tariffs != null) {
      checks.put("tariffs", tariffs);
    }
    this.directions =
        isBeside && counting != null && goesOneWay(source.figure(), device, counting)
            ? new DirectionWatch(
                source.power(), Point.of(counting.quantity().opposite()), direction, spec)
            : null;
    if (directions != null) {
      checks.put("directions", directions);
    }
    if (correction != null) {
      checks.put("gas", correction);
    }
    if (lines.raw() != null) {
      checks.put("raw", lines.raw());
    }
    this.sun = sun;
    this.zone = grid.zone();
    this.exchanges =
        meter.exchanges().stream().filter(exchange -> exchange.point().equals(point)).toList();
    // A hybrid inverter that is silent at night may be giving what its battery has.
    this.sleeps =
        device.profile().sleepsAtNight()
            && device.profile().kind().isSource()
            && !meter.isBehindInverter();
  }

  /** Whether a power is there and can have this sign: one without a sign goes one way only. */
  private static boolean goes(@Nullable RegisterPoint power, int direction) {
    return power != null && (power.isSigned() || power.scale().signum() == direction);
  }

  /** Whether a meter of both directions is there for one of them alone. */
  private static boolean goesOneWay(Figure figure, Device device, Point counting) {
    boolean both =
        counting.quantity() == Quantity.ENERGY_IMPORT
            || counting.quantity() == Quantity.ENERGY_EXPORT;
    return both
        && (figure == Figure.LOAD
            || figure == Figure.PV_GENERATION
            || figure == Figure.CHP_GENERATION)
        && RegisterSpec.find(device, Point.of(counting.quantity().opposite())) != null;
  }

  private static boolean isActive(Point point) {
    return point.quantity() != Quantity.REACTIVE_ENERGY_IMPORT
        && point.quantity() != Quantity.REACTIVE_ENERGY_EXPORT;
  }

  private static RegisterSpec spec(Device device, Source source, Point counting) {
    RegisterPoint declared = RegisterSpec.find(device, counting);
    return declared == null
        ? new RegisterSpec(0, 1, 0, 0, source.ratePerHour())
        : RegisterSpec.of(device, declared, source.ratePerHour());
  }

  public Figure figure() {
    return source.figure();
  }

  public Meter meter() {
    return meter;
  }

  /** Whether it adds up power for want of a register. */
  public boolean isDerived() {
    return source.register() == null;
  }

  /** {@code meter/point}, as in an interval record's {@code registers}. */
  public String key() {
    return meter.id() + "/" + point.name();
  }

  /** Names it in a checkpoint. */
  String name() {
    return key() + "/" + source.figure().metric();
  }

  /** One step of its register where it is now, in millionths; 0 where power is integrated. */
  public long step() {
    return isDerived() ? 0 : spec.step(lines.told().reading());
  }

  /** Everything that is believed to have been counted, millionths. */
  public long total() {
    return lines.told().total();
  }

  /** When its newest reading that is believed was taken, UTC ms. */
  public long knownUntil() {
    return lines.told().knownUntil();
  }

  /**
   * The register's doings since the last sample of its device.
   *
   * @return the instant from which on figures may have changed, {@link Long#MAX_VALUE} if none has
   */
  long observe(Sample sample, Mark at, Consumer<Event> events) {
    // A first reading says nothing of the time before it: what was told of that stays as it is.
    long before = lines.told().isStarted() ? lines.told().knownUntil() : at.wallMillis() - 1;
    touchedFrom = Long.MAX_VALUE;
    take(sample, at, events);
    touchedFrom = Math.min(touchedFrom, lines.takeUnclearFrom());
    return Math.min(touchedFrom, lines.told().knownUntil() > before ? before : Long.MAX_VALUE);
  }

  private void take(Sample sample, Mark at, Consumer<Event> events) {
    if (correction != null) {
      correction.observe(sample, at);
    }
    if (!sample.values().has(point)) {
      Reason reason = sample.failed() != null ? sample.failed() : sample.bad().get(point);
      if (reason != null) {
        trouble = reason.code();
      }
      if (sleeps && sample.failed() != null) {
        sleep(at);
      } else if (Reason.LOST_PULSES.equals(reason)) {
        // The total goes on from where it was: nothing in it shows what was not counted.
        lines.breakUntil(at);
      }
      return;
    }
    if (sleeps) {
      watchPower(sample);
    }
    if (correction != null) {
      correcting = correction.factor(at);
      if (Double.isNaN(correcting)) {
        // What is counted meanwhile comes with the next reading that can be corrected.
        trouble = "no temperature or pressure of the gas";
        return;
      }
    }
    long value = sample.values().micros(point);
    exchanges(at, events);
    if (isDerived()) {
      Stat stat = sample.stats().get(point);
      integrate(stat == null ? value : stat.mean(), at);
    } else {
      scaleBefore = isResuming ? scaleBefore : scale;
      long before = lines.told().total();
      RegisterChange change = register.observe(value, at);
      apply(change, value, at, events);
      compare(change, lines.told().total() - before, value, sample, at, events);
      direct(change, sample, at, events);
      Difference apart = tariffs == null ? null : tariffs.observe(value, sample.values());
      if (apart != null) {
        events.accept(event(apart));
      }
      if (stuck != null && stuck.observe(value, sample, at)) {
        events.accept(
            Event.of("meter.stuck", Severity.WARNING, meter.device())
                .with("meter", meter.id())
                .with("point", point.name())
                .with("reading", new Decimal(value))
                .with("since", stuck.since())
                .with("missed", new Decimal(stuck.missedMilliwattHours())));
        // What was told as measured since it stands still was not.
        touchedFrom = Math.min(touchedFrom, stuck.since());
      }
    }
  }

  /** Holds what was counted against the power beside it. */
  private void compare(
      RegisterChange change,
      long counted,
      long reading,
      Sample sample,
      Mark at,
      Consumer<Event> events) {
    if (comparison == null) {
      return;
    }
    switch (change) {
      case First first -> comparison.begin();
      case Leapt leapt -> comparison.begin();
      case Retracted retracted -> comparison.begin();
      case Rebased rebased -> comparison.begin();
      default -> {
        Window window = comparison.observe(counted, reading, sample, at);
        if (window != null) {
          touchedFrom = Math.min(touchedFrom, window.touchedFrom());
          if (window.verdict() != window.before()) {
            events.accept(event(window));
          }
        }
      }
    }
  }

  /** Holds the direction in which it counts against its role. */
  private void direct(RegisterChange change, Sample sample, Mark at, Consumer<Event> events) {
    if (directions == null || change instanceof Doubted) {
      return;
    }
    DirectionWatch.Turn turn =
        change instanceof Advanced(long counted)
            ? directions.observe(counted > 0, sample, at)
            : directions.begin(at);
    if (turn == DirectionWatch.Turn.NONE) {
      return;
    }
    boolean over = turn == DirectionWatch.Turn.ENDS;
    events.accept(
        Event.of("meter.against_role", over ? Severity.INFO : Severity.ALARM, meter.device())
            .with("meter", meter.id())
            .with("point", point.name())
            .with("since", directions.since())
            .with("counted", new Decimal(directions.counted()))
            .with("over", over));
    if (!over) {
      // That nothing went the right way was told as measured.
      touchedFrom = Math.min(touchedFrom, directions.since());
    }
  }

  private Event event(Window window) {
    return Event.of("meter.power_disagrees", Severity.WARNING, meter.device())
        .with("meter", meter.id())
        .with("point", point.name())
        .with("from", window.from())
        .with("to", window.to())
        .with("counted", new Decimal(window.counted()))
        .with("made", new Decimal(window.made()))
        .with("suspect", window.verdict() == Verdict.SUSPECT)
        .with("over", window.verdict() == Verdict.GOOD);
  }

  private Event event(Difference apart) {
    return Event.of("meter.tariffs_disagree", Severity.WARNING, meter.device())
        .with("meter", meter.id())
        .with("point", point.name())
        .with("total", new Decimal(apart.total()))
        .with("sum", new Decimal(apart.sum()))
        .with("over", apart.over());
  }

  /** Exchanges that were written down and lie between the last reading and this one. */
  private void exchanges(Mark at, Consumer<Event> events) {
    for (Exchange exchange : exchanges) {
      long millis = exchange.at().atZone(zone).toInstant().toEpochMilli();
      boolean late = lines.told().isStarted() && millis <= lines.told().knownUntil();
      // What is late is told with a new reading: one that is folded again has told its events.
      if (millis > at.wallMillis() || (late && isResuming) || !written.add(millis)) {
        continue;
      }
      if (late) {
        // The new device's readings were taken for the old one's already.
        events.accept(
            event(
                    "meter.exchange_refused",
                    Severity.WARNING,
                    exchange.oldMicros(),
                    exchange.newMicros())
                .with("at", millis)
                .with("why", "it is older than the last reading"));
      }
      if (late || !lines.told().isStarted()) {
        continue;
      }
      long before = at.wallMillis() - millis;
      Mark then = new Mark(at.boot(), at.nanos() - before * 1_000_000, millis);
      if (comparison != null) {
        // What the old device still counted is not the new one's.
        comparison.begin();
      }
      long old = exchange.oldMicros();
      long fresh = exchange.newMicros();
      try {
        if (register.exchanged(old, fresh, then) instanceof Advanced(long counted)) {
          count(then, counted, old);
          count(then, 0, fresh);
        }
        events.accept(event("meter.exchanged", Severity.INFO, old, fresh));
      } catch (IllegalArgumentException e) {
        // The old device cannot have read that: the new one is believed all the same.
        register.exchanged();
        events.accept(
            event("meter.exchange_refused", Severity.WARNING, old, fresh)
                .with("at", millis)
                .with("why", "the old device cannot have read that"));
      }
    }
  }

  /** What it gave last, to tell sleep from a fault. */
  private void watchPower(Sample sample) {
    if (sample.values().has(Roles.POWER)) {
      quiet = Math.abs(sample.values().micros(Roles.POWER)) < IDLE_SHARE * meter.ratedKw() * 1e9;
    }
  }

  /** Silent in the dark after giving next to nothing: it sleeps, and has made nothing since. */
  private void sleep(Mark at) {
    if (quiet && sun.isDown(at.wallMillis())) {
      lines.sleep(at);
    }
  }

  private void integrate(long meanMicrowatts, Mark at) {
    long counted = integrator.add(meanMicrowatts, at, maxInterpolation);
    if (!lines.told().isStarted()) {
      lines.start(at, integrator.total());
    } else if (counted < 0) {
      lines.breakUntil(at, integrator.total());
    } else {
      count(at, counted, integrator.total());
    }
  }

  private void apply(RegisterChange outcome, long reading, Mark at, Consumer<Event> events) {
    switch (outcome) {
      case First() -> lines.start(at, reading);
      case Advanced(long counted) -> count(at, counted, reading);
      case RolledOver(long before, long after, long counted) -> {
        count(at, counted, reading);
        events.accept(event("meter.rollover", Severity.INFO, before, after));
      }
      case Doubted(long before, long seen, long limit) -> trouble = Reason.SUSPECT.code();
      case Glitch(long before, long seen, long counted) -> {
        count(at, counted, reading);
        events.accept(event("meter.glitch", Severity.WARNING, before, seen));
      }
      case Confirmed(Mark since, long then, long countedUntil, long counted) -> {
        count(since, countedUntil, then);
        count(at, counted, reading);
      }
      case Leapt(Mark from, long before, Mark since, long then, long leapt, long counted) -> {
        doubtful = doubtful.and(Times.of(from.wallMillis(), since.wallMillis()));
        count(since, leapt, then);
        count(at, counted, reading);
        events.accept(event("meter.doubtful_rise", Severity.WARNING, before, then));
      }
      case Retracted(long before, long seen, Mark since, long then, long until, long counted) -> {
        retract(since, then, until);
        count(at, counted, reading);
        events.accept(event("meter.glitch", Severity.WARNING, before, seen));
      }
      case Rebased(
              RegisterChange.Cause cause,
              long before,
              Mark since,
              long after,
              long counted) -> {
        trouble = cause.word();
        lines.breakUntil(since, after);
        if (!since.equals(at)) {
          count(at, counted, reading);
        }
        events.accept(event(cause.event(), Severity.WARNING, before, after));
      }
    }
  }

  private void retract(Mark since, long reading, long countedUntil) {
    if (lines.takeBack()) {
      touchedFrom = lines.told().knownUntil();
      count(since, countedUntil, reading);
    } else {
      // The clock was set since: what the glitch added can no longer be told from the rest.
      trouble = Reason.SUSPECT.code();
      lines.breakUntil(since, reading);
    }
  }

  private void count(Mark at, long counted, long reading) {
    long amount = counted;
    if (correction != null) {
      double exact = counted * correcting + rest;
      amount = (long) exact;
      rest = exact - amount;
    }
    lines.count(at, amount, counted, reading);
  }

  private Event event(String name, Severity severity, long before, long after) {
    return Event.of(name, severity, meter.device())
        .with("meter", meter.id())
        .with("point", point.name())
        .with("before", new Decimal(before))
        .with("after", new Decimal(after));
  }

  /** Another meter hangs there now, whose reading the old one's says nothing about. */
  void exchanged() {
    register.exchanged();
  }

  /**
   * What the journal had was taken up. If the site file scales the register otherwise since, its
   * readings from now on say nothing about those before.
   */
  void resumed() {
    isResuming = false;
    register.rescaled(!scale.equals(scaleBefore));
  }

  /** What was counted between two boundaries. */
  public Metric between(long start, long end) {
    Metric counted =
        lines
            .told()
            .between(
                start,
                end,
                source.figure().ucum(),
                isDerived() || correction != null,
                meter.device() + ": " + trouble);
    boolean wrong = stuck != null && stuck.isStuckIn(start, end);
    boolean leapt = !doubtful.within(Times.of(start, end)).isNone();
    boolean disagrees = comparison != null && comparison.isSuspectIn(start, end);
    Long micros = counted.micros();
    boolean against = directions != null && directions.isAgainstIn(start, end);
    return micros != null
            && (wrong || leapt || disagrees || against || isTooMuch(micros, start, end))
        ? suspect(counted)
        : counted;
  }

  /** {@code max_rate} is the register's, and says nothing of what its counts are brought to. */
  private boolean isTooMuch(long micros, long start, long end) {
    EnergyLines.RawCount raw = lines.raw();
    if (raw == null) {
      return spec.isTooMuch(micros, end - start, lines.told().total());
    }
    Long counted = raw.line().between(start, end, "m3", false, trouble).micros();
    return counted != null && spec.isTooMuch(counted, end - start, raw.line().total());
  }

  /** What it counts in these times is not believed. */
  void doubt(Times times) {
    doubtful = doubtful.and(times);
  }

  private static Metric suspect(Metric counted) {
    return counted.of(counted.quality().worse(Quality.SUSPECT));
  }

  /** The greatest sliding demand in an interval; null but for what the site takes of the grid. */
  public @Nullable Metric sliding(long start, long end) {
    SlidingDemand sliding = lines.sliding();
    if (sliding == null) {
      return null;
    }
    long first = sliding.firstEnd();
    String why =
        first > end && lines.told().firstAt() < end
            ? "its first 15 minutes are over at " + minute(first)
            : trouble;
    return sliding.greatest(start, end, meter.device() + ": " + why);
  }

  /** What was counted between whole minutes; null but for what the site takes of the grid. */
  @Nullable Metric minutes(long start, long end) {
    SlidingDemand sliding = lines.sliding();
    return sliding == null
        ? null
        : sliding.line().between(start, end, "kW.h", isDerived(), trouble);
  }

  /** Mean power in a sample of its device, W in millionths; null if the sample has none. */
  @Nullable Long power(Sample sample) {
    if (!sample.device().equals(meter.device()) || !sample.values().has(source.power())) {
      return null;
    }
    Stat stat = sample.stats().get(source.power());
    return source.sign() * (stat == null ? sample.values().micros(source.power()) : stat.mean());
  }

  private String minute(long millis) {
    LocalDateTime local = Instant.ofEpochMilli(millis).atZone(zone).toLocalDateTime();
    return local.toString().replace('T', ' ');
  }

  /** The register's readings at two boundaries, null unless it has them and they are the count. */
  public @Nullable Span readings(long start, long end) {
    return isDerived() || correction != null ? null : lines.told().readings(start, end);
  }

  void forget(long horizon, Collection<Long> pins) {
    lines.forget(horizon, pins);
    long oldest = pins.stream().mapToLong(Long::longValue).min().orElse(horizon);
    doubtful = doubtful.without(Long.MIN_VALUE, Math.min(oldest, horizon));
    checks.values().forEach(each -> each.forget(Math.min(oldest, horizon)));
  }

  void checkpoint(CheckpointWriter to) {
    register.checkpoint(to);
    integrator.checkpoint(to);
    lines.checkpoint(to);
    to.text(trouble).flag(quiet).text(scaleBefore).times(doubtful);
    to.number(Double.doubleToLongBits(rest)).number(written.size());
    written.forEach(to::number);
    to.number(checks.size());
    checks.forEach(
        (name, check) -> {
          CheckpointWriter own = new CheckpointWriter();
          check.checkpoint(own);
          to.text(name).bytes(own.bytes());
        });
  }

  void restore(CheckpointReader from, boolean sameGrid) {
    register = RegisterState.from(from, spec, wakingMillis);
    integrator.restore(from);
    lines.restore(from, sameGrid);
    trouble = from.text();
    quiet = from.flag();
    scaleBefore = from.text();
    doubtful = from.times();
    rest = Double.longBitsToDouble(from.number());
    for (int left = from.count(); left > 0; left--) {
      written.add(from.number());
    }
    // Those that its device's profile had then: another has others.
    for (int left = from.count(); left > 0; left--) {
      MeterCheck check = checks.get(from.text());
      CheckpointReader own = new CheckpointReader(from.bytes());
      if (check != null) {
        check.restore(own);
      }
    }
    isResuming = true;
  }

  /**
   * Knows again a boundary that was forgotten.
   *
   * @param since from when on it is known what was counted, not before {@code at}
   * @param known a boundary that was not forgotten
   * @param counted between the two
   */
  public void putBack(long at, long since, long known, Stretch counted) {
    lines.told().putBack(at, since, known, counted);
  }

  /** What its lines had counted of an interval that the wall clock leaves at {@code end}. */
  void left(long start, long end, Map<String, LeftInterval.Counted> counts) {
    lines.left(start, end, counts, name());
  }

  /** The wall clock was set back by hours: see {@link EnergyLine#setBack}. */
  void setBack(long to, long next, Collection<Long> keep, List<LeftInterval> back) {
    lines.setBack(to, next, keep, back, name());
  }

  /** The wall clock returns to time that it had left: see {@link EnergyLine#goOn}. */
  void goOn(long to, long now, Collection<Long> ends, List<LeftInterval> back) {
    lines.goOn(to, now, ends, back, name());
  }

  /** Boundaries are others from here on. */
  void regrid() {
    lines.regrid();
  }
}
