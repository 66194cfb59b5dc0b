package io.lingtan.agent.ledger;

import io.lingtan.agent.ledger.RandomSite.Register;
import io.lingtan.agent.ledger.RandomSite.SiteMeter;
import io.lingtan.agent.ledger.RandomSite.Trouble;
import io.lingtan.agent.ledger.TrueWorld.Flow;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds what was told of a site against what really flowed. How far a good figure may be off is
 * stated in {@code config/README.md} ("How far a good figure may be off"), and so is what no meter
 * of a site can show ("What cannot be seen"): both are written here once more, apart from the code
 * that they are about.
 */
final class SiteJudge {

  /** A figure that is off. */
  record Wrong(Interval interval, String figure, double told, double truth, double may, String q) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s rev %d from %d: %s told %.6f %s, truth %.6f, may be off by %.6f",
          interval.length(),
          interval.rev(),
          interval.startMillis(),
          figure,
          told / 1e6,
          q,
          truth / 1e6,
          may / 1e6);
    }
  }

  /** One count of one meter. */
  private record Counter(SiteMeter meter, String figure, Flow truth) {}

  /** A figure as a sum of counts, each with its sign. */
  private record Expected(Map<Counter, Integer> parts, double scale, boolean isBalance) {
    double truth(TrueWorld world, long from, long until, boolean isUse) {
      // What was used is known without any meter, though a source may have none.
      double truth = isUse ? world.of("used").between(from, until) : 0;
      for (Map.Entry<Counter, Integer> part : parts.entrySet()) {
        if (!isUse || part.getKey().figure.startsWith("elec.load.")) {
          truth += part.getValue() * part.getKey().truth.between(from, until) * scale;
        }
      }
      return truth;
    }
  }

  private static final double CLASS = 0.01;
  private static final double HOUR = 3_600_000;
  private static final long MINUTE = 60_000;
  private static final List<String> IN =
      List.of(
          "elec.grid.import",
          "elec.pv.generation",
          "elec.chp.generation",
          "elec.battery.discharge");

  final List<Wrong> wrong = new ArrayList<>();
  int intervals;
  int suspectIntervals;
  final List<String> suspects = new ArrayList<>();
  int judged;
  int unseen;

  private final RandomSite site;
  private final SitePlay play;
  private final Map<String, Expected> expected = new LinkedHashMap<>();

  SiteJudge(RandomSite site, SitePlay play) {
    this.site = site;
    this.play = play;
    expect();
  }

  private void expect() {
    Map<String, List<Counter>> counters = new LinkedHashMap<>();
    for (SiteMeter meter : site.meters) {
      meter.truths.forEach(
          (figure, truth) ->
              counters
                  .computeIfAbsent(figure, fresh -> new ArrayList<>())
                  .add(new Counter(meter, figure, truth)));
    }
    counters.forEach((figure, all) -> expected.put(figure, sum(all, 1)));
    counters.forEach(
        (figure, all) -> {
          if (all.size() > 1) {
            all.forEach(each -> expected.put(figure + "." + each.meter.id, sum(List.of(each), 1)));
          }
        });
    behind(counters, "elec.pv.generation", "elec.hybrid.pv");
    behind(counters, "elec.battery.charge", "elec.hybrid.charge");
    behind(counters, "elec.battery.discharge", "elec.hybrid.discharge");
    expected.computeIfPresent(
        "heat.energy", (name, heat) -> new Expected(heat.parts, 0.0036, false));
    if (counters.containsKey("fuel.gas.volume")) {
      double normal = 273.15 / (273.15 + site.gasCelsius);
      expected.put("fuel.gas.normal", sum(counters.get("fuel.gas.volume"), normal));
    }
    Map<Counter, Integer> balance = new LinkedHashMap<>();
    Map<Counter, Integer> loss = new LinkedHashMap<>();
    counters.forEach(
        (figure, all) -> {
          for (Counter each : all) {
            boolean isHybrid = isBehind(each);
            int sign =
                switch (figure) {
                  case "elec.grid.import", "elec.chp.generation", "elec.hybrid.output" -> 1;
                  case "elec.grid.export", "elec.hybrid.input" -> -1;
                  case "elec.pv.generation", "elec.battery.discharge" -> isHybrid ? 0 : 1;
                  case "elec.battery.charge" -> isHybrid ? 0 : -1;
                  default -> 0;
                };
            if (sign != 0) {
              balance.put(each, sign);
            }
            int behind =
                switch (figure) {
                  case "elec.pv.generation", "elec.battery.discharge", "elec.hybrid.input" -> 1;
                  case "elec.battery.charge", "elec.hybrid.output" -> -1;
                  default -> 0;
                };
            if (isHybrid && behind != 0) {
              loss.put(each, behind);
            }
          }
        });
    expected.put("elec.load.total", new Expected(balance, 1, true));
    if (!loss.isEmpty()) {
      expected.put("elec.hybrid.loss", new Expected(loss, 1, true));
    }
    Map<Counter, Integer> rest = new LinkedHashMap<>(balance);
    boolean floor = counters.containsKey("elec.load.floor");
    counters.forEach(
        (figure, all) -> {
          boolean isBelow =
              floor && (figure.equals("elec.load.l0") || figure.equals("elec.load.l1"));
          if (figure.startsWith("elec.load.") && !isBelow) {
            all.forEach(each -> rest.put(each, -1));
          }
        });
    if (rest.size() > balance.size()) {
      expected.put("balance.residual", new Expected(rest, 1, true));
    }
    expected.put("co2.scope2.location", sum(counters.get("elec.grid.import"), 1));
    if (site.base.equals("15m")) {
      expected.put("demand.block", sum(counters.get("elec.grid.import"), 4));
    }
  }

  /** On the DC side of an inverter, or that inverter. */
  private static boolean isBehind(Counter counter) {
    return counter.meter.keys.contains("coupling: dc");
  }

  private void behind(Map<String, List<Counter>> counters, String all, String part) {
    List<Counter> behind =
        counters.getOrDefault(all, List.of()).stream().filter(SiteJudge::isBehind).toList();
    if (!behind.isEmpty()) {
      expected.put(part, sum(behind, 1));
    }
  }

  private static Expected sum(@Nullable List<Counter> all, double scale) {
    Map<Counter, Integer> parts = new LinkedHashMap<>();
    Objects.requireNonNull(all).forEach(each -> parts.put(each, 1));
    return new Expected(parts, scale, false);
  }

  void run() {
    for (String length : List.of(site.base, "1h", "1d")) {
      for (Interval interval : play.out.newest(length).values()) {
        judge(interval);
      }
    }
  }

  private void judge(Interval interval) {
    long begins = began(interval.startMillis());
    long ends = began(interval.endMillis());
    long longest = site.meters.stream().mapToLong(site::readEach).max().orElse(0);
    boolean isSet = overlapsStep(interval, longest);
    if (!isSet && overlapsStep(interval, -longest)) {
      // A meter may not have been read where it overlaps.
      return;
    }
    intervals++;
    List<String> doubted = new ArrayList<>();
    interval
        .metrics()
        .forEach(
            (name, metric) -> {
              if (metric.quality() == Quality.SUSPECT && !isOfUnknownMix(name)) {
                doubted.add(name);
              }
            });
    if (!site.trouble.isWrong() && !doubted.isEmpty()) {
      suspectIntervals++;
      suspects.add(interval.length() + " " + interval.startMillis() + " " + doubted);
    }
    expected.forEach(
        (name, figure) -> {
          Metric metric = interval.metrics().get(name);
          if (metric == null || metric.micros() == null || metric.quality() == Quality.SUSPECT) {
            return;
          }
          judged++;
          double told = metric.micros();
          double scale = figure.scale * factor(interval, metric);
          if (name.equals("demand.block") && !interval.length().equals("15m")) {
            return;
          }
          boolean isUse = name.equals("elec.load.total") || name.equals("balance.residual");
          double truth =
              figure.truth(site.world, Math.max(0, begins), ends, isUse) * scale / figure.scale;
          double may = 1;
          for (Counter each : figure.parts.keySet()) {
            may += tolerance(each, begins, ends) * scale;
          }
          boolean isOff = Math.abs(told - truth) > may + 2;
          if (metric.quality() == Quality.PARTIAL) {
            isOff = !figure.isBalance && (told > truth + may + 2 || told < 0);
          }
          if (isSet) {
            isOff = metric.quality() != Quality.PARTIAL && !figure.isBalance;
          }
          if (!isOff) {
            return;
          }
          if (isInvisible(interval, name, figure, begins, ends, told / scale)) {
            unseen++;
          } else {
            wrong.add(new Wrong(interval, name, told, truth, may, metric.quality().word()));
          }
        });
  }

  /** What batteries and tanks held when counting began is not known before it was given away. */
  private boolean isOfUnknownMix(String name) {
    boolean hasBattery = site.shape.batteryKw() + site.shape.hybridBatteryKw() > 0;
    return name.matches("h2[.](stock|dispensed)_c.*")
        || (hasBattery && name.matches("storage[.]pool.*|co2[.](battery|load)[.].*|h2[.]c.*"));
  }

  private static double factor(Interval interval, Metric metric) {
    if (metric.factor() == null) {
      return 1;
    }
    FactorUsed used = interval.factors().get(metric.factor());
    return used == null ? 1 : Double.parseDouble(used.value());
  }

  /** When it was that wall time, ms since the world began. */
  private long began(long wall) {
    long before = wall - site.startMillis;
    boolean isAfter = site.trouble == Trouble.CLOCK_STEP && before > site.from;
    return isAfter ? before - (long) site.factor : before;
  }

  /** Whether it overlaps time that the clock skipped or went through twice. */
  private boolean overlapsStep(Interval interval, long within) {
    if (site.trouble != Trouble.CLOCK_STEP
        || Math.abs(site.factor) <= Math.max(500, site.baseMillis / 100.0)) {
      return false;
    }
    long at = site.startMillis + site.from;
    long there = at + (long) site.factor;
    return interval.startMillis() < Math.max(at, there) - within
        && interval.endMillis() > Math.min(at, there) + within;
  }

  /**
   * How far a count may be off: 1 % of it, a step of its register at either end, and what flowed
   * between the readings on either side of each of its ends; of integrated power also what it
   * changed by between readings.
   */
  private double tolerance(Counter counter, long begins, long ends) {
    boolean isCounted = counter.meter.feedsByRegister(counter.figure);
    double may = CLASS * counter.truth.between(Math.max(0, begins), ends);
    may += 2 * counter.meter.stepOf(counter.figure);
    may += between(counter, begins) + between(counter, ends);
    if (site.trouble == Trouble.CLOCK_STEP && site.factor != 0) {
      // A clock that is set by less than it takes to say so.
      double set = Math.max(500, site.baseMillis / 100.0);
      may += counter.truth.fastest() * Math.min(set, Math.abs(site.factor)) / HOUR * 2;
    }
    return isCounted ? may : may + restless(counter, begins, ends);
  }

  private double between(Counter counter, long at) {
    boolean isCounted = counter.meter.feedsByRegister(counter.figure);
    TreeSet<Long> read =
        Objects.requireNonNull((isCounted ? play.counted : play.read).get(counter.meter));
    Long before = read.floor(at);
    Long after = read.ceiling(at);
    if (before == null || after == null) {
      return counter.truth.fastest() * site.readEach(counter.meter) / HOUR;
    }
    return counter.truth.between(before - site.renewedEach(counter.meter), after);
  }

  /** What a power changed by from one reading to the next, over an interval, as energy. */
  private double restless(Counter counter, long begins, long ends) {
    TreeSet<Long> read = Objects.requireNonNull(play.read.get(counter.meter));
    double sum = 0;
    Long last = read.lower(begins);
    for (long at : read.tailSet(begins)) {
      if (last != null) {
        double least = Double.MAX_VALUE;
        double most = 0;
        for (long t = last; t < at + site.world.stepMillis; t += site.world.stepMillis) {
          double rate = counter.truth.rate(Math.min(t, at));
          least = Math.min(least, rate);
          most = Math.max(most, rate);
        }
        sum += (most - least) * (at - last) / HOUR;
        // A meter shows whole watts, its transformer ratio times.
        sum += counter.meter.ct * 1000.0 * (at - last) / HOUR;
      }
      last = at;
      if (at > ends) {
        break;
      }
    }
    return sum;
  }

  /** Whether what is wrong cannot be seen here, by the rules of "What cannot be seen". */
  private boolean isInvisible(
      Interval interval, String name, Expected figure, long begins, long ends, double counted) {
    SiteMeter broken = site.broken;
    if (!site.trouble.isWrong() || broken == null) {
      return false;
    }
    boolean rests =
        site.trouble == Trouble.SOURCE_MISSING
            ? figure.isBalance
            : figure.parts.keySet().stream()
                .anyMatch(each -> each.meter == broken || each.meter == site.second);
    long each = site.readEach(broken);
    if (!rests || ends <= site.from - each || isContradictory(interval, name)) {
      return false;
    }
    return switch (site.trouble) {
      // Within what the meter can have, it is one meter as good as another.
      case RATIO, PHASE, REVERSED, SWAPPED, TWICE, WORDS ->
          figure.isBalance || isPossible(figure, counted, ends - begins);
      case BOTH_WAYS -> figure.isBalance || begins < 4 * each || !isSeenBothWays(broken);
      case SOURCE_MISSING, PARENT_MISSING -> true;
      case RESCALED ->
          figure.isBalance
              || (isPossible(figure, counted, ends - begins)
                  && (begins >= seenAgain(broken)
                      || isPartial(interval, name)
                      || !broken.feedsByRegister(name)
                      || isSmallExchange(broken)));
      case RATIO_OF_REGISTERS, PHASE_OF_REGISTERS ->
          !isCompared(broken, name, begins)
              && (figure.isBalance || isPossible(figure, counted, ends - begins));
      case STUCK, STUCK_THEN_RIGHT -> figure.parts.keySet().stream().noneMatch(this::isMissed);
      case FROZEN -> figure.parts.keySet().stream().noneMatch(this::isFrozenAway);
      case BITS, SET_BACK, ROUND_EARLY -> isSmallExchange(broken);
      case JUMP ->
          begins <= site.from + 2 * each
              && isSmall(broken, broken.registers.getFirst(), site.factor);
      case EXCHANGED_UNNOTICED -> begins <= site.until && isSmallExchange(broken);
      default -> false;
    };
  }

  /** Not more than its rating lets it have. */
  private boolean isPossible(Expected figure, double counted, long millis) {
    double most = 0;
    for (Counter each : figure.parts.keySet()) {
      SiteMeter meter = each.meter;
      double rated = rated(meter);
      if (rated == 0) {
        return true;
      }
      double step = meter.registers.stream().mapToDouble(Register::step).max().orElse(0);
      most += 1.2 * rated * 1e6 * (millis + meter.updateMillis) / HOUR + 2 * step;
    }
    return counted <= most;
  }

  /** Its rating; of a hybrid inverter that of all that is behind it. */
  private double rated(SiteMeter meter) {
    if (!meter.registers.stream().anyMatch(each -> "elec.hybrid.output".equals(each.figure()))) {
      return Math.max(meter.ratedKw, meter.maxRate);
    }
    boolean isKnown = true;
    double sum = 0;
    for (SiteMeter each : site.meters) {
      if (each.keys.contains("coupling: dc")) {
        isKnown &= each.ratedKw > 0;
        sum += each.ratedKw;
      }
    }
    return isKnown ? sum : 0;
  }

  /** A rise that the meter can have made between two readings. */
  private boolean isSmall(SiteMeter meter, Register register, double rise) {
    double rated = rated(meter);
    if (rated == 0) {
      double fastest = fastest(meter, register);
      double within = 2.0 * site.readEach(meter) / HOUR;
      return fastest == 0 || rise <= 20 * fastest * within + 2 * register.step();
    }
    double most = 1.2 * rated * 1e6;
    double limit =
        most * (2 * site.readEach(meter) + meter.updateMillis) / HOUR + 2 * register.step();
    return rise <= limit;
  }

  /** The fastest that a register counted from one reading to the next before the trouble. */
  private double fastest(SiteMeter meter, Register register) {
    double most = 0;
    Long last = null;
    for (long at : Objects.requireNonNull(play.counted.get(meter)).headSet(site.from)) {
      if (last != null) {
        double rise = site.reads(meter, register, at) - site.reads(meter, register, last);
        most = Math.max(most, rise * HOUR / Math.max(at - last, meter.updateMillis));
      }
      last = at;
    }
    return most;
  }

  private static boolean isPartial(Interval interval, String name) {
    Metric metric = interval.metrics().get(name);
    return metric != null && metric.quality() == Quality.PARTIAL;
  }

  /** When its registers were first read since its trouble. */
  private long seenAgain(SiteMeter meter) {
    Long first = Objects.requireNonNull(play.counted.get(meter)).ceiling(site.from);
    return first == null ? Long.MAX_VALUE : first;
  }

  private boolean isSmallExchange(SiteMeter meter) {
    for (Register register : meter.registers) {
      double rise =
          site.reads(meter, register, site.from + site.readEach(meter))
              - site.reads(meter, register, site.from - site.readEach(meter));
      // What seems to have gone round may have been exchanged.
      double counted = rise < 0 ? rise + (double) meter.modulus * register.step() : rise;
      if (isSmall(meter, register, counted)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether its register is held against its power, long enough to be sure: where what flows is
   * steady, or the two are far apart, and from the beginning: a window that began before the
   * trouble did may take long.
   */
  private boolean isCompared(SiteMeter meter, String figure, long begins) {
    long sure = 4 * site.readEach(meter);
    if (site.from > 0
        || !hasPower(meter, figure)
        || (site.shape.isRestless() && site.factor > 0.5 && site.factor < 2)
        || begins < sure
        || site.world.endMillis() < sure + 20 * MINUTE
        || Math.abs(site.factor - 1) < 0.25) {
      return false;
    }
    for (Register register : meter.registers) {
      if (figure.equals(register.figure())) {
        Flow flow = Objects.requireNonNull(meter.seen.get(register.point()));
        double least = Double.MAX_VALUE;
        double most = 0;
        for (long at = site.from; at < sure + 20 * MINUTE; at += site.world.stepMillis) {
          least = Math.min(least, flow.rate(at));
          most = Math.max(most, flow.rate(at));
        }
        double shown = least * Math.min(1, site.factor) / 4;
        return least > 0.3 * most
            && shown > 40 * register.step()
            && least > 100_000.0 * meter.ct
            && site.factor * most < 1.1 * meter.ratedKw * 1e6;
      }
    }
    return false;
  }

  /** Whether a window of it is over of which the power says that as much flowed the other way. */
  private boolean isSeenBothWays(SiteMeter meter) {
    long sure = 4 * site.readEach(meter) + 20 * MINUTE;
    Flow in = site.world.of(TrueWorld.IMPORT);
    Flow out = site.world.of(TrueWorld.EXPORT);
    Register register = meter.registers.getFirst();
    boolean isSteady = true;
    for (long at = 0; at < sure; at += site.world.stepMillis) {
      isSteady &= out.rate(at) > 0.7 * out.rate(0) && out.rate(at) < 1.4 * out.rate(0);
    }
    return !meter.powers.isEmpty()
        && sure < site.world.endMillis()
        && isSteady
        && in.between(0, sure) == 0
        && out.between(0, sure) > 80 * register.step();
  }

  /** Whether it tells the power of what the figure counts. */
  private static boolean hasPower(SiteMeter meter, String figure) {
    boolean isDc = figure.equals("elec.pv.generation") && meter.keys.contains("coupling: dc");
    return figure.startsWith("elec.")
        && meter.powers.stream().anyMatch(p -> p.point().equals(isDc ? "power_dc" : "power"));
  }

  /** Whether the power beside a register that stands still made enough to be sure. */
  private boolean isMissed(Counter counter) {
    SiteMeter meter = counter.meter;
    if (meter != site.broken || !hasPower(meter, counter.figure)) {
      return false;
    }
    for (Register register : meter.registers) {
      if (!counter.figure.equals(register.figure())) {
        continue;
      }
      Flow flow = Objects.requireNonNull(meter.seen.get(register.point()));
      double missed = flow.between(site.from, Math.min(site.until, site.world.endMillis()));
      double most = Math.max(2.0 * register.step(), meter.ratedKw * 1e6 / 500);
      if (missed > 1.5 * most + 2 * register.step()) {
        return true;
      }
    }
    return false;
  }

  private double longest() {
    return site.meters.stream()
        .mapToLong(meter -> meter.recordMillis * meter.everySample)
        .max()
        .orElse(0);
  }

  /** Whether what was told of a device while it was frozen made enough to be sure. */
  private boolean isFrozenAway(Counter counter) {
    SiteMeter meter = counter.meter;
    if (meter != site.broken || !hasPower(meter, counter.figure)) {
      return false;
    }
    for (Register register : meter.registers) {
      if (counter.figure.equals(register.figure())) {
        Flow flow = Objects.requireNonNull(meter.seen.get(register.point()));
        long end = Math.min(site.until, site.world.endMillis());
        double shown = flow.rate(site.from) * (end - site.from - 2 * site.readEach(meter)) / HOUR;
        double most = Math.max(2.0 * register.step(), meter.ratedKw * 1e6 / 500);
        return shown > 1.5 * most + 2 * register.step();
      }
    }
    return false;
  }

  /** Whether counts as they were told cannot all be true. */
  private boolean isContradictory(Interval interval, String name) {
    if (site.shape.hybridPvKw() > 0) {
      return false;
    }
    Map<String, Double> told = new HashMap<>();
    for (String each : expected.keySet()) {
      Metric metric = interval.metrics().get(each);
      if (metric != null && each.matches("elec.*|balance.residual")) {
        if (metric.micros() == null || metric.quality().compareTo(Quality.DERIVED) > 0) {
          return false;
        }
        told.put(each, (double) metric.micros());
      }
    }
    double in = 0;
    for (String each : IN) {
      in += told.getOrDefault(each, 0.0);
    }
    double export = told.getOrDefault("elec.grid.export", 0.0);
    double given = in - told.getOrDefault("elec.grid.import", 0.0);
    double steps =
        site.meters.stream()
            .flatMap(meter -> meter.registers.stream())
            .filter(register -> register.unit().equals("kW.h") && register.figure() != null)
            .mapToDouble(Register::step)
            .sum();
    double share = CLASS + longest() / (double) (interval.endMillis() - interval.startMillis());
    boolean isWithoutSource = export - given > share * (export + given) + steps;
    if (isWithoutSource && (name.equals("elec.grid.export") || name.equals("elec.load.total"))) {
      return true;
    }
    double charge = told.getOrDefault("elec.battery.charge", 0.0);
    double load = in - export - charge;
    double metered = load - told.getOrDefault("balance.residual", load);
    double passed = in + export + charge + metered;
    return load - metered < -(share * passed + steps)
        && (name.equals("elec.load.total") || name.equals("balance.residual"));
  }
}
