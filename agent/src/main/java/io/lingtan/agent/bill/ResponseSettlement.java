package io.lingtan.agent.bill;

import io.lingtan.agent.site.BillTerms.Response;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an event of demand response is paid by the local rule: what was taken off the load within
 * the limits of what was agreed, less what is charged for falling short of that.
 *
 * @param lines of each hour, or one of the whole event
 */
public record ResponseSettlement(List<Line> lines) {

  public ResponseSettlement {
    lines = List.copyOf(lines);
  }

  /**
   * A span that is settled by itself.
   *
   * @param reduction that counts, kWh; negative where more was drawn
   * @param agreed kWh, null where nothing was agreed
   * @param paid what of the reduction is paid for, kWh
   * @param missed what is charged for, kWh
   * @param fen paid less charged, each rounded by itself
   */
  public record Line(
      BigDecimal reduction,
      @Nullable BigDecimal agreed,
      BigDecimal paid,
      BigDecimal missed,
      long fen) {}

  /**
   * @param reductions of each hour, kWh
   * @param agreedKw what was agreed, null for none: then no limit of the rule holds
   */
  public static ResponseSettlement of(
      List<BigDecimal> reductions, @Nullable BigDecimal agreedKw, Response rule) {
    List<Line> lines = new ArrayList<>();
    if (rule.hourly()) {
      reductions.forEach(each -> lines.add(line(each, agreedKw, rule)));
    } else {
      BigDecimal hours = BigDecimal.valueOf(reductions.size());
      lines.add(
          line(
              reductions.stream().reduce(BigDecimal.ZERO, BigDecimal::add),
              agreedKw == null ? null : agreedKw.multiply(hours),
              rule));
    }
    return new ResponseSettlement(lines);
  }

  private static Line line(BigDecimal reduction, @Nullable BigDecimal agreed, Response rule) {
    BigDecimal counted = reduction.max(BigDecimal.ZERO);
    BigDecimal paid = counted;
    BigDecimal missed = BigDecimal.ZERO;
    if (agreed != null) {
      if (counted.compareTo(agreed.multiply(rule.paidFrom())) < 0) {
        paid = BigDecimal.ZERO;
      } else if (rule.paidTo() != null) {
        paid = counted.min(agreed.multiply(rule.paidTo()));
      }
      missed = agreed.multiply(rule.chargedBelow()).subtract(counted).max(BigDecimal.ZERO);
    }
    long charge = Fen.of(missed.multiply(rule.price()).multiply(rule.charge()));
    long fen = Math.subtractExact(Fen.of(paid.multiply(rule.price())), charge);
    return new Line(
        reduction, agreed, paid, rule.charge().signum() == 0 ? BigDecimal.ZERO : missed, fen);
  }

  /** What is paid for the event; negative where more is charged. */
  public long fen() {
    return lines.stream().mapToLong(Line::fen).reduce(0, Math::addExact);
  }
}
