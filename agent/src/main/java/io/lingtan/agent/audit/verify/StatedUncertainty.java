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

  private StatedUncertainty() {}

  /** What it should be, in words; null where it is right, or nothing can be said. */
  static @Nullable String wrong(
      JsonValue.Obj metrics, JsonValue.Obj factors, JsonValue.Obj metric) {
    String factor = metric.text("factor");
    String of = metric.text("of");
    String pm = metric.number("pm");
    String value = metric.number("v");
    if (pm == null || value == null || factor == null || of == null) {
      return null;
    }
    JsonValue.Obj source = metrics.object(of);
    String amount = source.number("v");
    String sure = source.number("pm");
    if (sure == null) {
      return "has ± " + pm + ", and " + of + " has none";
    }
    if (amount == null || new BigDecimal(amount).signum() == 0) {
      return null;
    }
    String stated = factors.object(factor).text("u95_pct");
    if (stated != null && !stated.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
      return "rests on an uncertainty of " + factor + " that is no percentage";
    }
    double each = number(value) / number(amount);
    double own = stated == null ? 0 : number(value) * number(stated) / 100;
    double expected = Math.hypot(number(sure) * each, own);
    if (!Double.isFinite(expected)) {
      return "is ± " + pm + " of what is no number";
    }
    return Math.abs(number(pm) - expected) <= ROUNDING * (1 + Math.abs(each))
        ? null
        : "is ± %s, and ± %s of %s makes ± %s"
            .formatted(pm, sure, of, BigDecimal.valueOf(expected).stripTrailingZeros());
  }

  private static double number(String text) {
    return Double.parseDouble(text);
  }
}
