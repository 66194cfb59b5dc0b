package io.lingtan.agent.site.reply;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a data record of an M-Bus telegram measures, and the unit that its value is brought to,
 * whatever step and multiple its VIF has (EN 13757-3, tables of VIF and of its extensions FBH and
 * FDH). Energies in joules become watt-hours.
 */
public enum RecordQuantity {
  ENERGY("W.h"),
  REACTIVE_ENERGY("V.A.h"),
  VOLUME("m3"),
  MASS("kg"),
  POWER("W"),
  REACTIVE_POWER("V.A"),
  APPARENT_POWER("V.A"),
  FLOW("m3/h"),
  MASS_FLOW("kg/h"),
  FLOW_TEMPERATURE("Cel"),
  RETURN_TEMPERATURE("Cel"),
  TEMPERATURE_DIFFERENCE("K"),
  EXTERNAL_TEMPERATURE("Cel"),
  PRESSURE("bar"),
  VOLTAGE("V"),
  CURRENT("A"),
  FREQUENCY("Hz"),
  HUMIDITY("%"),
  ON_TIME("s"),
  OPERATING_TIME("s"),
  ERROR_FLAGS("1"),
  /** The status byte in front of the records. */
  STATUS("1");

  private final String ucum;

  RecordQuantity(String ucum) {
    this.ucum = ucum;
  }

  /** Its unit's UCUM code. */
  public String ucum() {
    return ucum;
  }

  /** As a profile writes it. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether its number is a word of bits. */
  public boolean isBits() {
    return this == ERROR_FLAGS || this == STATUS;
  }

  /** What it is, for a person. */
  public static String text(@Nullable RecordQuantity quantity) {
    return quantity == null ? "" : quantity.key().replace('_', ' ');
  }
}
