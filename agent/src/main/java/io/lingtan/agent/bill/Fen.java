package io.lingtan.agent.bill;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Money in integer hundredths of a yuan. */
public final class Fen {

  private Fen() {}

  /** The nearest fen; half of one goes away from zero. */
  public static long of(BigDecimal yuan) {
    return yuan.movePointRight(2).setScale(0, RoundingMode.HALF_UP).longValueExact();
  }

  public static BigDecimal yuan(long fen) {
    return BigDecimal.valueOf(fen, 2);
  }
}
