package io.lingtan.simulator.device;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes SenML packs (RFC 8428), in JSON and in CBOR; numbers are exact decimals in both. */
final class SenmlText {

  private static final int TEXT = 3 << 5;
  private static final int ARRAY = 4 << 5;
  private static final int MAP = 5 << 5;
  private static final int TAG = 6 << 5;
  private static final int NEGATIVE = 1 << 5;
  private static final int DECIMAL_FRACTION = 4;

  // RFC 8428, section 6, table 4.
  private static final int NAME = 0;
  private static final int UNIT = 1;
  private static final int VALUE = 2;
  private static final int BASE_NAME = -2;

  private SenmlText() {}

  /** One value of a pack. */
  record Entry(String name, String unit, BigDecimal value) {}

  static byte[] json(String baseName, List<Entry> entries) {
    StringBuilder json = new StringBuilder("[");
    for (Entry entry : entries) {
      json.append(json.length() == 1 ? "{\"bn\":\"" + baseName + "\"," : ",{");
      json.append("\"n\":\"%s\",\"u\":\"%s\",\"v\":".formatted(entry.name, entry.unit));
      json.append(entry.value.toPlainString()).append('}');
    }
    return json.append(']').toString().getBytes(StandardCharsets.UTF_8);
  }

  static byte[] cbor(String baseName, List<Entry> entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    head(out, ARRAY, entries.size());
    boolean first = true;
    for (Entry entry : entries) {
      head(out, MAP, first ? 4 : 3);
      if (first) {
        whole(out, BigInteger.valueOf(BASE_NAME));
        text(out, baseName);
      }
      first = false;
      whole(out, BigInteger.valueOf(NAME));
      text(out, entry.name);
      whole(out, BigInteger.valueOf(UNIT));
      text(out, entry.unit);
      whole(out, BigInteger.valueOf(VALUE));
      head(out, TAG, DECIMAL_FRACTION);
      head(out, ARRAY, 2);
      whole(out, BigInteger.valueOf(-entry.value.scale()));
      whole(out, entry.value.unscaledValue());
    }
    return out.toByteArray();
  }

  private static void text(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    head(out, TEXT, bytes.length);
    out.writeBytes(bytes);
  }

  private static void whole(ByteArrayOutputStream out, BigInteger number) {
    boolean negative = number.signum() < 0;
    head(out, negative ? NEGATIVE : 0, (negative ? number.not() : number).longValueExact());
  }

  /** Bytes that an argument takes behind its head. */
  private static int bytesOf(long argument) {
    if (argument < 24) {
      return 0;
    }
    if (argument < 256) {
      return 1;
    }
    return argument < 65_536 ? 2 : argument <= 0xFFFF_FFFFL ? 4 : 8;
  }

  /** The shortest head (RFC 8949, section 4.2.1). */
  private static void head(ByteArrayOutputStream out, int major, long argument) {
    int length = bytesOf(argument);
    int code = length == 0 ? (int) argument : 24 + Integer.numberOfTrailingZeros(length);
    out.write(major | code);
    for (int i = length - 1; i >= 0; i--) {
      out.write((int) (argument >> (8 * i)));
    }
  }
}
