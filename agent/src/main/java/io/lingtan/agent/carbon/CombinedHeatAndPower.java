package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Listing.ALL;
import static io.lingtan.agent.carbon.sheet.Listing.BASE;
import static io.lingtan.agent.carbon.sheet.Listing.BASE_ONLY;
import static io.lingtan.agent.carbon.sheet.Sheet.KG;

import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Factors.InForce;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Rounding;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Site.Chp;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the fuel of combined heat and power emits, shared among its heat and its electricity ({@link
 * ChpSplit}). It is a part of {@code co2.scope1.natural_gas} and not added to it. Worked out where
 * the site file names the meters of fuel and heat and the two efficiencies.
 */
final class CombinedHeatAndPower implements Chapter {

  private static final String SHARE = "chp.heat_share";
  private static final String FOR_HEAT = "co2.chp.heat";
  private static final String FOR_POWER = "co2.chp.power";

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.SCOPE1)
          .needs("chp fuel gas heat combustion")
          .from("elec.chp.generation fuel.gas.volume heat.energy")
          .lengths(BASE)
          .rule("the heat's share of the fuel by the efficiency method", "WRI/WBCSD CHP guidance")
          .because(BASE_ONLY + "; a month has co2.chp.heat and co2.chp.power")
          .add(SHARE, "1", "热电联产热量分摊比例", "CHP, the heat's share of the fuel")
          .lengths(ALL)
          .rolls(Rolling.SUMMED)
          .rule(
              "the same of its emission, a part of co2.scope1.natural_gas",
              "WRI/WBCSD CHP guidance")
          .add(FOR_HEAT, KG, "热电联产供热排放（含于天然气）", "CHP, for heat (part of natural gas)")
          .add(FOR_POWER, KG, "热电联产供电排放（含于天然气）", "CHP, for power (part of natural gas)")
          .list();

  private final Factors factors;

  CombinedHeatAndPower(Factors factors) {
    this.factors = factors;
  }

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void base(Sheet sheet) {
    for (Count power : sheet.of(Figure.CHP_GENERATION)) {
      Chp chp = power.meter().chp();
      if (chp != null) {
        split(sheet, power, chp, sheet.of(Figure.CHP_GENERATION).size() > 1);
      }
    }
  }

  private void split(Sheet sheet, Count power, Chp chp, boolean several) {
    String end = several ? "." + power.meter().id() : "";
    Count fuel = of(sheet, Figure.GAS, chp.fuel());
    Count heat = of(sheet, Figure.HEAT, chp.heat());
    InForce factor = factors.find("natural_gas", "combustion", sheet.startMillis());
    if (fuel == null || heat == null) {
      return;
    }
    Combining all = new Combining(List.of(power.amount(), fuel.amount(), heat.amount()));
    String why =
        factor == null
            ? factors.lacking("natural_gas", "combustion", sheet.startMillis())
            : all.why();
    if (why == null && !all.isOfTheSameTime(sheet.length())) {
      why = Combining.OTHER_TIME;
    }
    if (why == null && value(power.amount()) + value(heat.amount()) == 0) {
      why = "neither heat nor power was made";
    }
    if (factor == null || why != null) {
      sheet.put(SHARE + end, Metric.missing("1", String.valueOf(why)));
      sheet.put(FOR_HEAT + end, Sheet.unknown(factor, Figure.GAS.metric(), KG, why));
      sheet.put(FOR_POWER + end, Sheet.unknown(factor, Figure.GAS.metric(), KG, why));
      return;
    }
    sheet.use(factor);
    BigDecimal share =
        new ChpSplit(chp.heatEfficiency(), chp.powerEfficiency())
            .heatShare(
                BigDecimal.valueOf(value(heat.amount())),
                BigDecimal.valueOf(value(power.amount())));
    long emitted = burnt(factor, fuel);
    long forHeat = Rounding.whole(share.multiply(BigDecimal.valueOf(emitted)));
    sheet.put(SHARE + end, all.figure(Rounding.whole(share.movePointRight(6)), "1"));
    sheet.put(FOR_HEAT + end, by(factor, all.figure(forHeat, KG)));
    sheet.put(FOR_POWER + end, by(factor, all.figure(emitted - forHeat, KG)));
  }

  /** It names no figure that it is a multiple of: it is a share of one. */
  private static Metric by(InForce factor, Metric share) {
    return Sheet.by(factor, share, null, value(share), KG);
  }

  private static @Nullable Count of(Sheet sheet, Figure figure, String meter) {
    return sheet.of(figure).stream()
        .filter(count -> count.meter().id().equals(meter))
        .findFirst()
        .orElse(null);
  }

  /** Milligrams of CO2 of one gas meter's volume, brought to 0 °C. */
  private static long burnt(InForce factor, Count gas) {
    return factor.kilograms(EnergyBalance.normal(gas), "m3");
  }

  @Override
  public void rollUp(Sheet sheet) {
    sheet.takeSums("co2.chp.");
  }
}
