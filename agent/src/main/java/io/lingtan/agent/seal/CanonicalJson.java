package io.lingtan.agent.seal;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The one form of a JSON value that is hashed and signed (RFC 8785, JSON Canonicalization Scheme):
 * no white space, members by their names' UTF-16 code units, strings with as few escapes as can be,
 * numbers as ECMAScript prints the IEEE 754 double that they stand for.
 */
public final class CanonicalJson {

  /** ECMAScript writes no exponent from here downwards (ECMA-262, 6.1.6.1.20, step 8). */
  private static final int LONGEST_PLAIN = 21;

  private static final int MOST_ZEROS = -6;
  private static final char FIRST_PRINTED = ' ';

  private CanonicalJson() {}

  /**
   * The canonical form, to be taken as UTF-8.
   *
   * @throws IllegalArgumentException for what RFC 8785 has no form of: a number beyond the doubles,
   *     half of a surrogate pair
   */
  public static String of(JsonValue value) {
    StringBuilder to = new StringBuilder(1024);
    write(value, to);
    return to.toString();
  }

  private static void write(JsonValue value, StringBuilder to) {
    switch (value) {
      case JsonValue.Obj(var members) -> object(members, to);
      case JsonValue.Arr(var items) -> array(items, to);
      case JsonValue.Str(String text) -> string(text, to);
      case JsonValue.Num(String literal) -> to.append(number(Double.parseDouble(literal)));
      case JsonValue.Word(String word) -> to.append(word);
    }
  }

  private static void object(Map<String, JsonValue> members, StringBuilder to) {
    to.append('{');
    String comma = "";
    // Strings compare by UTF-16 code units, which is the order that RFC 8785 asks for.
    for (Map.Entry<String, JsonValue> member : new TreeMap<>(members).entrySet()) {
      to.append(comma);
      string(member.getKey(), to);
      to.append(':');
      write(member.getValue(), to);
      comma = ",";
    }
    to.append('}');
  }

  private static void array(List<JsonValue> items, StringBuilder to) {
    to.append('[');
    String comma = "";
    for (JsonValue item : items) {
      to.append(comma);
      write(item, to);
      comma = ",";
    }
    to.append(']');
  }

  private static void string(String text, StringBuilder to) {
    to.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> to.append("\\\"");
        case '\\' -> to.append("\\\\");
        case '\b' -> to.append("\\b");
        case '\f' -> to.append("\\f");
        case '\n' -> to.append("\\n");
        case '\r' -> to.append("\\r");
        case '\t' -> to.append("\\t");
        default -> {
          if (c < FIRST_PRINTED) {
            to.append("\\u").append(HexFormat.of().toHexDigits(c));
          } else {
            to.append(c);
          }
          if (Character.isSurrogate(c)) {
            if (i + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
              throw new IllegalArgumentException("half of a surrogate pair in a string");
            }
            i++;
            to.append(text.charAt(i));
          }
        }
      }
    }
    to.append('"');
  }

  /**
   * A number as ECMAScript prints it (ECMA-262, Number::toString).
   *
   * @throws IllegalArgumentException if it is infinite or none
   */
  public static String number(double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(value + " is no number of JSON");
    }
    if (value == 0) {
      return "0";
    }
    if (value < 0) {
      return "-" + number(-value);
    }
    BigDecimal shortest = shortest(value);
    String digits = shortest.unscaledValue().toString();
    int point = digits.length() - shortest.scale();
    if (digits.length() <= point && point <= LONGEST_PLAIN) {
      return digits + "0".repeat(point - digits.length());
    }
    if (0 < point && point <= LONGEST_PLAIN) {
      return digits.substring(0, point) + "." + digits.substring(point);
    }
    if (MOST_ZEROS < point && point <= 0) {
      return "0." + "0".repeat(-point) + digits;
    }
    String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
    int exponent = point - 1;
    return digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+") + Math.abs(exponent);
  }

  /** The shortest decimal that is this double and no other, without zeros at its end. */
  private static BigDecimal shortest(double value) {
    BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    if (decimal.precision() != 2) {
      return decimal;
    }
    // Java never writes less than two digits, and ECMAScript one where one is enough (5e-324).
    BigDecimal exact = new BigDecimal(value);
    int scale = decimal.scale() - 1;
    BigDecimal best = null;
    for (RoundingMode way : List.of(RoundingMode.DOWN, RoundingMode.UP)) {
      BigDecimal one = decimal.setScale(scale, way).stripTrailingZeros();
      if (one.precision() == 1
          && one.doubleValue() == value
          && (best == null
              || one.subtract(exact).abs().compareTo(best.subtract(exact).abs()) < 0)) {
        best = one;
      }
    }
    return best == null ? decimal : best;
  }
}
