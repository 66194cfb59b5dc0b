package io.lingtan.agent.bill;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an event of demand response took off the load: its hours against the mean of the same hours
 * of the last days like it, and the same with that mean scaled to the energy before the event. The
 * province's own rule replaces days and limits.
 *
 * @param used days of the baseline, oldest first
 * @param baseline of each hour, kWh
 * @param reduction baseline less what was drawn, over all hours; negative where more was drawn
 * @param adjustment energy before the event over its mean before on those days, within the limits
 * @param adjusted the baseline times that
 * @param adjustedReduction the same reduction by it
 */
public record DemandResponse(
    List<LocalDate> used,
    List<BigDecimal> baseline,
    BigDecimal reduction,
    BigDecimal adjustment,
    List<BigDecimal> adjusted,
    BigDecimal adjustedReduction) {

  private static final MathContext EXACT = MathContext.DECIMAL128;

  public DemandResponse {
    used = List.copyOf(used);
    baseline = List.copyOf(baseline);
    adjusted = List.copyOf(adjusted);
  }

  /**
   * A day.
   *
   * @param isComparable whether it is a workday without an event
   * @param hours energies of the hours that the event has, kWh
   * @param before energies of the hours before it; empty where none are compared
   */
  public record Day(
      LocalDate date, boolean isComparable, List<BigDecimal> hours, List<BigDecimal> before) {
    public Day {
      hours = List.copyOf(hours);
      before = List.copyOf(before);
    }
  }

  /**
   * How a baseline is made.
   *
   * @param days so many of the last
   * @param least that the adjustment may be
   * @param most that it may be
   */
  public record Rule(int days, BigDecimal least, BigDecimal most) {

    public static final Rule USUAL = new Rule(5, new BigDecimal("0.8"), new BigDecimal("1.2"));
  }

  /** By the days before the event; null if none of them can be compared. */
  public static @Nullable DemandResponse of(List<Day> days, Day event, Rule rule) {
    List<Day> like =
        days.stream()
            .filter(day -> day.isComparable && day.date.isBefore(event.date))
            .sorted(Comparator.comparing(Day::date))
            .toList();
    List<Day> last = like.subList(Math.max(0, like.size() - rule.days), like.size());
    if (last.isEmpty()) {
      return null;
    }
    List<BigDecimal> baseline = new ArrayList<>();
    for (int i = 0; i < event.hours.size(); i++) {
      int hour = i;
      baseline.add(mean(last.stream().map(day -> day.hours.get(hour)).toList()));
    }
    BigDecimal usual = mean(last.stream().map(day -> sum(day.before)).toList());
    BigDecimal adjustment =
        usual.signum() == 0
            ? BigDecimal.ONE
            : sum(event.before).divide(usual, EXACT).max(rule.least).min(rule.most);
    List<BigDecimal> adjusted = baseline.stream().map(each -> each.multiply(adjustment)).toList();
    BigDecimal actual = sum(event.hours);
    return new DemandResponse(
        last.stream().map(Day::date).toList(),
        baseline,
        sum(baseline).subtract(actual),
        adjustment,
        adjusted,
        sum(adjusted).subtract(actual));
  }

  private static BigDecimal sum(List<BigDecimal> all) {
    return all.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static BigDecimal mean(List<BigDecimal> all) {
    return sum(all).divide(BigDecimal.valueOf(all.size()), EXACT);
  }
}
