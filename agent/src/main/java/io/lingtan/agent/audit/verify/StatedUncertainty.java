package io.lingtan.agent.audit.verify;

import io.lingtan.agent.seal.JsonValue;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * The {@code pm} of a figure that is another one times a factor: energy's and factor's relative
 * uncertainties in squares (JCGM 100:2008, 5.1.6). That of an energy itself follows from the
 * classes of meters, which no record has.
 */
final class StatedUncertainty {

  /** Both are rounded to a millionth. */
  private static final double ROUNDING = 1.5e-6;

  private static final String IMPORT = "elec.grid.import";
  private static final String EXPORT = "elec.grid.export";

  private StatedUncertainty() {}

  /**
   * What it should be, in words; null where it is right, or nothing can be said.
   *
   * @param each the figure's unit for one of what it is of, by its only factor; else null
   */
  static @Nullable String wrong(
      JsonValue.Obj metrics,
      JsonValue.Obj factors,
      JsonValue.Obj metric,
      @Nullable BigDecimal each) {
    String of = metric.text("of");
    String pm = metric.number("pm");
    if (pm == null || each == null || of == null) {
      return null;
    }
    String sure = metrics.object(of).number("pm");
    if (sure == null) {
      return "has ± " + pm + ", and " + of + " has none";
    }
    String unfit = unfit(metric, factors);
    if (unfit != null) {
      return unfit;
    }
    double by = each.doubleValue();
    double expected = Math.hypot(number(sure) * by, own(metric, factors));
    if (!Double.isFinite(expected)) {
      return "is ± " + pm + " of what is no number";
    }
    return Math.abs(number(pm) - expected) <= ROUNDING * (1 + Math.abs(by))
        ? null
        : "is ± %s, and ± %s of %s makes ± %s"
            .formatted(pm, sure, of, BigDecimal.valueOf(expected).stripTrailingZeros());
  }

  /**
   * The same of what was bought less what was sold. Both may be off together, as those of one meter
   * are, or each for itself: it lies between the difference and the sum of what both are off.
   */
  static @Nullable String wrongOfNet(
      JsonValue.Obj metrics,
      JsonValue.Obj factors,
      JsonValue.Obj metric,
      @Nullable BigDecimal each) {
    String pm = metric.number("pm");
    if (pm == null) {
      return null;
    }
    String bought = metrics.object(IMPORT).number("pm");
    String sold = metrics.object(EXPORT).number("pm");
    if (each == null || bought == null || sold == null) {
      return "has ± " + pm + ", and not both directions have it and one factor";
    }
    String unfit = unfit(metric, factors);
    if (unfit != null) {
      return unfit;
    }
    double by = each.doubleValue();
    double own = own(metric, factors);
    double least = Math.hypot((number(bought) - number(sold)) * by, own);
    double most = Math.hypot((number(bought) + number(sold)) * by, own);
    double rounding = ROUNDING * (1 + 2 * Math.abs(by));
    if (!Double.isFinite(most)) {
      return "is ± " + pm + " of what is no number";
    }
    return number(pm) >= least - rounding && number(pm) <= most + rounding
        ? null
        : "is ± %s, and ± %s bought and ± %s sold make ± %.6f to %.6f"
            .formatted(pm, bought, sold, least, most);
  }

  private static @Nullable String stated(JsonValue.Obj metric, JsonValue.Obj factors) {
    return factors.object(String.valueOf(metric.text("factor"))).text("u95_pct");
  }

  /** What the factor states, if that is none; in words. */
  private static @Nullable String unfit(JsonValue.Obj metric, JsonValue.Obj factors) {
    String stated = stated(metric, factors);
    return stated == null || stated.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")
        ? null
        : "rests on an uncertainty of " + metric.text("factor") + " that is no percentage";
  }

  /** What the factor adds. */
  private static double own(JsonValue.Obj metric, JsonValue.Obj factors) {
    String value = metric.number("v");
    String stated = stated(metric, factors);
    return value == null || stated == null ? 0 : number(value) * number(stated) / 100;
  }

  private static double number(String text) {
    return Double.parseDouble(text);
  }
}
