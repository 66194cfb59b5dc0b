package io.lingtan.agent.site;

import io.lingtan.agent.site.price.RetailCalendar;
import io.lingtan.agent.site.price.SpotPrices;
import java.math.BigDecimal;
import java.time.YearMonth;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a site's electricity is billed. What the rules leave open is a field here.
 *
 * @param contractKw agreed demand, null unless it is billed
 * @param contractFloor share of what is installed that an agreed demand counts for at least
 * @param sliding whether the demand is that of a window that slides, and not of fixed blocks
 * @param transformerKva capacity of the transformers alone, without motors
 * @param discountFrom kWh/kVA of a month from which the demand price is lower
 * @param discount share of the demand price that is then paid
 * @param powerFactor standard by which the power factor is billed, null if it is not
 * @param outside parts of the price that the power factor's adjustment is not of
 * @param purchaseFactor multiple of the part called {@code purchase}
 * @param response how demand response is settled, null where nothing is said of it
 * @param prices no month is in two of them
 */
public record BillTerms(
    TariffUser user,
    Basic basic,
    @Nullable BigDecimal contractKw,
    BigDecimal contractFloor,
    Reading over,
    boolean sliding,
    BigDecimal transformerKva,
    BigDecimal discountFrom,
    BigDecimal discount,
    @Nullable BigDecimal powerFactor,
    Set<String> outside,
    BigDecimal purchaseFactor,
    @Nullable Response response,
    List<MonthPrices> prices) {

  private static final BigDecimal TOLERATED = new BigDecimal("1.05");

  public static final BigDecimal USUAL_FLOOR = new BigDecimal("0.4");
  public static final BigDecimal USUAL_DISCOUNT_FROM = BigDecimal.valueOf(260);
  public static final BigDecimal USUAL_DISCOUNT = new BigDecimal("0.9");

  public BillTerms {
    outside = Set.copyOf(outside);
    prices = List.copyOf(prices);
  }

  /**
   * The contract demand that is billed: not less than a share of what is installed, kVA taken as
   * kW.
   *
   * @param floor such as 0.4
   */
  public static BigDecimal billedKw(
      BigDecimal contractKw, BigDecimal installedKva, BigDecimal floor) {
    return contractKw.max(installedKva.multiply(floor));
  }

  /** What may be drawn for the contract demand alone. */
  public static BigDecimal toleratedKw(BigDecimal contractKw) {
    return contractKw.multiply(TOLERATED);
  }

  /** What the basic charge is for. */
  public enum Basic {
    NONE,
    CAPACITY,
    CONTRACT,
    DEMAND
  }

  /**
   * What is paid when the demand is beyond 105 % of the contract: the part beyond counts double,
   * and below it is A: the contract, or B: 105 % of it.
   */
  public enum Reading {
    A,
    B
  }

  /**
   * The local rule by which demand response is settled.
   *
   * @param source the notice that it stands in
   * @param price yuan/kWh
   * @param adjusted whether the baseline that is scaled to the hours before the event counts
   * @param hourly whether each hour is settled by itself, and not the event as a whole
   * @param paidFrom share of what was agreed below which nothing is paid
   * @param paidTo share of what was agreed up to which is paid, null for all
   * @param charge share of the price that each missed kWh costs
   * @param chargedBelow share of what was agreed below which kWh are missed
   */
  public record Response(
      String source,
      BigDecimal price,
      boolean adjusted,
      boolean hourly,
      BigDecimal paidFrom,
      @Nullable BigDecimal paidTo,
      BigDecimal charge,
      BigDecimal chargedBelow) {

    /** Whether it needs what was agreed. */
    public boolean asksAgreed() {
      return paidFrom.signum() > 0 || paidTo != null || charge.signum() > 0;
    }
  }

  /** Those of a month, null for none. */
  public @Nullable MonthPrices prices(YearMonth month) {
    return prices.stream().filter(each -> each.isOf(month)).findFirst().orElse(null);
  }

  /** The months that there are prices of, and where these stand. */
  public String months() {
    return prices.stream()
        .map(
            each ->
                each.from()
                    + (each.to().equals(each.from()) ? "" : " to " + each.to())
                    + " at "
                    + each.place())
        .collect(Collectors.joining(", "));
  }

  /**
   * Prices of electricity in some months.
   *
   * @param from first month
   * @param to last month
   * @param source the table, notice or contract that they stand in
   * @param place file and line where they are written
   * @param floated yuan/kWh by name: parts that the period's factor multiplies
   * @param fixed yuan/kWh by name: parts that are the same in every period
   * @param factors by period; of a contract with a price for each period or part, that price
   * @param row whole prices as published, yuan/kWh by period; empty where none is given
   * @param capacity yuan/kVA and month, null for none
   * @param demand yuan/kW and month, null for none
   * @param spot purchase by the quarter of an hour, null where it is not bought so
   * @param calendar the contract's own parts, null where the tariff's periods hold
   */
  public record MonthPrices(
      YearMonth from,
      YearMonth to,
      String source,
      String place,
      SequencedMap<String, BigDecimal> floated,
      SequencedMap<String, BigDecimal> fixed,
      SequencedMap<String, BigDecimal> factors,
      SequencedMap<String, BigDecimal> row,
      @Nullable BigDecimal capacity,
      @Nullable BigDecimal demand,
      @Nullable SpotPrices spot,
      @Nullable RetailCalendar calendar) {

    boolean isOf(YearMonth month) {
      return !month.isBefore(from) && !month.isAfter(to);
    }
  }
}
