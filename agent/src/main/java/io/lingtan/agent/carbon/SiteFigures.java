package io.lingtan.agent.carbon;

import io.lingtan.agent.carbon.sheet.Calendar;
import io.lingtan.agent.carbon.sheet.Carried;
import io.lingtan.agent.carbon.sheet.CertificateHours;
import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Counted;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Figures;
import io.lingtan.agent.carbon.sheet.Guarded;
import io.lingtan.agent.carbon.sheet.HydrogenStock;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Presence;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.DirectLimits;
import io.lingtan.agent.site.Site.Green;
import io.lingtan.agent.site.Site.Meter;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The site's figures of an interval, worked out from what its meters counted and showed: chapter by
 * chapter, in the order of {@link #LISTED}, which says of each what it is and how a longer interval
 * has it.
 */
public final class SiteFigures {

  private static final Set<Role> OTHER_THAN_ELECTRIC =
      Set.of(Role.H2_STORAGE, Role.H2_DISPENSER, Role.GAS, Role.HEAT);

  /** Every figure that there is, in the order of records. */
  public static final Indicators LISTED =
      new Indicators(
          Stream.of(
                  EnergyBalance.LISTED,
                  CleanHours.LISTED,
                  DirectSupply.LISTED,
                  TariffSplit.LISTED,
                  Demand.LISTED,
                  LoadCarbon.LISTED,
                  Activities.LISTED,
                  Emissions.LISTED,
                  CombinedHeatAndPower.LISTED,
                  Market.LISTED,
                  Issuance.LISTED,
                  Hydrogen.LISTED,
                  DispensedHydrogen.LISTED,
                  Storage.LISTED,
                  HydrogenDeliveries.LISTED,
                  HydrogenBuses.LISTED,
                  StandardCoal.LISTED,
                  Intensity.LISTED,
                  Coverage.LISTED)
              .flatMap(List::stream)
              .toList());

  private final Map<String, Meter> meters = new LinkedHashMap<>();
  private final Factors factors;
  private final LoadCarbon loadCarbon;
  private final @Nullable DirectLimits direct;
  private final List<Guarded> chapters;
  private final SequencedMap<String, Indicator> usual = new LinkedHashMap<>();

  public SiteFigures(Site site) {
    site.metering().meters().forEach(meter -> meters.put(meter.id(), meter));
    var zone = site.place().zone();
    factors =
        new Factors(site.carbon().tables(), site.carbon().accepted(), site.place().region(), zone);
    loadCarbon = new LoadCarbon(factors, meters.values());
    List<Chapter> all = new ArrayList<>();
    all.add(new EnergyBalance(site.metering().allocation(), recordMillis(site)));
    if (site.carbon().green().hourly()) {
      all.add(new CleanHours());
    }
    direct = site.carbon().green().direct();
    if (direct != null) {
      all.add(new DirectSupply(new Calendar(zone)));
    }
    all.add(new TariffSplit(site.metering().tariff(), site.metering().tariffExtras(), zone));
    all.add(new Demand());
    Calendar calendar = new Calendar(zone);
    all.add(new Activities(factors, calendar));
    if (site.carbon().isWorkedOut("location")) {
      all.add(loadCarbon);
      all.add(new Emissions(factors));
      all.add(new CombinedHeatAndPower(factors));
    }
    if (site.carbon().isWorkedOut("market")) {
      Green green = site.carbon().green();
      all.add(
          new Market(
              factors,
              site.carbon().certificates(),
              green.hourly()
                  ? new CertificateHours(green.certifiedFrom(), green.certifiedTo())
                  : null,
              zone));
    }
    all.add(new Issuance());
    all.add(new Hydrogen(factors));
    all.add(new DispensedHydrogen());
    all.add(new Storage());
    all.add(new HydrogenDeliveries(calendar));
    all.add(new HydrogenBuses(factors, calendar, site.carbon().dieselLitresPer100Km()));
    if (factors.has("equivalent")) {
      all.add(new StandardCoal(factors));
      all.add(new Intensity(calendar));
    }
    all.add(new Coverage());
    all.add(new Uncertainty());
    chapters = all.stream().map(Guarded::new).toList();
  }

  /**
   * The longest time between two readings of a meter of electricity; a group of points has its own.
   */
  static long recordMillis(Site site) {
    Set<String> electric =
        site.metering().meters().stream()
            .filter(meter -> !OTHER_THAN_ELECTRIC.contains(meter.role()))
            .map(Meter::device)
            .collect(Collectors.toSet());
    return site.devices().stream()
        .filter(device -> electric.contains(device.id()))
        .mapToLong(SiteFigures::readEachMillis)
        .max()
        .orElse(0);
  }

  private static long readEachMillis(Device device) {
    long slowest = device.record().toMillis();
    for (Device.Group group : device.groups()) {
      if (group.points().stream().anyMatch(point -> point.quantity().isRegister())) {
        slowest = Math.max(slowest, group.every().toMillis());
      }
    }
    return slowest;
  }

  /**
   * Finds out which figures the site's records have, from intervals of which nothing is known. To
   * be done once, before the first.
   *
   * @param base the base interval
   * @param longer one of each longer length
   */
  public void learn(Counted base, List<Counted> longer) {
    Sheet sheet = new Sheet(base, meters, new LinkedHashMap<>(), Map.of(), carried());
    chapters.forEach(chapter -> chapter.learn(sheet, true));
    note(sheet);
    SequencedMap<String, Metric> sums = new LinkedHashMap<>();
    for (String name : sheet.names()) {
      Metric metric = sheet.get(name);
      if (metric != null && (isSummed(name) || isGreatest("1M", name))) {
        sums.put(name, metric);
      }
    }
    sums.put(LATE, Metric.missing("1", "nothing is known"));
    for (Counted each : longer) {
      SequencedMap<String, Metric> own = new LinkedHashMap<>(sums);
      own.keySet().removeIf(name -> !isKept(each.length(), name));
      Sheet page = new Sheet(each, meters, own, Map.of(), null);
      chapters.forEach(chapter -> chapter.learn(page, false));
      note(page);
    }
    factors.takeAsked();
  }

  private static boolean isKept(String length, String name) {
    return isSummed(name) || isGreatest(length, name) || name.equals(LATE);
  }

  private void note(Sheet sheet) {
    for (String name : sheet.names()) {
      Indicator indicator = LISTED.find(name);
      if (indicator != null) {
        usual.putIfAbsent(name, indicator);
      }
    }
  }

  /** By their names in records, the figures that {@link #learn} found, in order. */
  public SequencedMap<String, Indicator> usual() {
    return new LinkedHashMap<>(usual);
  }

  private static boolean is(String metric, Predicate<Indicator> what) {
    Indicator indicator = LISTED.find(metric);
    return indicator != null && what.test(indicator);
  }

  /**
   * Whether a longer interval's metric of this name is the sum over its base intervals, because
   * working it out from the longer interval's own counts would give something else.
   */
  public static boolean isSummed(String metric) {
    return is(metric, indicator -> indicator.rolling() == Rolling.SUMMED);
  }

  /**
   * Whether a longer interval takes the greatest of its base intervals' metric of this name, with
   * the time of it: a month does.
   */
  public static boolean isGreatest(String length, String metric) {
    return length.equals("1M") && is(metric, indicator -> indicator.rolling() == Rolling.GREATEST);
  }

  /** Whether a metric of this name follows from readings, and not from a table or from people. */
  public static boolean isObserved(String metric) {
    return !is(metric, indicator -> indicator.presence() == Presence.UNOBSERVED);
  }

  /** Of a longer interval, how many of its base intervals were revised. */
  public static final String LATE = Coverage.LATE;

  /** Of a month, what its successor begins with. */
  public static final String CARRY = Issuance.CARRY;

  /** Among the sums: clean energy that was matched hour by hour, and that was not. */
  public static final String MATCHED = CleanHours.MATCHED;

  public static final String UNMATCHED = CleanHours.UNMATCHED;

  /** How many days before an interval of days people may have told of what is in it. */
  public static final int TOLD_BEFORE_DAYS = HydrogenBuses.FLEET_DAYS;

  /** Among the sums of a year: what was bought in one of its months. */
  public static String monthly(YearMonth month) {
    return Market.monthly(month);
  }

  /** Among the sums of a month: what was bought in one of its hours. */
  public static String bought(long hour) {
    return Market.bought(hour);
  }

  /** What a month tells its year: what was bought, whose certificates are the month's. */
  public static final String MONTHLY = EnergyBalance.IMPORT;

  /**
   * Whether a metric of this name that is not there is zero, because it is told only when it is
   * not.
   */
  public static boolean isZeroWhenAbsent(String metric) {
    return is(metric, indicator -> indicator.presence() == Presence.NOT_ZERO);
  }

  /** Whether a metric of this name is what something shows at the end, and not counted. */
  public static boolean isLevel(String metric) {
    return is(metric, indicator -> indicator.rolling() == Rolling.LAST);
  }

  /** Whether a metric of this name is what was bought in one period of the tariff. */
  public static boolean isTariffPeriod(String metric) {
    return is(metric, TariffSplit.LISTED::contains);
  }

  /** What is known of the carbon of what is stored before anything was counted. */
  public @Nullable Carried carried() {
    Set<Role> roles = meters.values().stream().map(Meter::role).collect(Collectors.toSet());
    boolean gives = roles.containsAll(Set.of(Role.ELECTROLYSER, Role.H2_DISPENSER));
    return Carried.of(loadCarbon.unknown(), gives ? HydrogenStock.UNKNOWN : null);
  }

  /**
   * The figures of a base interval.
   *
   * @param before what the base interval before handed on; null where nothing is stored
   */
  public Figures base(Counted counted, @Nullable Carried before) {
    Sheet sheet = new Sheet(counted, meters, new LinkedHashMap<>(), Map.of(), before);
    chapters.forEach(chapter -> chapter.base(sheet));
    return sheet.figures(factors.takeAsked());
  }

  /**
   * Which limits of green direct supply figures of a longer interval miss, as the names of their
   * figures end; null where the site has none, or that cannot be said.
   */
  public @Nullable List<String> missedShares(Map<String, Metric> figures) {
    return direct == null ? null : DirectSupply.missed(figures, direct);
  }

  /** Whether limits of green direct supply are to be kept. */
  public boolean hasDirectSupply() {
    return direct != null;
  }

  /**
   * The figures of a longer interval.
   *
   * @param sums of the base intervals' {@link #isSummed} metrics, in their order, and their
   *     greatest of {@link #isGreatest}
   * @param used factors of the base intervals
   */
  public Figures rollUp(
      Counted counted, SequencedMap<String, Metric> sums, Map<String, FactorUsed> used) {
    Sheet sheet = new Sheet(counted, meters, sums, used, null);
    chapters.forEach(chapter -> chapter.rollUp(sheet));
    return sheet.figures(factors.takeAsked());
  }
}
