package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Listing.ALL;

import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Presence;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.Tariff.Period;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Import by tariff period. A base interval lies in one period as a whole, because the site file is
 * refused otherwise; outside the tariff's validity nothing is split.
 */
final class TariffSplit implements Chapter {

  private static final String BEGINNING = EnergyBalance.IMPORT + ".";

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.ENERGY)
          .lengths(ALL)
          .needs("grid tariff")
          .rolls(Rolling.SUMMED)
          .from(EnergyBalance.IMPORT)
          .rule("import in `sharp peak flat valley deep` of the tariff; told where it is not zero")
          .presence(Presence.NOT_ZERO)
          .add(BEGINNING + "{period}", Sheet.KWH, "分时下网电量", "bought in period")
          .list();

  private final @Nullable Tariff tariff;
  private final boolean extras;
  private final ZoneId zone;

  /**
   * @param extras whether sharp peak and deep valley apply to the site
   */
  TariffSplit(@Nullable Tariff tariff, boolean extras, ZoneId zone) {
    this.tariff = tariff;
    this.extras = extras;
    this.zone = zone;
  }

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void base(Sheet sheet) {
    Metric bought = sheet.get(EnergyBalance.IMPORT);
    if (bought == null || tariff == null) {
      return;
    }
    LocalDateTime local = Instant.ofEpochMilli(sheet.startMillis()).atZone(zone).toLocalDateTime();
    Tariff held = tariff.on(local.toLocalDate());
    Period period = held.period(local, extras);
    String why =
        period == null
            ? "tariff " + held.name() + " does not hold on " + local.toLocalDate()
            : extras ? held.unlisted(local) : null;
    if (period != null && why == null) {
      sheet.put(name(period), bought);
      return;
    }
    // Not known to be in any: then in none of them it is known to be zero.
    for (Period each : tariff.periods(extras)) {
      sheet.put(name(each), Metric.missing(Sheet.KWH, String.valueOf(why)));
    }
  }

  @Override
  public void rollUp(Sheet sheet) {
    for (Period period : Period.values()) {
      sheet.takeSums(name(period));
    }
  }

  private static String name(Period period) {
    return BEGINNING + period.name().toLowerCase(Locale.ROOT);
  }
}
