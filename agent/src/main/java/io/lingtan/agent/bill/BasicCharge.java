package io.lingtan.agent.bill;

import io.lingtan.agent.site.BillTerms;
import io.lingtan.agent.site.BillTerms.Reading;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The part of a two-part price that is not for energy (基本电费): for kVA, or for kW of demand, agreed
 * or measured.
 */
public final class BasicCharge {

  private static final BigDecimal DOUBLE = BigDecimal.TWO;
  private static final int DIGITS = 20;

  private BasicCharge() {}

  /** Fen for a capacity, or for a demand as it was measured: amount by price. */
  public static long of(BigDecimal amount, BigDecimal price) {
    return Fen.of(amount.multiply(price));
  }

  /** Fen for a contract demand; up to 105 % the contract is paid, also where less was drawn. */
  public static long contract(
      BigDecimal contractKw, BigDecimal greatestKw, BigDecimal price, Reading reading) {
    return of(counted(contractKw, greatestKw, reading), price);
  }

  /** The kW that are paid for with a contract demand. */
  public static BigDecimal counted(BigDecimal contractKw, BigDecimal greatestKw, Reading reading) {
    BigDecimal beyond = beyond(contractKw, greatestKw);
    BigDecimal base =
        beyond.signum() == 0 || reading == Reading.A
            ? contractKw
            : BillTerms.toleratedKw(contractKw);
    return base.add(beyond.multiply(DOUBLE));
  }

  /** The kW above what is tolerated, which count double; 0 for none. */
  public static BigDecimal beyond(BigDecimal contractKw, BigDecimal greatestKw) {
    return greatestKw.subtract(BillTerms.toleratedKw(contractKw)).max(BigDecimal.ZERO);
  }

  /** The ways of paying that cost least, more than one where they cost the same. */
  public static List<String> cheapest(Map<String, Long> fenByWay) {
    return fenByWay.entrySet().stream()
        .filter(way -> way.getValue().equals(Collections.min(fenByWay.values())))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * The lower demand price of who uses the connection well.
   *
   * @param fromKwhPerKva energy of the month by capacity from which it holds, such as 260
   * @param share of the price that is then paid, such as 0.9
   */
  public record Discount(BigDecimal fromKwhPerKva, BigDecimal share) {

    /** The price in force, yuan/kW and month; compared before anything is rounded. */
    public BigDecimal price(BigDecimal price, BigDecimal kwh, BigDecimal kva) {
      return kwh.compareTo(fromKwhPerKva.multiply(kva)) >= 0 ? price.multiply(share) : price;
    }
  }

  /**
   * The demand that costs as much as the capacity, kW.
   *
   * @param demandPrice yuan/kW and month in force, above 0
   */
  public static BigDecimal breakEvenKw(
      BigDecimal kva, BigDecimal capacityPrice, BigDecimal demandPrice) {
    return kva.multiply(capacityPrice).divide(demandPrice, DIGITS, RoundingMode.HALF_UP);
  }
}
