package io.lingtan.agent.site.correction;

import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * A line of a file of corrections: one value for one base interval, or a factor for all from an
 * instant on. Either {@code micros} is there or the two numbers of the factor are.
 *
 * @param by for what reason, and who answers for it
 * @param meter its id
 * @param figure what of it, such as {@code elec.grid.import}
 * @param startMillis UTC ms, inclusive
 * @param endMillis UTC ms, exclusive; {@link Long#MAX_VALUE} if it has no end
 * @param micros the value, in millionths of the figure's unit; null of a factor
 * @param factor what is counted is times this divided by {@code divisor}; null of a value
 * @param line of the file, from 1
 */
public record Substitution(
    Correction by,
    String meter,
    String figure,
    long startMillis,
    long endMillis,
    @Nullable Long micros,
    @Nullable Ratio factor,
    int line) {

  /**
   * What is right, divided by what was configured.
   *
   * @param right > 0
   * @param configured > 0
   */
  public record Ratio(BigDecimal right, BigDecimal configured) {
    public Ratio {
      if (right.signum() <= 0 || configured.signum() <= 0) {
        throw new IllegalArgumentException("both are above 0: " + right + "/" + configured);
      }
    }

    /** Rounded half away from zero. */
    long of(long micros) {
      return right
          .multiply(BigDecimal.valueOf(micros))
          .divide(configured, 0, RoundingMode.HALF_UP)
          .toBigIntegerExact()
          .min(BigInteger.valueOf(Long.MAX_VALUE))
          .longValueExact();
    }
  }

  /** What stands in place of what the meter counted; what is not known stays so by a factor. */
  Metric of(Metric counted) {
    Long before = counted.micros();
    if (factor == null) {
      return new Metric(micros, counted.ucum(), Quality.SUBSTITUTED, counted.coverage(), 0);
    }
    return before == null
        ? counted
        : new Metric(
                factor.of(before),
                counted.ucum(),
                counted.quality().worse(Quality.SUBSTITUTED),
                counted.coverage(),
                counted.estimated(),
                counted.of(),
                null,
                null)
            .lacking(counted.lacking());
  }

  boolean isDuring(long start, long end) {
    return startMillis < end && start < endMillis;
  }

  /** Whether it says the same, wherever in the file it stands. */
  public boolean isLike(Substitution other) {
    return new Substitution(by, meter, figure, startMillis, endMillis, micros, factor, other.line)
        .equals(other);
  }
}
