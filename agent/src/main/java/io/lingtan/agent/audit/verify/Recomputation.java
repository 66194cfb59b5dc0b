package io.lingtan.agent.audit.verify;

import io.lingtan.agent.audit.verify.Flaw.Kind;
import io.lingtan.agent.seal.JsonValue;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Works carbon and standard coal out again from nothing but what records say: energy, factor, and
 * the rules of {@code config/README.md}. It shares no code with what made the figures.
 *
 * <p>A figure of a base interval is energy times factor, rounded half-even to the milligram. One of
 * a longer interval is the sum over its base intervals: that very sum where the file holds them,
 * else energy times factor within half a milligram for each of them. One that was told again by
 * another factor than its base intervals were is the sum of their energies times that factor, each
 * rounded.
 */
public final class Recomputation {

  private static final int PLACES = 6;
  private static final BigDecimal HALF_MILLIONTH = new BigDecimal("0.0000005");
  private static final BigDecimal MEGAWATT_HOUR = new BigDecimal(1000);

  private static final String IMPORT = "elec.grid.import";
  private static final String EXPORT = "elec.grid.export";
  private static final String TOTAL = "co2.total";
  private static final String CONVERTED_GAS = "fuel.gas.normal";
  private static final String CONVERTED_HEAT = "heat.energy";

  /** Of two energies, whose errors are of one meter. */
  private static final String NET = "co2.purchased_net";

  private static final String MARKET = "co2.scope2.market";
  private static final String HOURLY = "co2.market_hourly";

  /** Base intervals that are kept for sums: a month of minutes and a little. */
  private static final int MOST_KEPT = 50_000;

  /** Days that are kept for what people told: two years. */
  private static final int MOST_DAYS = 732;

  /** Names that are told apart. */
  private static final int MOST_NAMES = 1_000;

  /** What a longer interval adds up over its base intervals. */
  private static final List<String> SUMMED =
      List.of(
          "flow.",
          "h2.from_",
          "h2.dispensed_co2",
          "co2.load.",
          "co2.battery.",
          "co2.chp.",
          "elec.grid.import.",
          CONVERTED_GAS,
          CONVERTED_HEAT,
          "heat.own");

  /** What rests on what a battery was charged with, or on what is in a tank. */
  private static final List<String> BY_BATTERY =
      List.of("co2.load.", "co2.battery.", "co2.chp.", "h2.dispensed_co2");

  /** Of what people tell by the day: none is in a base interval. */
  private static final List<String> TOLD =
      List.of(
          "fuel.mass.",
          "refrigerant.",
          "heat.steam",
          "heat.hot_water",
          "h2.delivered",
          "h2.vented",
          "h2.boil_off");

  /** Told only where they are not zero. */
  private static final List<String> ABSENT_IS_ZERO =
      List.of(
          "elec.grid.import.", "flow.grid_to_grid", "flow.battery_to_battery", "flow.chp_to_chp");

  /** Figures with a meter's or a bus's id at their end. */
  private static final List<String> WITH_ID =
      List.of(
          "elec.load.",
          "co2.load.",
          "bus.km.",
          "bus.kg_per_100km.",
          "fuel.mass.",
          "refrigerant.loss.",
          "h2.storage_mass.",
          "h2.produced.",
          "h2.dispensed.",
          "heat.energy.",
          "fuel.gas.volume.",
          "storage.soc.",
          "storage.soh.");

  /** Of factors that nobody in charge published, best first. */
  private static final List<String> STATUSES = List.of("", "non-official", "unconfirmed", "demo");

  private final Consumer<Flaw> flaws;
  private final CorrectedRecords corrected;
  private final Map<String, String> factorValues = new HashMap<>();
  private final NavigableMap<Long, BaseFigures> bases = new TreeMap<>();

  /** Months, as their newest revisions have them. */
  private final NavigableMap<Long, BaseFigures> months = new TreeMap<>();

  /** Days, as their newest revisions have what people told of them. */
  private final NavigableMap<Long, BaseFigures> days = new TreeMap<>();

  private long shortestMillis = Long.MAX_VALUE;
  private long checked;
  private long unchecked;

  /** How often each figure could not be worked out again. */
  private final SortedMap<String, Long> notChecked = new TreeMap<>();

  /** Of the record that is being taken. */
  private @Nullable Derivation derivation;

  /** Factors of its base intervals that it does not have: it was told again by others. */
  private List<BaseFigures.Factor> replaced = List.of();

  /** What took the place of what, each with how many records. */
  private final SortedMap<String, Long> restated = new TreeMap<>();

  /** The newest record that was told again by another factor, and the oldest time of any. */
  private long restatedLine;

  private long restatedFrom = Long.MAX_VALUE;

  public Recomputation(Consumer<Flaw> flaws) {
    this.flaws = flaws;
    this.corrected = new CorrectedRecords(flaws);
  }

  /** Figures that were worked out again. */
  public long checked() {
    return checked;
  }

  /** Figures that cannot be worked out from records alone. */
  long unchecked() {
    return unchecked;
  }

  /** Their names, each with how often. */
  public SortedMap<String, Long> notChecked() {
    return notChecked;
  }

  /** What people corrected, and who; in words. */
  List<String> corrected() {
    return corrected.words();
  }

  /** Which factors took the place of others in records that were told again; in words. */
  List<String> restated() {
    return restated.entrySet().stream()
        .map(each -> each.getValue() + " records told again by " + each.getKey())
        .toList();
  }

  private void unchecked(String name) {
    unchecked++;
    String known =
        WITH_ID.stream()
            .filter(beginning -> name.startsWith(beginning) && !name.equals("elec.load.total"))
            .findFirst()
            .map(beginning -> beginning + "{id}")
            .orElse(name);
    boolean isNew = notChecked.size() >= MOST_NAMES && !notChecked.containsKey(known);
    notChecked.merge(isNew ? "other" : known, 1L, Long::sum);
  }

  /**
   * @param good whether its signature is right: only then others are held against it
   */
  public void take(SealedRecord record, boolean good) {
    JsonValue.Obj metrics = record.json().object("metrics");
    JsonValue.Obj factors = record.json().object("factors");
    sameFactors(record, factors, good);
    boolean base = record.length().endsWith("m");
    if (base) {
      shortestMillis = Math.min(shortestMillis, record.end() - record.start());
    }
    List<BaseFigures.Factor> own = BaseFigures.Factor.of(record);
    BaseFigures earlier = base ? bases.get(record.start()) : null;
    if (corrected.take(record, earlier)) {
      restatedLine = record.line();
      restatedFrom = Math.min(restatedFrom, record.start());
    }
    replaced = base ? List.of() : replaced(record, own);
    if (!replaced.isEmpty()) {
      restatedLine = record.line();
      restatedFrom = Math.min(restatedFrom, record.start());
    }
    if (!replaced.isEmpty() && !"0".equals(record.json().number("rev"))) {
      String words = words(replaced, own);
      boolean isNew = restated.size() >= MOST_NAMES && !restated.containsKey(words);
      restated.merge(isNew ? "other factors" : words, 1L, Long::sum);
    }
    derivation = new Derivation(record, before(record, own));
    for (String name : metrics.members().keySet()) {
      JsonValue.Obj metric = metrics.object(name);
      String value = metric.number("v");
      if (value == null) {
        continue;
      }
      figure(record, metrics, factors, name, metric, new BigDecimal(value));
      if (metric.number("pm") == null) {
        continue;
      }
      String used = metric.text("factor");
      BigDecimal each = used == null ? null : perUnit(name, metric, metrics, factors, used);
      String unsure =
          name.equals(NET)
              ? StatedUncertainty.wrongOfNet(metrics, factors, metric, each)
              : StatedUncertainty.wrong(metrics, factors, metric, each);
      if (unsure != null) {
        flaws.accept(record.flaw(Kind.CARBON, field(name, "pm"), unsure));
      }
    }
    if (record.length().equals("1d")) {
      if (good && record.inexact() == null) {
        days.put(record.start(), BaseFigures.of(record, metrics, null));
      } else {
        days.remove(record.start());
      }
      if (days.size() > MOST_DAYS) {
        days.pollFirstEntry();
      }
    }
    if (base) {
      BaseFigures last = bases.isEmpty() ? null : bases.lastEntry().getValue();
      bases.put(
          record.start(),
          good && record.inexact() == null
              ? BaseFigures.of(record, metrics, last)
              : BaseFigures.none(record));
      if (bases.size() > MOST_KEPT) {
        bases.pollFirstEntry();
      }
    }
  }

  /** The base interval before, if the battery's books go on from it. */
  private @Nullable BaseFigures before(SealedRecord record, List<BaseFigures.Factor> own) {
    Map.Entry<Long, BaseFigures> entry = bases.lowerEntry(record.start());
    BaseFigures before = entry == null ? null : entry.getValue();
    boolean goesOn =
        before != null
            && before.end() == record.start()
            && before.line() > restatedLine
            && isBy(before, own);
    return goesOn ? before : null;
  }

  private static boolean isBy(BaseFigures part, List<BaseFigures.Factor> factors) {
    return part.factors().stream().allMatch(one -> factors.stream().anyMatch(one::isLike));
  }

  /** Factors of its base intervals that a longer record does not have. */
  private List<BaseFigures.Factor> replaced(SealedRecord record, List<BaseFigures.Factor> own) {
    Set<BaseFigures.Factor> replaced = new LinkedHashSet<>();
    for (BaseFigures part : bases.subMap(record.start(), record.end()).values()) {
      if (!isBy(part, own)) {
        part.factors().stream()
            .filter(one -> own.stream().noneMatch(one::isLike))
            .forEach(replaced::add);
      }
    }
    return List.copyOf(replaced);
  }

  /** Factors of the same series, as far as their ids tell. */
  private static String carrier(String id) {
    return id.substring(0, Math.max(0, id.indexOf('/')));
  }

  private static String words(List<BaseFigures.Factor> old, List<BaseFigures.Factor> own) {
    List<String> fresh =
        own.stream()
            .filter(one -> old.stream().anyMatch(o -> carrier(o.id()).equals(carrier(one.id()))))
            .map(BaseFigures.Factor::words)
            .toList();
    return String.join(", ", fresh)
        + " in place of "
        + String.join(", ", old.stream().map(BaseFigures.Factor::words).toList());
  }

  /** One factor of one version has one value, in whatever record. */
  private void sameFactors(SealedRecord record, JsonValue.Obj factors, boolean good) {
    for (String id : factors.members().keySet()) {
      JsonValue.Obj factor = factors.object(id);
      String value = factor.text("value") + " " + factor.text("u");
      String name = id + " of " + factor.text("version");
      String before = good ? factorValues.putIfAbsent(name, value) : factorValues.get(name);
      if (before != null && !before.equals(value)) {
        flaws.accept(
            record.flaw(
                Kind.FACTOR,
                "factors." + id,
                "is " + value + " here and " + before + " in an earlier record of this file"));
      }
    }
  }

  private void figure(
      SealedRecord record,
      JsonValue.Obj metrics,
      JsonValue.Obj factors,
      String name,
      JsonValue.Obj metric,
      BigDecimal v) {
    String factor = metric.text("factor");
    List<String> several = texts(metric.get("factors"));
    for (String id : several) {
      if (named(record, factors, name, "factors", id)) {
        marked(record, name, metric, id, factors.object(id).text("status"));
      }
    }
    if (name.equals(MARKET)) {
      if (record.length().equals("1M")) {
        months.put(record.start(), BaseFigures.of(record, Map.entry(MARKET, v)));
      } else {
        marketYear(record, v);
        return;
      }
    }
    if (factor != null && several.isEmpty()) {
      if (!named(record, factors, name, "factor", factor)) {
        return;
      }
      marked(record, name, metric, factor, factors.object(factor).text("status"));
    }
    if (isAdded(record, name)) {
      added(record, name, v);
      return;
    }
    Derivation.Expected expected = java.util.Objects.requireNonNull(derivation).of(name);
    if (expected != null) {
      checked++;
      if (!expected.holds(v)) {
        wrong(record, name, v, expected.words());
      }
      return;
    }
    if (isLong(record) && factor == null && TOLD.stream().anyMatch(name::startsWith)) {
      byDays(record, name, v);
      return;
    }
    if (!several.isEmpty()) {
      mixed(record, metrics, factors, name, several, v);
      return;
    }
    if (factor == null) {
      if (name.equals(TOTAL)) {
        total(record, metrics, v);
      } else if (name.equals("tce.total")) {
        standardCoal(record, metrics, v);
      } else {
        unchecked(name);
      }
      return;
    }
    BigDecimal amount = amount(name, metric, metrics);
    BigDecimal each = amount == null ? null : perUnit(name, metric, metrics, factors, factor);
    if (amount == null || each == null) {
      unchecked(name);
      return;
    }
    BigDecimal exact = amount.multiply(each);
    boolean added =
        name.startsWith("co2.")
            && !name.equals(MARKET)
            && !name.equals(HOURLY)
            && !record.length().endsWith("m")
            && !isTold(name, metric);
    if (added) {
      sum(record, name, metric, v, exact, isOneOfSeveral(factors, factor));
      return;
    }
    checked++;
    BigDecimal product = exact.setScale(PLACES, RoundingMode.HALF_EVEN);
    if (v.compareTo(product) != 0) {
      String words =
          amount.toPlainString()
              + " × "
              + factors.object(factor).text("value")
              + " ("
              + factor
              + ")";
      wrong(record, name, v, words + " is " + product.toPlainString());
    }
  }

  /** Whether a figure is of what people told. */
  private static boolean isTold(String name, JsonValue.Obj metric) {
    String of = metric.text("of");
    return name.equals("co2.scope1.refrigerants")
        || (of != null && TOLD.stream().anyMatch(of::startsWith));
  }

  /** Whether a longer interval is the sum of its base intervals in this figure. */
  private static boolean isAdded(SealedRecord record, String name) {
    return !record.length().endsWith("m") && SUMMED.stream().anyMatch(name::startsWith);
  }

  private void added(SealedRecord record, String name, BigDecimal v) {
    BigDecimal parts = parts(record, name);
    if (parts == null) {
      unchecked(name);
      return;
    }
    checked++;
    // What is brought into another unit is rounded as a whole where its parts are not all known.
    boolean converted = name.startsWith(CONVERTED_GAS) || name.startsWith(CONVERTED_HEAT);
    BigDecimal most = converted ? rounding(record).add(HALF_MILLIONTH) : BigDecimal.ZERO;
    if (v.subtract(parts).abs().compareTo(most) > 0) {
      wrong(record, name, v, "its base intervals in this file add up to " + parts);
    }
  }

  private boolean named(
      SealedRecord record, JsonValue.Obj factors, String name, String member, String id) {
    if (factors.get(id) != null) {
      return true;
    }
    flaws.accept(
        record.flaw(Kind.FACTOR, field(name, member), "names " + id + ", which factors lacks"));
    return false;
  }

  static List<String> texts(@Nullable JsonValue array) {
    List<String> texts = new ArrayList<>();
    if (array instanceof JsonValue.Arr(List<JsonValue> items)) {
      for (JsonValue item : items) {
        if (item instanceof JsonValue.Str(String text)) {
          texts.add(text);
        }
      }
    }
    return texts;
  }

  /**
   * A figure with several factors: the sum of what its base intervals say, where the file holds
   * them; else it lies between what the least and the greatest of them alone would have given.
   */
  private void mixed(
      SealedRecord record,
      JsonValue.Obj metrics,
      JsonValue.Obj factors,
      String name,
      List<String> several,
      BigDecimal v) {
    BigDecimal parts = parts(record, name);
    if (parts != null) {
      checked++;
      if (v.compareTo(parts) != 0) {
        wrong(record, name, v, "its base intervals in this file add up to " + parts);
      }
      return;
    }
    unchecked(name);
    JsonValue.Obj metric = metrics.object(name);
    BigDecimal amount = amount(name, metric, metrics);
    List<BigDecimal> products = new ArrayList<>();
    for (String id : several) {
      BigDecimal each = perUnit(name, metric, metrics, factors, id);
      if (amount == null || each == null || isPart(record, metric)) {
        return;
      }
      products.add(amount.multiply(each));
    }
    BigDecimal rounding = rounding(record);
    BigDecimal least = products.stream().reduce(BigDecimal::min).orElse(v).subtract(rounding);
    BigDecimal most = products.stream().reduce(BigDecimal::max).orElse(v).add(rounding);
    // What was bought less what was sold may have been of either sign in a part.
    if (!name.equals(NET) && (v.compareTo(least) < 0 || v.compareTo(most) > 0)) {
      wrong(
          record,
          name,
          v,
          "with any of " + several + " it lies in " + least.toPlainString() + ".." + most);
    }
  }

  /** Certificates are of months: a year's figure is the sum of its months'. */
  private void marketYear(SealedRecord record, BigDecimal v) {
    BigDecimal sum = sum(months, record, MARKET);
    if (sum == null) {
      unchecked(MARKET);
      return;
    }
    checked++;
    if (v.compareTo(sum) != 0) {
      wrong(record, MARKET, v, "its months in this file add up to " + sum);
    }
  }

  /** Of more documents than a text can name: the sum of its days, of which not all have any. */
  private void byDays(SealedRecord record, String name, BigDecimal v) {
    BigDecimal sum = sum(days, record, name);
    if (sum == null) {
      unchecked(name);
      return;
    }
    checked++;
    if (v.compareTo(sum) != 0) {
      wrong(record, name, v, "its days in this file add up to " + sum);
    }
  }

  /** How much rounding each base interval half-even explains. */
  private BigDecimal rounding(SealedRecord record) {
    long each = shortestMillis == Long.MAX_VALUE ? 60_000 : shortestMillis;
    return HALF_MILLIONTH.multiply(
        BigDecimal.valueOf(Math.ceilDiv(record.end() - record.start(), each)));
  }

  /** A figure says at least what its factor says of itself. */
  private void marked(
      SealedRecord record,
      String name,
      JsonValue.Obj metric,
      String factor,
      @Nullable String status) {
    int least = STATUSES.indexOf(status == null ? "" : status);
    String said = metric.text("status");
    if (STATUSES.indexOf(said == null ? "" : said) < least) {
      flaws.accept(
          record.flaw(
              Kind.FACTOR,
              field(name, "status"),
              "rests on " + factor + ", which is " + status + ", and does not say so"));
    }
  }

  /** A longer interval's figure: the sum of what its base intervals say. */
  private void sum(
      SealedRecord record,
      String name,
      JsonValue.Obj metric,
      BigDecimal v,
      BigDecimal exact,
      boolean severalFactors) {
    BigDecimal parts = parts(record, name);
    if (parts != null && v.compareTo(parts) != 0) {
      checked++;
      wrong(record, name, v, "its base intervals in this file add up to " + parts);
      return;
    }
    if (isPart(record, metric) || (severalFactors && isLong(record))) {
      if (parts == null) {
        unchecked(name);
      } else {
        checked++;
      }
      return;
    }
    checked++;
    BigDecimal most = rounding(record);
    if (v.subtract(exact).abs().compareTo(most) > 0) {
      wrong(
          record,
          name,
          v,
          "energy × factor is " + exact.toPlainString() + ", and rounding explains " + most);
    }
  }

  /**
   * Whether some of the time is lacking. Of a longer interval that is suspect, too, only its
   * coverage says so.
   */
  private static boolean isPart(SealedRecord record, JsonValue.Obj metric) {
    String quality = metric.text("q");
    return "partial".equals(quality)
        || ("suspect".equals(quality)
            && !record.length().endsWith("m")
            && !"100".equals(metric.number("cov")));
  }

  /** Whether the record lists another factor that could be meant as well, by its unit. */
  private static boolean isOneOfSeveral(JsonValue.Obj factors, String factor) {
    String unit = factors.object(factor).text("u");
    return factors.members().keySet().stream()
        .anyMatch(
            id ->
                !id.equals(factor) && java.util.Objects.equals(factors.object(id).text("u"), unit));
  }

  /** Earlier versions of the agent named the last one only. */
  private static boolean isLong(SealedRecord record) {
    return record.length().equals("1M") || record.length().equals("1Y");
  }

  /** The sum over base intervals, if the file holds every one of them. */
  private @Nullable BigDecimal parts(SealedRecord record, String name) {
    if (BY_BATTERY.stream().anyMatch(name::startsWith) && isOtherBattery(record)) {
      return null;
    }
    return replaced.isEmpty() || !name.startsWith("co2.")
        ? sum(bases, record, name)
        : byNewFactor(record, name);
  }

  /** Whether the carbon in the battery may be another than its base intervals say. */
  private boolean isOtherBattery(SealedRecord record) {
    return record.end() > restatedFrom
        && bases.subMap(record.start(), record.end()).values().stream()
            .anyMatch(part -> part.line() < restatedLine);
  }

  /** The energy of each base interval by the factor of the longer one. */
  private @Nullable BigDecimal byNewFactor(SealedRecord record, String name) {
    JsonValue.Obj metrics = record.json().object("metrics");
    JsonValue.Obj metric = metrics.object(name);
    String factor = metric.text("factor");
    String of = metric.text("of");
    BigDecimal each =
        factor == null || of == null
            ? null
            : perUnit(name, metric, metrics, record.json().object("factors"), factor);
    if (of == null || each == null) {
      return null;
    }
    BigDecimal sum = BigDecimal.ZERO;
    long at = record.start();
    while (at < record.end()) {
      BaseFigures part = bases.get(at);
      if (part == null) {
        return null;
      }
      BigDecimal amount = part.value(of);
      BigDecimal less = name.equals("co2.purchased_net") ? part.value(EXPORT) : BigDecimal.ZERO;
      if (amount == null || less == null) {
        return null;
      }
      sum = sum.add(amount.subtract(less).multiply(each).setScale(PLACES, RoundingMode.HALF_EVEN));
      at = part.end();
    }
    return sum;
  }

  /** Of a record that is told again: what it says of scope 1 and 2 itself. */
  private static @Nullable BigDecimal scopes(SealedRecord record) {
    JsonValue.Obj metrics = record.json().object("metrics");
    BigDecimal sum = BigDecimal.ZERO;
    for (String name : metrics.members().keySet()) {
      if ((name.startsWith("co2.scope1.") || name.startsWith("co2.scope2."))
          && !name.equals(MARKET)) {
        BigDecimal value = value(metrics, name);
        if (value == null || isPart(record, metrics.object(name))) {
          return null;
        }
        sum = sum.add(value);
      }
    }
    return sum;
  }

  private static @Nullable BigDecimal sum(
      NavigableMap<Long, BaseFigures> parts, SealedRecord record, String name) {
    long at = record.start();
    boolean zero =
        TOLD.stream().anyMatch(name::startsWith)
            || ABSENT_IS_ZERO.stream().anyMatch(name::startsWith);
    BigDecimal sum = BigDecimal.ZERO;
    while (at < record.end()) {
      BaseFigures part = parts.get(at);
      BigDecimal value = part == null ? null : part.value(name);
      if (part == null || (value == null && !zero)) {
        return null;
      }
      sum = value == null ? sum : sum.add(value);
      at = part.end();
    }
    return sum;
  }

  private void total(SealedRecord record, JsonValue.Obj metrics, BigDecimal v) {
    List<String> names =
        metrics.members().keySet().stream()
            .filter(n -> n.startsWith("co2.scope1.") || n.startsWith("co2.scope2."))
            .filter(n -> !n.equals(MARKET))
            .toList();
    String covered = metrics.object(TOTAL).text("text");
    // Older software did not say it.
    if (covered != null && !new HashSet<>(List.of(covered.split(" "))).equals(Set.copyOf(names))) {
      wrong(
          record, TOTAL, v, "it says that it covers " + covered + ", and the record has " + names);
      return;
    }
    if (!record.length().endsWith("m")) {
      longerTotal(record, metrics, names, v);
      return;
    }
    added(record, metrics, TOTAL, names, v);
  }

  /** What its base intervals have, and what people told of it. */
  private void longerTotal(
      SealedRecord record, JsonValue.Obj metrics, List<String> names, BigDecimal v) {
    List<String> told = names.stream().filter(n -> isTold(n, metrics.object(n))).toList();
    if (!told.isEmpty() && told.size() == names.size()) {
      added(record, metrics, TOTAL, told, v);
      return;
    }
    BigDecimal parts = replaced.isEmpty() ? sum(bases, record, TOTAL) : scopes(record);
    for (String name : replaced.isEmpty() ? told : List.<String>of()) {
      BigDecimal value = value(metrics, name);
      parts = parts == null || value == null ? null : parts.add(value);
    }
    if (parts == null) {
      unchecked(TOTAL);
      return;
    }
    checked++;
    if (v.compareTo(parts) != 0) {
      wrong(
          record,
          TOTAL,
          v,
          "its base intervals in this file"
              + (told.isEmpty() ? "" : " and what people told")
              + " add up to "
              + parts);
    }
  }

  private void standardCoal(SealedRecord record, JsonValue.Obj metrics, BigDecimal v) {
    List<String> names =
        metrics.members().keySet().stream().filter(n -> n.startsWith("tce.by_carrier.")).toList();
    added(record, metrics, "tce.total", names, v);
  }

  private void added(
      SealedRecord record, JsonValue.Obj metrics, String name, List<String> of, BigDecimal v) {
    List<BigDecimal> values = new ArrayList<>();
    for (String part : of) {
      BigDecimal value = value(metrics, part);
      if (value == null) {
        wrong(record, name, v, part + " is missing, so this should be");
        return;
      }
      values.add(value);
    }
    checked++;
    BigDecimal expected = values.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    if (v.compareTo(expected) != 0) {
      wrong(record, name, v, String.join(" + ", of) + " is " + expected.toPlainString());
    }
  }

  /** What the factor is applied to; null where a record does not say it. */
  private static @Nullable BigDecimal amount(
      String name, JsonValue.Obj metric, JsonValue.Obj metrics) {
    if (name.startsWith("co2.load.")) {
      return null;
    }
    return switch (name) {
      case "co2.purchased_net" -> net(metrics, true);
      case "tce.by_carrier.electricity", "tce.equal_value" -> net(metrics, false);
      case "tce.by_carrier.pv" -> panels(metrics, metric);
      case "tce.by_carrier.natural_gas" -> value(metrics, gas(metric));
      case "tce.by_carrier.heat" -> value(metrics, heat(metrics));
      case MARKET -> uncovered(metrics);
      case HOURLY -> unmatched(metrics);
      default -> metric.text("of") == null ? null : value(metrics, metric.text("of"));
    };
  }

  /** Of panels behind hybrid inverters what did not get lost there, where the figure says so. */
  static @Nullable BigDecimal panels(JsonValue.Obj metrics, JsonValue.Obj figure) {
    BigDecimal made = value(metrics, "elec.pv.generation");
    if (figure.text("text") == null) {
      return made;
    }
    BigDecimal lost = value(metrics, "flow.pv_to_loss");
    return made == null || lost == null ? null : made.subtract(lost);
  }

  /** Older software took the volume as it was counted, and did not say so. */
  private static String gas(JsonValue.Obj metric) {
    String of = metric.text("of");
    return of == null ? "fuel.gas.volume" : of;
  }

  /** Where some of the heat is the site's own, what was bought is a figure beside it. */
  private static String heat(JsonValue.Obj metrics) {
    return metrics.get("heat.own") == null ? CONVERTED_HEAT : "heat.purchased";
  }

  private static @Nullable BigDecimal net(JsonValue.Obj metrics, boolean both) {
    BigDecimal bought = value(metrics, IMPORT);
    BigDecimal sold = value(metrics, EXPORT);
    if (sold == null && !both && metrics.get(EXPORT) == null && !hasSource(metrics)) {
      // A site without a source has nothing to give to the grid.
      sold = BigDecimal.ZERO;
    }
    return bought == null || sold == null ? null : bought.subtract(sold);
  }

  private static boolean hasSource(JsonValue.Obj metrics) {
    return metrics.get("elec.pv.generation") != null
        || metrics.get("elec.chp.generation") != null
        || metrics.get("elec.battery.discharge") != null;
  }

  /** What no certificate covers: each is for 1 MWh, and none covers more than was bought. */
  private static @Nullable BigDecimal uncovered(JsonValue.Obj metrics) {
    BigDecimal bought = value(metrics, IMPORT);
    BigDecimal applied = value(metrics, "cert.applied");
    return bought == null || applied == null
        ? null
        : bought.subtract(bought.min(applied.multiply(MEGAWATT_HOUR)));
  }

  /** What no certificate covers in its own hour. */
  private static @Nullable BigDecimal unmatched(JsonValue.Obj metrics) {
    BigDecimal bought = value(metrics, IMPORT);
    BigDecimal matched = value(metrics, "cert.matched_hourly");
    return bought == null || matched == null ? null : bought.subtract(matched);
  }

  /** The figure's units of mass for one unit of what the factor is applied to. */
  private static @Nullable BigDecimal perUnit(
      String name,
      JsonValue.Obj metric,
      JsonValue.Obj metrics,
      JsonValue.Obj factors,
      String factor) {
    String value = factors.object(factor).text("value");
    String unit = factors.object(factor).text("u");
    String made = metric.text("u");
    if (value == null || unit == null || made == null) {
      return null;
    }
    BigDecimal each = FactorUnits.kilograms(value, unit, sourceUnit(name, metric, metrics));
    BigDecimal into = FactorUnits.kilogramsIn(made);
    // Both are powers of ten.
    return each == null || into == null ? null : each.divide(into);
  }

  private static @Nullable String sourceUnit(
      String name, JsonValue.Obj metric, JsonValue.Obj metrics) {
    String of =
        switch (name) {
          case "tce.by_carrier.natural_gas" -> gas(metric);
          case "tce.by_carrier.heat" -> heat(metrics);
          default -> metric.text("of") == null ? IMPORT : metric.text("of");
        };
    return of == null ? null : metrics.object(of).text("u");
  }

  private static @Nullable BigDecimal value(JsonValue.Obj metrics, @Nullable String name) {
    String value = name == null ? null : metrics.object(name).number("v");
    return value == null ? null : new BigDecimal(value);
  }

  private void wrong(SealedRecord record, String name, BigDecimal v, String but) {
    flaws.accept(
        record.flaw(Kind.CARBON, field(name, "v"), "says " + v.toPlainString() + ", but " + but));
  }

  private static String field(String metric, String member) {
    return "metrics." + metric + "." + member;
  }
}
