package io.lingtan.agent.acquire.mbus;

import io.lingtan.agent.reading.foreign.ForeignText;
import io.lingtan.agent.site.reply.InReply.RecordKey;
import io.lingtan.agent.site.reply.RecordQuantity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the data of a telegram apart, record by record. Where one cannot be taken apart it ends
 * there: what came before is good, and nothing behind it is guessed.
 */
final class RecordReader {

  private static final int MOST_EXTENSIONS = 10;
  private static final int EXTENDED = 0x80;
  private static final int STORAGE = 0x40;
  private static final int FILLER = 0x2F;
  private static final int MAKERS = 0x0F;
  private static final int MORE = 0x1F;
  private static final int BIG_UNITS = 0x7B;
  private static final int PLAIN_TEXT = 0x7C;
  private static final int OTHERS = 0x7D;
  private static final int MAKERS_VIF = 0x7F;
  private static final int TIMES_THOUSAND = 0x7D;
  private static final int LAST_ERROR = 0x1F;
  private static final int LVAR = 0x0D;
  private static final HexFormat HEX = HexFormat.ofDelimiter(" ").withUpperCase();

  /** What a record of which nothing can be said is made of. */
  private static final ValueInformation UNKNOWN =
      new ValueInformation(null, BigDecimal.ONE, "maker's own");

  private final byte[] bytes;
  private final int end;
  private int at;

  // Of the record under way.
  private long storage;
  private int tariff;
  private int subunit;
  private ValueInformation meaning = UNKNOWN;
  private BigDecimal correction = BigDecimal.ONE;
  private String error = "";
  private final StringBuilder vife = new StringBuilder();

  RecordReader(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  /** Bytes end within a record, or cannot be a record's. */
  private static final class Broken extends Exception {
    private static final long serialVersionUID = 1;

    Broken(String what) {
      super(what, null, false, false);
    }
  }

  /** Returns whether the telegram says that more follow in the next one. */
  boolean read(List<DataRecord> records) {
    while (at < end) {
      int from = at;
      int dif = bytes[at++] & 0xFF;
      if (dif == FILLER) {
        continue;
      }
      if (dif == MAKERS || dif == MORE) {
        if (at < end) {
          records.add(
              plain("%02X".formatted(dif), "maker's data " + HEX.formatHex(bytes, at, end)));
        }
        return dif == MORE;
      }
      try {
        records.add(record(dif, from));
      } catch (Broken broken) {
        records.add(
            plain(
                HEX.formatHex(bytes, from, Math.min(end, from + MOST_EXTENSIONS)),
                "cannot be read from here on: " + broken.getMessage()));
        return false;
      }
    }
    return false;
  }

  private static DataRecord plain(String head, String text) {
    return new DataRecord(head, RecordKey.Function.NOW, 0, 0, 0, null, "", null, text);
  }

  private int next() throws Broken {
    if (at >= end) {
      throw new Broken("it ends within a record");
    }
    return bytes[at++] & 0xFF;
  }

  private DataRecord record(int dif, int from) throws Broken {
    if ((dif & 0x0F) == 0x0F) {
      throw new Broken("DIF %02XH is none".formatted(dif));
    }
    storage = (dif & STORAGE) == 0 ? 0 : 1;
    tariff = 0;
    subunit = 0;
    difes(dif);
    values();
    String head = HEX.formatHex(bytes, from, at);
    RecordKey.Function function = function(dif);
    int coding = dif & 0x0F;
    if (coding == LVAR) {
      return done(head, function, null, variable());
    }
    int width = width(coding);
    int data = at;
    if (at + width > end) {
      throw new Broken("its value ends behind the telegram");
    }
    at += width;
    BigDecimal number = width == 0 ? null : number(coding, data, width);
    return done(head, function, number, HEX.formatHex(bytes, data, at));
  }

  private static RecordKey.Function function(int dif) {
    return switch (dif & 0x30) {
      case 0x10 -> RecordKey.Function.MAX;
      case 0x20 -> RecordKey.Function.MIN;
      case 0x30 -> RecordKey.Function.ERROR;
      default -> RecordKey.Function.NOW;
    };
  }

  private void difes(int dif) throws Broken {
    int last = dif;
    for (int i = 0; (last & EXTENDED) != 0; i++) {
      if (i == MOST_EXTENSIONS) {
        throw new Broken("more than 10 DIFEs");
      }
      last = next();
      storage |= (long) (last & 0x0F) << (4 * i + 1);
      // Ten nibbles of two bits and ten bits fit.
      tariff |= ((last >>> 4) & 3) << (2 * i);
      subunit |= ((last >>> 6) & 1) << i;
    }
  }

  private void values() throws Broken {
    correction = BigDecimal.ONE;
    error = "";
    vife.setLength(0);
    int vif = next();
    boolean further = (vif & EXTENDED) != 0;
    int plain = vif & ~EXTENDED;
    boolean makers = plain == MAKERS_VIF;
    if (plain == PLAIN_TEXT) {
      meaning = new ValueInformation(null, BigDecimal.ONE, text());
    } else if ((plain == BIG_UNITS || plain == OTHERS) && further) {
      int extension = next();
      further = (extension & EXTENDED) != 0;
      extension &= ~EXTENDED;
      meaning =
          plain == BIG_UNITS
              ? ValueInformation.ofBigUnits(extension)
              : ValueInformation.ofOthers(extension);
    } else {
      meaning = makers ? UNKNOWN : ValueInformation.primary(plain);
    }
    for (int i = 0; further; i++) {
      if (i == MOST_EXTENSIONS) {
        throw new Broken("more than 10 VIFEs");
      }
      int each = next();
      further = (each & EXTENDED) != 0;
      boolean corrects = !makers && corrects(each & ~EXTENDED);
      makers |= (each & ~EXTENDED) == MAKERS_VIF;
      if (!corrects) {
        vife.append(vife.isEmpty() ? "" : " ").append("%02X".formatted(each));
      }
    }
  }

  /** Whether a VIFE says nothing but a factor, or that the value is good or wrong. */
  private boolean corrects(int each) {
    if (each >= 0x70 && each <= 0x77) {
      correction = correction.scaleByPowerOfTen((each & 7) - 6);
    } else if (each == TIMES_THOUSAND) {
      correction = correction.scaleByPowerOfTen(3);
    } else if (each > 0 && each <= LAST_ERROR) {
      error = "the meter says that it is wrong, error %02XH".formatted(each);
    } else {
      return each == 0;
    }
    return true;
  }

  /** What a VIF means that is a text itself: its length, then its letters, last one first. */
  private String text() throws Broken {
    int length = next();
    if (at + length > end) {
      throw new Broken("the text in place of a VIF ends behind the telegram");
    }
    at += length;
    return letters(at - length, length);
  }

  private String letters(int from, int length) throws Broken {
    StringBuilder text =
        new StringBuilder(new String(bytes, from, length, StandardCharsets.ISO_8859_1));
    for (int i = 0; i < length; i++) {
      if (!ForeignText.isPlain(text.substring(i, i + 1))) {
        throw new Broken("a text has letters that cannot be printed");
      }
    }
    return text.reverse().toString();
  }

  /** A value whose length stands in front of it. */
  private String variable() throws Broken {
    int lvar = next();
    int length;
    if (lvar < 0xC0) {
      length = lvar;
    } else if (lvar < 0xE0) {
      length = lvar & 0x0F;
      if (length > 9) {
        throw new Broken("LVAR %02XH is none".formatted(lvar));
      }
    } else if (lvar < 0xF0) {
      length = lvar - 0xE0;
    } else if (lvar <= 0xF4) {
      length = 4 * (lvar - 0xEC);
    } else {
      throw new Broken("LVAR %02XH is none".formatted(lvar));
    }
    if (at + length > end) {
      throw new Broken("its value ends behind the telegram");
    }
    at += length;
    if (lvar < 0xC0) {
      try {
        return letters(at - length, length);
      } catch (Broken unprintable) {
        return HEX.formatHex(bytes, at - length, at);
      }
    }
    return HEX.formatHex(bytes, at - length, at);
  }

  private static int width(int coding) throws Broken {
    return switch (coding) {
      case 0, 8 -> 0;
      case 1, 9 -> 1;
      case 2, 10 -> 2;
      case 3, 11 -> 3;
      case 4, 5, 12 -> 4;
      case 6, 14 -> 6;
      case 7 -> 8;
      default -> throw new Broken("no such coding");
    };
  }

  /** Null where it says that there is none. */
  private @Nullable BigDecimal number(int coding, int from, int width) {
    if (coding > 8) {
      return digits(from, width);
    }
    long raw = 0;
    for (int i = from + width - 1; i >= from; i--) {
      raw = raw << 8 | (bytes[i] & 0xFF);
    }
    if (coding == 5) {
      float real = Float.intBitsToFloat((int) raw);
      return Float.isFinite(real) ? new BigDecimal(Float.toString(real)) : null;
    }
    int unused = 64 - 8 * width;
    long signed = raw << unused >> unused;
    if (meaning.quantity() == RecordQuantity.ERROR_FLAGS) {
      return new BigDecimal(new BigInteger(Long.toUnsignedString(raw)));
    }
    // The least of all is what a meter has that has no value.
    return signed == Long.MIN_VALUE >> unused ? null : BigDecimal.valueOf(signed);
  }

  /** Two digits to a byte, low byte first; F in front is a minus, everything else is no digit. */
  private @Nullable BigDecimal digits(int from, int width) {
    StringBuilder digits = new StringBuilder();
    for (int i = from + width - 1; i >= from; i--) {
      digits.append("%02X".formatted(bytes[i]));
    }
    boolean negative = digits.charAt(0) == 'F';
    if (negative) {
      digits.setCharAt(0, '0');
    }
    if (!digits.chars().allMatch(each -> each >= '0' && each <= '9')) {
      return null;
    }
    BigDecimal number = new BigDecimal(digits.toString());
    return negative ? number.negate() : number;
  }

  private DataRecord done(
      String head, RecordKey.Function function, @Nullable BigDecimal number, String raw) {
    RecordQuantity quantity = meaning.quantity();
    BigDecimal value =
        number == null || quantity == null || !error.isEmpty()
            ? null
            : number.multiply(meaning.factor()).multiply(correction);
    String what = quantity == null ? meaning.word() : RecordQuantity.text(quantity);
    String text =
        value != null && quantity != null
            ? what + " " + shown(value) + (quantity.ucum().equals("1") ? "" : " " + quantity.ucum())
            : what
                + " "
                + (!error.isEmpty()
                    ? error
                    : quantity != null
                        ? "none (" + raw + ")"
                        : number == null ? raw : shown(number));
    return new DataRecord(
        head,
        function,
        storage,
        tariff,
        subunit,
        quantity,
        vife.toString(),
        value,
        vife.isEmpty() ? text : text + ", VIFE " + vife);
  }

  private static String shown(BigDecimal value) {
    return value.signum() == 0
        ? "0"
        : value.round(MathContext.DECIMAL64).stripTrailingZeros().toPlainString();
  }
}
