package io.lingtan.agent.carbon.sheet;

import static io.lingtan.agent.carbon.sheet.Combining.value;

import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Meter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One interval being worked out: what its meters counted, and the figures so far. */
public final class Sheet {

  public static final String KWH = "kW.h";
  public static final String KG = "kg";

  private final Counted counted;
  private final Map<String, Meter> meters;
  private final SequencedMap<String, Metric> sums;
  private final SequencedMap<String, Metric> metrics = new LinkedHashMap<>();
  private final SequencedMap<String, FactorUsed> factors = new LinkedHashMap<>();
  private final SequencedMap<String, String> failures = new LinkedHashMap<>();
  private @Nullable CarbonPool pool;
  private @Nullable HydrogenStock stock;

  /**
   * @param meters of the site, by id
   * @param sums of base intervals; empty for a base interval
   * @param factors that the sums name
   * @param carried what the base interval before handed on; null where nothing is stored
   */
  public Sheet(
      Counted counted,
      Map<String, Meter> meters,
      SequencedMap<String, Metric> sums,
      Map<String, FactorUsed> factors,
      @Nullable Carried carried) {
    this.counted = counted;
    this.meters = meters;
    this.sums = sums;
    this.factors.putAll(factors);
    this.pool = carried == null ? null : carried.battery();
    this.stock = carried == null ? null : carried.hydrogen();
  }

  public String length() {
    return counted.length();
  }

  /** Greatest sliding demand; null where it is not known of whom. */
  public @Nullable Metric sliding() {
    return counted.sliding();
  }

  /** What people told. */
  public Feeds feeds() {
    return counted.feeds();
  }

  public long startMillis() {
    return counted.startMillis();
  }

  /**
   * All that is on it.
   *
   * @param asked which factors were looked up for it
   */
  public Figures figures(Set<String> asked) {
    return new Figures(metrics, factors, Carried.of(pool, stock), failures, asked);
  }

  /** Names that are on it so far, in order. */
  public List<String> names() {
    return List.copyOf(metrics.keySet());
  }

  /** The rules of a chapter failed: what it gives at other times is missing. */
  void failed(String chapter, String why, Map<String, String> usual) {
    failures.put(chapter, why);
    usual.forEach(
        (name, ucum) -> metrics.put(name, Metric.missing(ucum, "could not be worked out: " + why)));
  }

  /** Carbon in the battery; null without one. */
  public @Nullable CarbonPool pool() {
    return pool;
  }

  public void pool(CarbonPool after) {
    pool = after;
  }

  /** Carbon of the hydrogen in the tanks; null where none is known yet. */
  public @Nullable HydrogenStock stock() {
    return stock;
  }

  public void stock(HydrogenStock after) {
    stock = after;
  }

  // What is written on it.

  public void put(String name, Metric metric) {
    metrics.put(name, metric);
  }

  public @Nullable Metric get(String name) {
    return metrics.get(name);
  }

  public boolean has(String name) {
    return metrics.containsKey(name);
  }

  /** The figure of that name, or a missing one if it is not there. */
  public Metric known(String name, String ucum) {
    Metric metric = metrics.get(name);
    return metric == null ? Metric.missing(ucum, "no interval is closed yet") : metric;
  }

  /** Those of the names that are there. */
  public List<Metric> present(String... names) {
    List<Metric> present = new ArrayList<>();
    for (String name : names) {
      Metric metric = metrics.get(name);
      if (metric != null) {
        present.add(metric);
      }
    }
    return present;
  }

  public void use(Factors.InForce factor) {
    factors.merge(factor.factor().id(), factor.used(), FactorUsed::and);
  }

  /** The factor of that id that a figure on it uses; null if none does. */
  public @Nullable FactorUsed factor(String id) {
    return factors.get(id);
  }

  /** Takes over the sums whose names begin so. */
  public void takeSums(String beginning) {
    sums.forEach(
        (name, sum) -> {
          if (name.startsWith(beginning)) {
            metrics.put(name, sum);
          }
        });
  }

  /** The sum of that name; null if there is none. */
  public @Nullable Metric sum(String name) {
    return sums.get(name);
  }

  /** The sums whose names begin so. */
  public SequencedMap<String, Metric> sumsOf(String beginning) {
    SequencedMap<String, Metric> found = new LinkedHashMap<>();
    sums.forEach(
        (name, sum) -> {
          if (name.startsWith(beginning)) {
            found.put(name, sum);
          }
        });
    return found;
  }

  /** The same for sums of what follows from one count alone, and is as good as that. */
  public void takeLinearSums(String beginning) {
    sums.forEach(
        (name, sum) -> {
          if (name.startsWith(beginning)) {
            metrics.put(name, like(sum));
          }
        });
  }

  /** A complete sum of what follows linearly from a count is as good as that; none is better. */
  private Metric like(Metric sum) {
    String of = sum.of();
    Metric source = of == null ? null : metrics.get(of);
    if (source == null || source.micros() == null || sum.quality() == Quality.MISSING) {
      return sum;
    }
    // What is partial without knowing of which times is complete only beside another such.
    boolean complete =
        sum.lacking().equals(source.lacking())
            && (sum.quality() != Quality.PARTIAL || source.quality() == Quality.PARTIAL);
    if (!complete) {
      return source.quality() == Quality.SUSPECT ? Combining.suspect(sum) : sum;
    }
    return new Metric(
            sum.micros(),
            sum.ucum(),
            source.quality(),
            source.coverage(),
            source.estimated(),
            of,
            null,
            sum.why())
        .by(sum.allFactors())
        .restingOn(sum.standing())
        .lacking(source.lacking());
  }

  // What was counted.

  /** Of everything that is counted. */
  public List<Count> counts() {
    return counted.counts();
  }

  public List<Count> of(Figure figure) {
    return counted.counts().stream().filter(count -> count.figure() == figure).toList();
  }

  public List<Count> of(Figure figure, Role role) {
    return counted.counts().stream()
        .filter(count -> count.figure() == figure && count.meter().role() == role)
        .toList();
  }

  /** The value of a figure that is known; 0 of one that is not there. */
  public long value(String name) {
    Metric metric = metrics.get(name);
    return metric == null ? 0 : Combining.value(metric);
  }

  /** What a role counted; a role that the site does not have counts nothing. */
  public long total(Figure figure) {
    return value(figure.metric());
  }

  /** Without those whose energy is already in another one's. */
  public List<Count> topmost(List<Count> all) {
    return all.stream().filter(count -> !isBehindAnother(count, all)).toList();
  }

  /** What those counted that are not behind one another. */
  public Combining together(List<Count> all) {
    return new Combining(topmost(all).stream().map(Count::amount).toList());
  }

  private boolean isBehindAnother(Count count, List<Count> all) {
    String parent = count.meter().parent();
    for (int depth = 0; parent != null && depth < meters.size(); depth++) {
      String id = parent;
      if (all.stream().anyMatch(other -> other.meter().id().equals(id))) {
        return true;
      }
      Meter upstream = meters.get(id);
      parent = upstream == null ? null : upstream.parent();
    }
    return false;
  }

  public List<Level> levels(Level.Kind kind) {
    return counted.levels().stream().filter(level -> level.kind() == kind).toList();
  }

  /** Usable energy of all batteries, kWh; NaN if it is not known of one. */
  public double capacityKwh() {
    return meters.values().stream()
        .filter(meter -> meter.role() == Role.BATTERY)
        .mapToDouble(Meter::capacityKwh)
        .sum();
  }

  /** What batteries give of what they take, of the worst of them; NaN if one does not say. */
  public double roundTrip() {
    return meters.values().stream()
        .filter(meter -> meter.role() == Role.BATTERY)
        .mapToDouble(Meter::roundTrip)
        .min()
        .orElse(Double.NaN);
  }

  // Often wanted.

  /**
   * {@code numerator / denominator}; missing where an input is, where the denominator is zero, and
   * where the inputs are known of different parts of the time: half a month's carbon on a whole
   * month's hydrogen would look clean.
   */
  public Metric ratio(
      Combining inputs, long numerator, long denominator, String ucum, String whenZero) {
    return denominator == 0
        ? Metric.missing(ucum, whenZero)
        : inputs.compared(Rounding.millionths(numerator, denominator), ucum, length());
  }

  /** A carbon figure that follows from another one by a factor. */
  public static Metric by(
      Factors.InForce factor, Metric source, @Nullable String of, long micros, String ucum) {
    return new Metric(
            micros,
            ucum,
            source.quality(),
            source.coverage(),
            source.estimated(),
            of,
            factor.factor().id(),
            null)
        .restingOn(source.standing().worse(factor.standing()))
        .lacking(source.lacking());
  }

  /** The same, where the source or the factor is not known. */
  public static Metric unknown(
      Factors.@Nullable InForce factor, @Nullable String of, String ucum, @Nullable String why) {
    return new Metric(
        null,
        ucum,
        Quality.MISSING,
        0,
        0,
        of,
        factor == null ? null : factor.factor().id(),
        Objects.requireNonNull(why, "something is not known, and nobody says why"));
  }
}
