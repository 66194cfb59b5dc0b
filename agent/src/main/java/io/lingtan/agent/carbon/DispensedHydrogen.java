package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;
import static io.lingtan.agent.carbon.sheet.Listing.ALL;
import static io.lingtan.agent.carbon.sheet.Listing.BASE;
import static io.lingtan.agent.carbon.sheet.Listing.BASE_ONLY;
import static io.lingtan.agent.carbon.sheet.Sheet.KG;

import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.HydrogenStock;
import io.lingtan.agent.carbon.sheet.HydrogenStock.Given;
import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.carbon.sheet.Level.Kind;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The carbon of hydrogen at the nozzle, which is not that of what is made in the same hour: what is
 * given comes from the tanks, as one mix ({@link HydrogenStock}), and was compressed. Where no tank
 * is measured the stock is that of the books, and the figures are derived at best. What a trailer
 * delivers is told by the day alone: where tanks hold more than the books, the mix is doubted.
 */
final class DispensedHydrogen implements Chapter {

  static final String CI = "h2.dispensed_ci";
  private static final String CO2 = "h2.dispensed_co2";
  private static final String STOCK = "h2.stock_co2";
  private static final String RATIO = "kg/kg";

  /** A tank's mass follows from its pressure and temperature: good to a fiftieth of it. */
  private static final long TOLERATED = 50;

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.H2)
          .needs("grid electrolyser hydrogen h2_dispenser location")
          .lengths(BASE)
          .rolls(Rolling.OWN)
          .rule(
              "CO2 that came with the hydrogen in the tanks, at the end; what is vented takes none")
          .from("h2.co2 h2.produced h2.dispensed h2.storage_mass")
          .because(BASE_ONLY)
          .add(STOCK, KG, "库存氢气排放", "CO2 of the hydrogen in the tanks")
          .lengths(ALL)
          .rolls(Rolling.SUMMED)
          .rule(
              "its share of the CO2 of all that was in the tanks or made, and that of the"
                  + " compressors' electricity")
          .from("h2.co2 h2.produced h2.dispensed h2.storage_mass co2.load.{id}")
          .add(CO2, KG, "加注氢气排放", "CO2 of the hydrogen dispensed")
          .rolls(Rolling.ANEW)
          .rule("h2.dispensed_co2 / h2.dispensed; its text says what it counts")
          .from("h2.dispensed_co2 h2.dispensed")
          .add(CI, RATIO, "加注氢气碳强度", "carbon intensity at the nozzle")
          .list();

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void base(Sheet sheet) {
    Metric emitted = sheet.get("h2.co2");
    Metric given = sheet.get(Figure.H2_DISPENSED.metric());
    if (emitted == null || given == null) {
      return;
    }
    Metric made = sheet.known(Figure.H2_PRODUCED.metric(), KG);
    List<Level> tanks = sheet.levels(Kind.H2_MASS);
    HydrogenStock stock = begun(sheet.stock(), tanks);
    Combining all = new Combining(List.of(emitted, made, given));
    Metric held = tanks.isEmpty() ? null : new Combining(ends(tanks)).sum(KG);
    long books = all.why() != null ? stock.held() : stock.left(value(made), value(given));
    long left = held == null || held.micros() == null ? Math.max(0, books) : value(held);
    if (all.why() != null) {
      sheet.stock(stock.doubted(left, Math.max(stock.held(), left)));
      sheet.put(STOCK, Metric.missing(KG, all.why()));
      sheet.put(CO2, Metric.missing(KG, all.why()));
    } else {
      // More than the books have was delivered, or given though nobody made it: of other carbon.
      long tolerated = held == null || held.micros() == null ? 0 : left / TOLERATED;
      boolean more = left - books > tolerated;
      HydrogenStock from = more ? stock.doubted(stock.held(), left - books) : stock;
      Given out = from.give(value(emitted), value(given), left);
      sheet.stock(more ? out.left() : out.left().holding(Math.max(0, Math.min(books, left))));
      Quality best = held == null || held.micros() == null ? Quality.DERIVED : held.quality();
      boolean believed = out.left().isBelieved();
      sheet.put(STOCK, told(all.figure(out.left().carbon(), KG), best, believed));
      List<Metric> parts = new ArrayList<>(compressors(sheet));
      parts.add(told(all.figure(out.carbon(), KG), best, from.isBelieved()));
      sheet.put(CO2, new Combining(parts).sum(KG));
    }
    intensity(sheet, given);
  }

  /** What was in the tanks when counting began; where none is measured there was nothing. */
  private static HydrogenStock begun(@Nullable HydrogenStock known, List<Level> tanks) {
    HydrogenStock stock = known == null ? HydrogenStock.UNKNOWN : known;
    Metric held = new Combining(tanks.stream().map(Level::start).toList()).sum(KG);
    return stock.isUnknown() && held.micros() != null ? stock.begunWith(value(held)) : stock;
  }

  private static List<Metric> ends(List<Level> tanks) {
    return tanks.stream().map(Level::end).toList();
  }

  private static Metric told(Metric figure, Quality best, boolean believed) {
    if (figure.micros() == null) {
      return figure;
    }
    Metric at = figure.of(figure.quality().worse(best));
    return believed ? at : Combining.suspect(at);
  }

  /** The CO2 of compressors whose electricity is not already an electrolyser's. */
  private static List<Metric> compressors(Sheet sheet) {
    List<Count> both = new ArrayList<>(sheet.of(Figure.LOAD, Role.ELECTROLYSER));
    both.addAll(sheet.of(Figure.LOAD, Role.COMPRESSOR));
    return sheet.topmost(both).stream()
        .filter(count -> count.meter().role() == Role.COMPRESSOR)
        .map(count -> sheet.known("co2.load." + count.meter().id(), KG))
        .toList();
  }

  private static void intensity(Sheet sheet, Metric given) {
    Metric carbon = sheet.known(CO2, KG);
    Combining both = new Combining(List.of(carbon, given));
    String why = both.why();
    Metric intensity =
        why != null
            ? Metric.missing(RATIO, why)
            : sheet.ratio(both, value(carbon), value(given), RATIO, "no hydrogen was dispensed");
    boolean compressed = !sheet.of(Figure.LOAD, Role.COMPRESSOR).isEmpty();
    sheet.put(
        CI,
        intensity.saying(
            compressed
                ? "electrolyser and compressor AC, scope 2 location"
                : "electrolyser AC without compression, scope 2 location"));
  }

  @Override
  public void rollUp(Sheet sheet) {
    Metric given = sheet.get(Figure.H2_DISPENSED.metric());
    if (sheet.sum(CO2) != null && given != null) {
      sheet.takeSums(CO2);
      intensity(sheet, given);
    }
  }
}
