package io.lingtan.agent.acquire.mbus;

import io.lingtan.agent.site.reply.InReply.RecordKey;
import io.lingtan.agent.site.reply.RecordQuantity;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * One value of a telegram (EN 13757-3, variable data structure).
 *
 * @param head its DIF, DIFEs, VIF and VIFEs as hexadecimal digits
 * @param function what of the quantity it is
 * @param storage 0 is the present value, others are kept from earlier
 * @param tariff 0 is the sum over all
 * @param subunit part of the device
 * @param quantity what it measures; null where no profile can name it
 * @param vife VIFEs as hexadecimal digits that change what the value means, those of a factor or of
 *     an error left out; empty for none
 * @param value in the quantity's unit; null where the meter has none, says that it is wrong, or it
 *     is no number
 * @param text the value for a person, with its unit; why there is none
 */
public record DataRecord(
    String head,
    RecordKey.Function function,
    long storage,
    int tariff,
    int subunit,
    @Nullable RecordQuantity quantity,
    String vife,
    @Nullable BigDecimal value,
    String text) {

  /** Whether it is what a profile asks for. */
  public boolean fits(RecordKey key) {
    return quantity == key.quantity()
        && function == key.function()
        && storage == key.storage()
        && tariff == key.tariff()
        && subunit == key.subunit()
        && vife.equals(key.vife());
  }

  /** One line for a person. */
  public String line() {
    StringBuilder line = new StringBuilder("%-14s %s".formatted(head, text));
    if (storage != 0) {
      line.append(", storage ").append(storage);
    }
    if (tariff != 0) {
      line.append(", tariff ").append(tariff);
    }
    if (subunit != 0) {
      line.append(", subunit ").append(subunit);
    }
    if (function != RecordKey.Function.NOW) {
      line.append(", ").append(function.key());
    }
    return line.toString();
  }
}
