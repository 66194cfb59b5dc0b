package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.Combining.value;
import static io.lingtan.agent.carbon.Sheet.KG;
import static io.lingtan.agent.carbon.Sheet.KWH;

import io.lingtan.agent.carbon.Factors.InForce;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Indicator.Told;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Certificates;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;

/**
 * Scope 2 on the market basis, by the month and the year, because certificates are. A certificate
 * covers 1 MWh of what was bought in the period that it is applied to, at zero; the rest takes the
 * residual factor, which may make the figure higher than the location basis. What covers more than
 * was bought is told and not carried over.
 */
final class Market implements Chapter {

  private static final String NAME = "co2.scope2.market";
  private static final long MILLIWATT_HOURS = 1_000_000_000L;
  private static final String APPLIED = "cert.applied";
  private static final String COVERAGE = "cert.coverage";
  private static final String UNUSED = "cert.unused";

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.SCOPE2)
          .lengths("1M 1Y")
          .needs("grid market residual")
          .rule(
              "covered by certificates at zero, the rest × residual factor",
              "GHG Protocol Scope 2 Guidance")
          .from(EnergyBalance.IMPORT + " cert.applied")
          .add(NAME, KG, "外购电力（基于市场）", "electricity, market-based")
          .in(Section.CERT)
          .rule("certificates of 1000 kWh that people applied to the months")
          .from("")
          .told(Told.UNOBSERVED)
          .add(APPLIED, "1", "已使用绿证", "certificates applied")
          .rule("what they cover of the import; what covers more is told and not carried over")
          .from(EnergyBalance.IMPORT + " " + APPLIED)
          .told(Told.UNOBSERVED)
          .add(COVERAGE, "%", "绿证覆盖率", "covered by certificates")
          .told(Told.UNOBSERVED)
          .add(UNUSED, KWH, "未用绿证电量", "certified and not bought")
          .list();

  private final Factors factors;
  private final Certificates certificates;
  private final ZoneId zone;

  Market(Factors factors, Certificates certificates, ZoneId zone) {
    this.factors = factors;
    this.certificates = certificates;
    this.zone = zone;
  }

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void base(Sheet sheet) {
    // Certificates are of months.
  }

  @Override
  public void rollUp(Sheet sheet) {
    Metric bought = sheet.get(EnergyBalance.IMPORT);
    YearMonth month = YearMonth.from(Instant.ofEpochMilli(sheet.startMillis()).atZone(zone));
    if (bought == null) {
      return;
    }
    switch (sheet.length()) {
      case "1M" -> figures(sheet, bought, all(sheet).appliedTo(month));
      case "1Y" -> figures(sheet, bought, all(sheet).appliedTo(month.getYear()));
      default -> {}
    }
  }

  private Certificates all(Sheet sheet) {
    return certificates.and(sheet.feeds().certificates());
  }

  private void figures(Sheet sheet, Metric bought, long applied) {
    Combining input = new Combining(List.of(bought));
    InForce factor = factors.electricity("residual", sheet.startMillis());
    sheet.put(
        APPLIED, new Metric(1_000_000L * applied, "1", Quality.MEASURED, 100, 0, null, null, null));
    if (factor != null) {
      sheet.use(factor);
    }
    String why =
        factor == null
            ? factors.lacking("electricity", "residual", sheet.startMillis())
            : input.why();
    if (factor == null || why != null) {
      sheet.put(COVERAGE, Metric.missing("%", Objects.requireNonNull(why)));
      sheet.put(UNUSED, Metric.missing(KWH, why));
      sheet.put(NAME, Sheet.unknown(factor, EnergyBalance.IMPORT, KG, why));
      return;
    }
    long covered = Math.min(value(bought), Math.multiplyExact(applied, MILLIWATT_HOURS));
    sheet.put(
        COVERAGE, Sheet.ratio(input, 100 * covered, value(bought), "%", "nothing was bought"));
    sheet.put(UNUSED, input.figure(applied * MILLIWATT_HOURS - covered, KWH));
    sheet.put(
        NAME,
        Sheet.by(
            factor,
            bought,
            EnergyBalance.IMPORT,
            factor.kilograms(value(bought) - covered, KWH),
            KG));
  }
}
