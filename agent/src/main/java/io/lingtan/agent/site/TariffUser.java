package io.lingtan.agent.site;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Who buys by a tariff: some parts of it are for some users only.
 *
 * @param kva transformers and high-voltage motors that are connected, kVA
 * @param oneSeason whether the user has chosen one season's periods for all the year, where a
 *     tariff leaves that choice
 */
public record TariffUser(Trade trade, BigDecimal kva, boolean oneSeason) {

  public enum Trade {
    INDUSTRY,
    COMMERCE
  }

  /**
   * The users for whom a part of a tariff is.
   *
   * @param trade null for both
   * @param fromKva the least that is connected, kVA
   * @param belowKva less than this is connected, kVA; null for no bound
   */
  public record Group(@Nullable Trade trade, BigDecimal fromKva, @Nullable BigDecimal belowKva) {

    boolean has(TariffUser user) {
      return (trade == null || trade == user.trade)
          && user.kva.compareTo(fromKva) >= 0
          && (belowKva == null || user.kva.compareTo(belowKva) < 0);
    }
  }
}
