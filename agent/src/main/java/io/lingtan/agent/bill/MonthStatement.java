package io.lingtan.agent.bill;

import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.BillTerms.MonthPrices;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The bill of a site's month, as far as its figures tell it: each line with the figure that it is
 * made of and how that is known. A line whose figure is missing has no amount, and the bill then no
 * total; nor has it one while a {@link Doubt} forbids it.
 *
 * @param bill null while a line is missing or there can be no total
 * @param quality the worst of its lines
 * @param demand null where the greatest is not known
 * @param choices fen for each way of paying the basic charge, as far as it can be told
 * @param breakEvenKw below this a measured demand costs less than capacity; null where not known
 * @param wanting why the whole cannot be trusted as it stands; empty if it can
 * @param days what the energy of each day that is known of cost
 */
public record MonthStatement(
    YearMonth month,
    MonthPrices prices,
    List<Line> lines,
    @Nullable MonthBill bill,
    Quality quality,
    @Nullable Demand demand,
    SequencedMap<String, Long> choices,
    @Nullable BigDecimal breakEvenKw,
    List<String> wanting,
    List<DayCharge> days) {

  /** The name of the line of the power factor's adjustment, whose price is per cent. */
  public static final String POWER_FACTOR = "power_factor";

  /**
   * What keeps the whole from being trusted as it stands.
   *
   * @param total whether there can be a total all the same
   * @param quality that the whole has at best
   * @param line that each line has at best
   */
  public record Doubt(String why, boolean total, Quality quality, Quality line) {

    /** One of what is billed, which lines say themselves where it is of them. */
    public Doubt(String why, boolean total) {
      this(why, total, Quality.PARTIAL, Quality.MEASURED);
    }

    /** One of what all lines are billed by. */
    public static Doubt ofTerms(String why, Quality quality) {
      return new Doubt(why, true, quality, quality);
    }
  }

  /**
   * The month's greatest demand, and how it stands to the agreed one.
   *
   * @param agreedKw what a contract counts for, null without one
   * @param beyondKw above 105 % of it, which counts double
   */
  public record Demand(
      BigDecimal greatestKw,
      @Nullable BigDecimal agreedKw,
      @Nullable BigDecimal beyondKw,
      Quality quality) {}

  /**
   * A line.
   *
   * @param figures names of what it is made of
   * @param amount kWh, kVA or kW that are billed, or the power factor; null where not known
   * @param price yuan for one of them, of the power factor per cent; null where not known
   * @param fen null where not known
   * @param estimated per cent of the energy
   * @param why it is not known, else null
   */
  public record Line(
      String name,
      String figures,
      @Nullable BigDecimal amount,
      String unit,
      @Nullable BigDecimal price,
      @Nullable Long fen,
      Quality quality,
      int estimated,
      @Nullable String why) {

    /** The same, in no better quality than that. */
    Line atBest(Quality most) {
      return new Line(name, figures, amount, unit, price, fen, quality.worse(most), estimated, why);
    }
  }
}
