package io.lingtan.agent.reading;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How the 64 bits that are kept of an own point's value are meant. Written into the journal beside
 * the point's name, so that a value can be read without the profile that it came by.
 */
public sealed interface Form {

  /**
   * Decimals with the device's own step.
   *
   * @param places behind the point, 0..18: the number is held as a multiple of 10^-places
   * @param ucum the unit's UCUM code
   */
  record Decimals(int places, String ucum) implements Form {
    public Decimals {
      if (places < 0 || places > 18) {
        throw new IllegalArgumentException("places are 0..18, were " + places);
      }
    }
  }

  /**
   * Floating-point numbers, held as the bits of a double in such a way that a greater number has
   * greater bits.
   *
   * @param ucum the unit's UCUM code
   */
  record Binary(String ucum) implements Form {}

  /**
   * A number that stands for a word.
   *
   * @param texts words by number; another number is told as it is
   */
  record Texts(SortedMap<Long, String> texts) implements Form {
    public Texts {
      texts = Collections.unmodifiableSortedMap(new TreeMap<>(texts));
    }
  }

  /**
   * A word of alarms.
   *
   * @param listed bits that have a meaning; no other is kept
   */
  record Bits(long listed) implements Form {}

  /** Whether it is a number with a unit. */
  default boolean isNumber() {
    return this instanceof Decimals || this instanceof Binary;
  }

  /** The unit's UCUM code; {@code 1} for what has none. */
  default String ucum() {
    return switch (this) {
      case Decimals(_, String ucum) -> ucum;
      case Binary(String ucum) -> ucum;
      case Texts _, Bits _ -> "1";
    };
  }

  /** The number that is held as {@code held}. */
  default BigDecimal decimal(long held) {
    return switch (this) {
      case Decimals(int places, _) -> BigDecimal.valueOf(held, places);
      case Binary _ -> new BigDecimal(Double.toString(Double.longBitsToDouble(turned(held))));
      case Texts _, Bits _ -> BigDecimal.valueOf(held);
    };
  }

  /**
   * What is held of a number, half-even beyond the last place.
   *
   * @throws ArithmeticException if it does not fit
   */
  default long held(BigDecimal number) {
    int places = this instanceof Decimals decimals ? decimals.places() : 0;
    if (this instanceof Binary) {
      double nearest = number.doubleValue();
      if (!Double.isFinite(nearest)) {
        throw new ArithmeticException(number + " is beyond a double");
      }
      return turned(Double.doubleToLongBits(nearest));
    }
    return number.movePointRight(places).setScale(0, RoundingMode.HALF_EVEN).longValueExact();
  }

  /** Bits of doubles in the order of their numbers, and back. */
  private static long turned(long bits) {
    return bits ^ (bits >> 63 & Long.MAX_VALUE);
  }

  /** The number, word or list of raised bits as people read it. */
  default String text(long held) {
    return switch (this) {
      case Decimals _, Binary _ -> plain(decimal(held));
      case Texts(SortedMap<Long, String> texts) -> texts.getOrDefault(held, Long.toString(held));
      case Bits _ -> bits(held).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    };
  }

  /** The bits that are 1, ascending. */
  static IntStream bits(long word) {
    return IntStream.range(0, Long.SIZE).filter(bit -> (word >>> bit & 1) == 1);
  }

  private static String plain(BigDecimal number) {
    BigDecimal shortest = number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
    boolean isLong = shortest.scale() > 24 || shortest.precision() - shortest.scale() > 24;
    return isLong ? shortest.toString() : shortest.toPlainString();
  }

  /** The form as a word without blanks, which {@link #of} reads. */
  default String code() {
    return switch (this) {
      case Decimals(int places, String ucum) -> "d" + places + "/" + ucum;
      case Binary(String ucum) -> "f/" + ucum;
      case Texts(SortedMap<Long, String> texts) ->
          texts.entrySet().stream()
              .map(each -> each.getKey() + "=" + each.getValue())
              .collect(Collectors.joining(",", "t/", ""));
      case Bits(long listed) -> "b/" + Long.toHexString(listed);
    };
  }

  /**
   * The form that {@link #code} wrote.
   *
   * @throws IllegalArgumentException if it wrote no such thing
   */
  static Form of(String code) {
    int slash = code.indexOf('/');
    String rest = code.substring(slash + 1);
    return switch (slash < 1 ? "" : code.substring(0, 1)) {
      case "d" -> new Decimals(Integer.parseInt(code.substring(1, slash)), rest);
      case "f" -> new Binary(rest);
      case "t" -> {
        SortedMap<Long, String> texts = new TreeMap<>();
        for (String each : rest.split(",")) {
          int equals = each.indexOf('=');
          if (equals < 0) {
            throw new IllegalArgumentException("no word in " + each);
          }
          texts.put(Long.valueOf(each.substring(0, equals)), each.substring(equals + 1));
        }
        yield new Texts(texts);
      }
      case "b" -> new Bits(Long.parseUnsignedLong(rest, 16));
      default -> throw new IllegalArgumentException("no form is written " + code);
    };
  }
}
