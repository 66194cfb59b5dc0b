package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Sheet.KG;
import static io.lingtan.agent.carbon.sheet.Sheet.KWH;

import io.lingtan.agent.carbon.sheet.CertificateHours;
import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Factors.InForce;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Rounding;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Presence;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.Certificates;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Scope 2 on the market basis, by the month and the year, because certificates are. A certificate
 * covers 1 MWh of what was bought in the month that it is applied to, at zero; the rest takes the
 * residual factor, which may make the figure higher than the location basis. What covers more than
 * was bought in that month is told and not carried over, and so a year is the sum of its months:
 * its certificates in one pool would cover what was bought in months that had none.
 */
final class Market implements Chapter {

  private static final String NAME = "co2.scope2.market";
  private static final long MILLIWATT_HOURS = 1_000_000_000L;
  private static final String APPLIED = "cert.applied";
  private static final String COVERAGE = "cert.coverage";
  private static final String UNUSED = "cert.unused";
  private static final String MATCHED = "cert.matched_hourly";

  /** Beside the scopes: what {@code co2.total} adds up has each kWh once. */
  private static final String HOURLY = "co2.market_hourly";

  private static final String BOUGHT = "bought.";

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.SCOPE2)
          .lengths("1M 1Y")
          .needs("grid market residual")
          .rule(
              "each month's import: covered by its certificates at zero, the rest × residual"
                  + " factor; a year is the sum of its months",
              "GHG Protocol Scope 2 Guidance")
          .from(EnergyBalance.IMPORT + " cert.applied")
          .add(NAME, KG, "外购电力（基于市场）", "electricity, market-based")
          .in(Section.CERT)
          .rule("certificates of 1000 kWh that people applied to the months")
          .from("")
          .presence(Presence.UNOBSERVED)
          .add(APPLIED, "1", "已使用绿证", "certificates applied")
          .rule(
              "what they cover of their months' imports; what covers more is told and not carried"
                  + " over")
          .from(EnergyBalance.IMPORT + " " + APPLIED)
          .presence(Presence.UNOBSERVED)
          .add(COVERAGE, "%", "绿证覆盖率", "covered by certificates")
          .presence(Presence.UNOBSERVED)
          .add(UNUSED, KWH, "未用绿证电量", "certified and not bought")
          .lengths("1h 1M")
          .needs("grid market residual hourly")
          .rule(
              "a month's certificates spread evenly over its hours (certificate_hours), in each at"
                  + " most what flowed from the grid to loads and battery",
              "GHG Protocol Scope 2, hourly matching (draft of 2025)")
          .from("cert.applied flow.grid_to_load flow.grid_to_battery")
          .presence(Presence.UNOBSERVED)
          .add(MATCHED, KWH, "逐小时匹配的绿证电量", "certified energy matched hour by hour")
          .in(Section.CO2)
          .rule(
              "(import − what certificates cover hour by hour) × residual factor: own PV is not"
                  + " bought, and what charges a battery counts in the hour in which it is bought")
          .from(EnergyBalance.IMPORT + " " + MATCHED)
          .presence(Presence.UNOBSERVED)
          .add(HOURLY, KG, "外购电力（基于市场，逐小时匹配）", "electricity, market-based, hour by hour")
          .list();

  private final Factors factors;
  private final Certificates certificates;
  private final @Nullable CertificateHours hours;
  private final ZoneId zone;

  /**
   * @param hours those of a day that certificates are of; null where nothing is asked by the hour
   */
  Market(
      Factors factors, Certificates certificates, @Nullable CertificateHours hours, ZoneId zone) {
    this.factors = factors;
    this.certificates = certificates;
    this.hours = hours;
    this.zone = zone;
  }

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void rollUp(Sheet sheet) {
    Metric bought = sheet.get(EnergyBalance.IMPORT);
    if (bought == null) {
      return;
    }
    YearMonth first = YearMonth.from(Instant.ofEpochMilli(sheet.startMillis()).atZone(zone));
    Certificates all = certificates.and(sheet.feeds().certificates());
    if (hours != null && (sheet.length().equals("1h") || sheet.length().equals("1M"))) {
      byHour(sheet, bought, first, all.appliedTo(first), hours);
    }
    List<Month> months = new ArrayList<>();
    switch (sheet.length()) {
      case "1M" -> months.add(month(first, bought, all));
      case "1Y" -> {
        for (int i = 0; i < 12; i++) {
          YearMonth each = first.plusMonths(i);
          months.add(month(each, sheet.sum(monthly(each)), all));
        }
      }
      default -> {
        return;
      }
    }
    long applied = months.stream().mapToLong(Month::applied).sum();
    sheet.put(APPLIED, new Metric(1_000_000L * applied, "1", Quality.MEASURED, 100, 0));
    figures(sheet, bought, months);
  }

  /** Where among the sums of a month what was bought in one of its hours stands. */
  static String bought(long hour) {
    return BOUGHT + hour;
  }

  /** An hour by itself, or a month by all of its hours. */
  private void byHour(
      Sheet sheet, Metric bought, YearMonth month, long applied, CertificateHours by) {
    List<Metric> inputs = new ArrayList<>(List.of(bought));
    inputs.addAll(sheet.present("flow.grid_to_load", "flow.grid_to_battery"));
    SortedMap<Long, Long> energies = new TreeMap<>();
    if (sheet.length().equals("1M")) {
      for (Map.Entry<String, Metric> each : sheet.sumsOf(BOUGHT).entrySet()) {
        energies.put(
            Long.valueOf(each.getKey().substring(BOUGHT.length())), value(each.getValue()));
        inputs.add(each.getValue());
      }
    } else if (inputs.stream().allMatch(each -> each.micros() != null)) {
      energies.put(
          sheet.startMillis(),
          sheet.value("flow.grid_to_load") + sheet.value("flow.grid_to_battery"));
    }
    InForce factor = factors.electricity("residual", sheet.startMillis());
    Combining all = new Combining(inputs);
    String why = all.why();
    if (why == null && (inputs.size() == 1 || energies.isEmpty())) {
      why = "no hour is closed yet";
    }
    if (why != null) {
      sheet.put(MATCHED, Metric.missing(KWH, why));
    } else {
      long covered = Math.multiplyExact(applied, MILLIWATT_HOURS);
      covered = Math.min(value(bought), by.covered(energies, covered, month, zone));
      sheet.put(MATCHED, all.figure(covered, KWH));
      if (factor != null) {
        sheet.use(factor);
        long milligrams = factor.kilograms(value(bought) - covered, KWH);
        Metric of = all.figure(milligrams, KG);
        sheet.put(HOURLY, Sheet.by(factor, of, EnergyBalance.IMPORT, milligrams, KG));
        return;
      }
      why = factors.lacking("electricity", "residual", sheet.startMillis());
    }
    sheet.put(HOURLY, Sheet.unknown(factor, EnergyBalance.IMPORT, KG, why));
  }

  /** Where among the sums of a year a month's import stands. */
  static String monthly(YearMonth month) {
    return "month." + month;
  }

  /**
   * A month, with its own certificates: none covers what was bought in another one.
   *
   * @param bought null if nobody told of the month
   */
  private record Month(YearMonth month, @Nullable Metric bought, long applied) {

    long covered() {
      return bought == null || bought.micros() == null
          ? 0
          : Math.min(value(bought), Math.multiplyExact(applied, MILLIWATT_HOURS));
    }

    long unused() {
      return Math.multiplyExact(applied, MILLIWATT_HOURS) - covered();
    }
  }

  private static Month month(YearMonth month, @Nullable Metric bought, Certificates all) {
    return new Month(month, bought, all.appliedTo(month));
  }

  private void figures(Sheet sheet, Metric bought, List<Month> months) {
    List<Metric> inputs = new ArrayList<>(List.of(bought));
    SequencedSet<String> used = new LinkedHashSet<>();
    Standing standing = Standing.OFFICIAL;
    String why = null;
    long imported = 0;
    long covered = 0;
    long unused = 0;
    long milligrams = 0;
    boolean comparable = true;
    for (Month each : months) {
      covered += each.covered();
      unused += each.unused();
      Metric known = each.bought();
      if (known == null) {
        continue;
      }
      inputs.add(known);
      long start = each.month().atDay(1).atStartOfDay(zone).toInstant().toEpochMilli();
      InForce factor = factors.electricity("residual", start);
      if (factor == null) {
        why = why == null ? factors.lacking("electricity", "residual", start) : why;
        continue;
      }
      sheet.use(factor);
      used.add(factor.factor().id());
      standing = standing.worse(factor.standing());
      if (known.micros() != null) {
        imported += value(known);
        comparable &= Combining.isWhole(known, "1M");
        milligrams += factor.kilograms(value(known) - each.covered(), KWH);
      }
    }
    boolean untold = months.stream().anyMatch(each -> each.bought() == null);
    Combining all = new Combining(inputs);
    why = why == null ? all.why() : why;
    if (why == null && inputs.size() == 1) {
      why = "none of its months was told";
    }
    if (why != null) {
      sheet.put(COVERAGE, Metric.missing("%", why));
      sheet.put(UNUSED, Metric.missing(KWH, why));
      sheet.put(NAME, Sheet.unknown(null, EnergyBalance.IMPORT, KG, why).by(used));
      return;
    }
    // A whole month's certificates cover too much of a part of it.
    Metric share =
        imported == 0
            ? Metric.missing("%", "nothing was bought")
            : comparable
                ? all.figure(Rounding.millionths(100 * covered, imported), "%")
                : Metric.missing("%", Combining.OTHER_TIME);
    sheet.put(COVERAGE, part(share, untold));
    sheet.put(UNUSED, part(all.figure(unused, KWH), untold));
    Metric worst = all.figure(milligrams, KG);
    Metric figure =
        new Metric(
            milligrams,
            KG,
            worst.quality(),
            bought.coverage(),
            bought.estimated(),
            EnergyBalance.IMPORT,
            null,
            null);
    sheet.put(NAME, part(figure, untold).by(used).restingOn(standing));
  }

  /** A year of which a month was not told is known in part. */
  private static Metric part(Metric metric, boolean untold) {
    return untold && metric.micros() != null
        ? metric.of(metric.quality().worse(Quality.PARTIAL))
        : metric;
  }
}
