package io.lingtan.agent.site.reply;

import java.util.Locale;

/** Where a value is in a reply that tells several at once. */
public sealed interface InReply {

  /**
   * The bytes of a CJ/T 188 item in which a value is.
   *
   * @param at the first of them, 0-based
   * @param of how many the whole item has
   */
  record Part(int at, int of) implements InReply {}

  /**
   * Which data record of a meter's M-Bus telegrams a value is.
   *
   * @param quantity what it measures
   * @param function what of the quantity it is
   * @param storage 0 for the present value, 0..2^40
   * @param tariff 0 for the sum over all tariffs
   * @param subunit part of the device, 0 for itself
   * @param vife VIFEs as hexadecimal digits that must stand behind the VIF; empty for none
   * @param nth which of several such records, from 1; 0 where there must be one alone
   */
  record RecordKey(
      RecordQuantity quantity,
      Function function,
      long storage,
      int tariff,
      int subunit,
      String vife,
      int nth)
      implements InReply {

    /** What of a quantity a record tells (EN 13757-3, function field of the DIF). */
    public enum Function {
      NOW,
      MAX,
      MIN,
      /** The value while the meter had an error. */
      ERROR;

      /** As a profile writes it. */
      public String key() {
        return name().toLowerCase(Locale.ROOT);
      }
    }
  }
}
