package io.lingtan.agent.carbon;

import static io.lingtan.agent.carbon.sheet.Combining.value;

import io.lingtan.agent.carbon.sheet.Calendar;
import io.lingtan.agent.carbon.sheet.Chapter;
import io.lingtan.agent.carbon.sheet.Combining;
import io.lingtan.agent.carbon.sheet.Listing;
import io.lingtan.agent.carbon.sheet.Sheet;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Section;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Feeds.Output;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Standard coal for what the site's output was worth, by the month and the year. Each denominator
 * has a metric of its own, because they are different things, and where there is one alone it is
 * {@code tce.intensity} too: per GDP of 2020 Wuxi High-tech Zone had 0.205, and per unit of
 * industrial enterprises in national zones of 2019 it was 0.464, and neither says anything about
 * the other. The word beside the value names denominator, price basis and how electricity was
 * converted.
 */
final class Intensity implements Chapter {

  static final String NAME = "tce.intensity";

  /** Tonnes of standard coal for ten thousand yuan. */
  private static final String UNIT = "t{ce}/(10*4.{CNY})";

  private static final BigDecimal TEN_THOUSAND = BigDecimal.valueOf(10_000);

  static final List<Indicator> LISTED =
      new Listing()
          .in(Section.COAL)
          .lengths("1M 1Y")
          .needs("grid equivalent output")
          .from(StandardCoal.TOTAL)
          .rule(
              "tce.total for 10⁴ CNY of output, with denominator and price basis, where one"
                  + " denominator was told; in 1Y when all twelve months were told")
          .add(NAME, UNIT, "能耗强度", "energy intensity")
          .rule("the same of one denominator: what two sites have is only comparable by this name")
          .add(NAME + ".{denominator}", UNIT, "能耗强度", "energy intensity per")
          .list();

  private final Calendar calendar;

  Intensity(Calendar calendar) {
    this.calendar = calendar;
  }

  @Override
  public List<Indicator> listed() {
    return LISTED;
  }

  @Override
  public void rollUp(Sheet sheet) {
    Metric total = sheet.get(StandardCoal.TOTAL);
    if (!calendar.isMonths(sheet.length()) || total == null) {
      return;
    }
    Calendar.Days days = calendar.days(sheet.length(), sheet.startMillis());
    List<Output> told = sheet.feeds().outputs(days.firstMonth(), days.endMonth());
    if (told.isEmpty() && !sheet.feeds().outputs().isEmpty()) {
      sheet.put(NAME, Metric.missing(UNIT, "no output was told of " + days));
    }
    Map<String, List<Output>> byDenominator =
        told.stream()
            .collect(Collectors.groupingBy(Output::denominator, TreeMap::new, Collectors.toList()));
    boolean alone = byDenominator.size() == 1;
    int months = sheet.length().equals("1Y") ? 12 : 1;
    byDenominator.forEach(
        (denominator, outputs) -> {
          Metric figure = intensity(sheet.length(), total, denominator, outputs, months);
          if (alone) {
            sheet.put(NAME, figure);
          }
          sheet.put(NAME + "." + denominator, figure);
        });
  }

  private static Metric intensity(
      String length, Metric total, String denominator, List<Output> outputs, int months) {
    String basis = outputs.getFirst().priceBasis();
    String why = total.why();
    if (outputs.size() < months) {
      why = "the output of %d of %d months was told".formatted(outputs.size(), months);
    } else if (outputs.stream().anyMatch(output -> !output.priceBasis().equals(basis))) {
      why = "the months' outputs are at different prices";
    }
    if (why == null && !Combining.isWhole(total, length)) {
      why = Combining.OTHER_TIME;
    }
    if (why != null || total.micros() == null) {
      return Metric.missing(UNIT, String.valueOf(why));
    }
    BigDecimal yuan =
        outputs.stream()
            .map(output -> BigDecimal.valueOf(output.cnyMicros(), 6))
            .reduce(BigDecimal.ZERO, BigDecimal::add);
    long micros =
        BigDecimal.valueOf(value(total))
            .multiply(TEN_THOUSAND)
            .divide(yuan, 0, RoundingMode.HALF_EVEN)
            .longValueExact();
    return new Metric(
            micros,
            UNIT,
            total.quality().worse(Quality.SUBSTITUTED),
            total.coverage(),
            total.estimated(),
            StandardCoal.TOTAL,
            null,
            null)
        .saying(
            denominator
                + ", prices "
                + (basis.equals("current") ? "current" : "of " + basis)
                + ", electricity equivalent")
        .restingOn(total.standing());
  }
}
