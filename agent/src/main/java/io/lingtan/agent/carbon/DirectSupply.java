package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Sheet.KWH;

import io.lingtan.agent.carbon.sheet.Calendar;
import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Site.DirectLimits;
import io.lingtan.agent.site.activity.Activity;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Green direct supply (绿电直连): what of the energy that own plants could have given was used here and
 * exported, of a month and a year. Shares are of sums, never means of shorter ones; what was
 * curtailed people tell, and it was available.
 */
final class DirectSupply implements Chapter {

  private static final String DOCUMENT = "发改能源〔2025〕650号";
  private static final String GENERATED = Figure.PV_GENERATION.metric();
  private static final String AVAILABLE = "direct.available";
  private static final String SELF_USED = "direct.self_used";
  private static final String SELF_OF_AVAILABLE = "direct.self_of_available";
  private static final String SELF_OF_USE = "direct.self_of_use";
  private static final String EXPORTED = "direct.export_of_available";

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.ENERGY)
          .lengths("1M 1Y")
          .needs("grid export pv direct_supply")
          .rolls(Rolling.ANEW)
          .rule(
              "PV generation, without what is lost in hybrid inverters, + what people told of"
                  + " curtailed energy; its text says of which")
          .from(GENERATED + " " + EnergyBalance.PV_LOSS)
          .add(AVAILABLE, KWH, "绿电直连可用发电量", "available of direct supply")
          .rule("available − curtailed − export", DOCUMENT)
          .from(GENERATED + " " + EnergyBalance.PV_LOSS + " " + EnergyBalance.EXPORT)
          .add(SELF_USED, KWH, "绿电直连自发自用电量", "self-used of direct supply")
          .rule("self-used / available", DOCUMENT)
          .from(SELF_USED + " " + AVAILABLE)
          .add(SELF_OF_AVAILABLE, "%", "自用占可用发电量", "self-used of available")
          .rule("self-used / (self-used + import)", DOCUMENT)
          .from(SELF_USED + " " + EnergyBalance.IMPORT)
          .add(SELF_OF_USE, "%", "自用占总用电量", "self-used of all use")
          .rule("export / available", DOCUMENT)
          .from(EnergyBalance.EXPORT + " " + AVAILABLE)
          .add(EXPORTED, "%", "上网占可用发电量", "exported of available")
          .list();

  private final Calendar calendar;

  DirectSupply(Calendar calendar) {
    this.calendar = calendar;
  }

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void rollUp(Sheet sheet) {
    Metric generated = EnergyBalance.pvPastInverters(sheet);
    Metric sold = sheet.get(EnergyBalance.EXPORT);
    Metric bought = sheet.get(EnergyBalance.IMPORT);
    if (!calendar.isMonths(sheet.length()) || generated == null || sold == null || bought == null) {
      return;
    }
    List<Activity> told =
        calendar.told(sheet).stream().filter(row -> row.kind() == Activity.Kind.CURTAILED).toList();
    long curtailed = told.stream().mapToLong(Activity::micros).sum();
    List<Metric> made = new ArrayList<>(List.of(generated));
    if (!told.isEmpty()) {
      made.add(new Metric(curtailed, KWH, Quality.SUBSTITUTED, 100, 0));
    }
    Metric available = new Combining(made).sum(KWH);
    sheet.put(
        AVAILABLE,
        available.micros() == null
            ? available
            : available.saying(told.isEmpty() ? "generated" : "generated curtailed"));
    Combining own = new Combining(List.of(generated, sold));
    boolean known = own.why() == null;
    long self = known ? value(generated) - value(sold) : 0;
    sheet.put(SELF_USED, own.compared(self, KWH, sheet.length()));
    share(sheet, SELF_OF_AVAILABLE, List.of(available, sold), self, available);
    Combining use = new Combining(List.of(generated, sold, bought));
    long used = use.why() == null ? self + value(bought) : 0;
    share(sheet, SELF_OF_USE, List.of(generated, sold, bought), self, use.figure(used, KWH));
    share(sheet, EXPORTED, List.of(available, sold), known ? value(sold) : 0, available);
  }

  private static void share(
      Sheet sheet, String name, List<Metric> inputs, long part, Metric whole) {
    Combining all = new Combining(inputs);
    String why = all.why();
    sheet.put(
        name,
        why != null
            ? Metric.missing("%", why)
            : sheet.ratio(all, 100 * part, value(whole), "%", "nothing was there"));
  }

  /**
   * Which limits are missed, by the energies and not by rounded shares, in the order of the
   * figures; null where that cannot be said.
   */
  static @Nullable List<String> missed(Map<String, Metric> figures, DirectLimits limits) {
    Long available = micros(figures, AVAILABLE);
    Long self = micros(figures, SELF_USED);
    Long sold = micros(figures, EnergyBalance.EXPORT);
    Long bought = micros(figures, EnergyBalance.IMPORT);
    if (available == null || self == null || sold == null || bought == null || available == 0) {
      return null;
    }
    List<String> missed = new ArrayList<>();
    if (percent(self, available, limits.selfOfAvailable()) < 0) {
      missed.add("self_of_available");
    }
    if (percent(self, self + bought, limits.selfOfUse()) < 0) {
      missed.add("self_of_use");
    }
    if (percent(sold, available, limits.export()) > 0) {
      missed.add("export_of_available");
    }
    return missed;
  }

  private static @Nullable Long micros(Map<String, Metric> figures, String name) {
    Metric metric = figures.get(name);
    return metric == null ? null : metric.micros();
  }

  /** Whether a share is below, at or above a limit. */
  private static int percent(long part, long whole, BigDecimal limit) {
    return BigDecimal.valueOf(part)
        .movePointRight(2)
        .compareTo(BigDecimal.valueOf(whole).multiply(limit));
  }
}
