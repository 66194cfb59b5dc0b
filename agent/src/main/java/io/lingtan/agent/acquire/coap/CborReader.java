package io.lingtan.agent.acquire.coap;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads CBOR (RFC 8949) item by item. Takes nobody's word for a length: what is not there is not
 * waited for, nothing is set aside for it, and items nest at most {@value #MOST_DEPTH} deep, so
 * that time and memory grow with the bytes that came.
 */
final class CborReader {

  static final int UNSIGNED = 0;
  static final int NEGATIVE = 1;
  static final int BYTES = 2;
  static final int TEXT = 3;
  static final int ARRAY = 4;
  static final int MAP = 5;
  static final int TAG = 6;
  static final int SIMPLE = 7;

  /** Length of an item that ends with a "break". */
  static final long INDEFINITE = -1;

  private static final int MOST_DEPTH = 16;
  private static final int BREAK = 0xFF;

  private static final long TAG_POSITIVE_BIGNUM = 2;
  private static final long TAG_NEGATIVE_BIGNUM = 3;
  private static final long TAG_DECIMAL_FRACTION = 4;
  private static final long TAG_BIGFLOAT = 5;
  private static final int LONGEST_BIGNUM = 32;
  private static final int GREATEST_EXPONENT = 200;
  private static final BigDecimal TWO = BigDecimal.valueOf(2);

  private final byte[] bytes;
  private int at;
  private int additional;

  CborReader(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean isAtEnd() {
    return at == bytes.length;
  }

  /** Major type of the next item, without taking anything. */
  int peek() throws MalformedPayload {
    if (at >= bytes.length) {
      throw new MalformedPayload("the CBOR ends too early");
    }
    return (bytes[at] & 0xFF) >> 5;
  }

  /** Takes the end of an item of indefinite length, if it is here. */
  boolean endsHere() throws MalformedPayload {
    peek();
    if ((bytes[at] & 0xFF) != BREAK) {
      return false;
    }
    at++;
    return true;
  }

  /** Takes a head and returns its argument, or {@link #INDEFINITE}; unsigned. */
  private long head() throws MalformedPayload {
    peek();
    int first = bytes[at++] & 0xFF;
    int major = first >> 5;
    additional = first & 0x1F;
    if (additional < 24) {
      return additional;
    }
    if (additional == 31) {
      if (major == UNSIGNED || major == NEGATIVE || major == TAG || first == BREAK) {
        throw new MalformedPayload("CBOR without sense at byte " + (at - 1));
      }
      return INDEFINITE;
    }
    if (additional > 27) {
      throw new MalformedPayload("CBOR without sense at byte " + (at - 1));
    }
    int length = 1 << (additional - 24);
    if (bytes.length - at < length) {
      throw new MalformedPayload("the CBOR ends too early");
    }
    long argument = 0;
    for (int i = 0; i < length; i++) {
      argument = (argument << 8) | (bytes[at++] & 0xFF);
    }
    return argument;
  }

  /**
   * Begins an array or a map.
   *
   * @return how many items, or pairs, or {@link #INDEFINITE}
   */
  long begin(int major, String what) throws MalformedPayload {
    if (peek() != major) {
      throw new MalformedPayload(what);
    }
    long length = head();
    // Each item takes a byte at least; an unsigned length beyond 2^63 looks negative.
    if (additional != 31 && (length < 0 || length > bytes.length - at)) {
      throw new MalformedPayload("the CBOR claims " + Long.toUnsignedString(length) + " items");
    }
    return additional == 31 ? INDEFINITE : length;
  }

  /** A whole number that fits into a long. */
  long whole() throws MalformedPayload {
    int major = peek();
    if (major != UNSIGNED && major != NEGATIVE) {
      throw new MalformedPayload("a whole number was due at byte " + at);
    }
    long argument = head();
    if (argument < 0) {
      throw new MalformedPayload("a whole number is too large at byte " + at);
    }
    return major == UNSIGNED ? argument : -1 - argument;
  }

  /** A text. */
  String text() throws MalformedPayload {
    return new String(string(TEXT), StandardCharsets.UTF_8);
  }

  private byte[] string(int major) throws MalformedPayload {
    if (peek() != major) {
      throw new MalformedPayload("a string was due at byte " + at);
    }
    long length = head();
    if (additional != 31) {
      return take(length);
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    while (!endsHere()) {
      if (peek() != major) {
        throw new MalformedPayload("a piece of a string was due at byte " + at);
      }
      long part = head();
      if (additional == 31) {
        throw new MalformedPayload("a piece of a string has no length at byte " + at);
      }
      int start = at;
      whole.write(bytes, start, skipBytes(part));
    }
    return whole.toByteArray();
  }

  private byte[] take(long length) throws MalformedPayload {
    int start = at;
    return Arrays.copyOfRange(bytes, start, start + skipBytes(length));
  }

  private int skipBytes(long length) throws MalformedPayload {
    if (length < 0 || length > bytes.length - at) {
      throw new MalformedPayload(
          "the CBOR claims a string of " + Long.toUnsignedString(length) + " bytes");
    }
    at += (int) length;
    return (int) length;
  }

  /** The next item whatever it is; what can be no value is passed over. */
  SenmlValue value() throws MalformedPayload {
    return value(MOST_DEPTH);
  }

  private SenmlValue value(int depth) throws MalformedPayload {
    if (depth == 0) {
      throw new MalformedPayload("the CBOR nests deeper than " + MOST_DEPTH);
    }
    return switch (peek()) {
      case UNSIGNED, NEGATIVE -> SenmlValue.number(integer());
      case TEXT -> new SenmlValue.Text(text());
      case BYTES -> {
        string(BYTES);
        yield new SenmlValue.Opaque();
      }
      case ARRAY -> skip(ARRAY, 1, depth);
      case MAP -> skip(MAP, 2, depth);
      case TAG -> tagged(depth);
      default -> simple();
    };
  }

  private SenmlValue skip(int major, int each, int depth) throws MalformedPayload {
    long length = begin(major, "");
    for (long i = 0; length == INDEFINITE ? !endsHere() : i < length; i++) {
      for (int j = 0; j < each; j++) {
        value(depth - 1);
      }
    }
    return new SenmlValue.Opaque();
  }

  private BigInteger integer() throws MalformedPayload {
    int major = peek();
    long argument = head();
    BigInteger magnitude = new BigInteger(Long.toUnsignedString(argument));
    return major == UNSIGNED ? magnitude : magnitude.not();
  }

  private SenmlValue tagged(int depth) throws MalformedPayload {
    long tag = head();
    if (tag == TAG_POSITIVE_BIGNUM || tag == TAG_NEGATIVE_BIGNUM) {
      BigInteger number = bignum(tag);
      return number == null ? new SenmlValue.NoNumber(false) : SenmlValue.number(number);
    }
    if (tag == TAG_DECIMAL_FRACTION || tag == TAG_BIGFLOAT) {
      return fraction(tag);
    }
    return value(depth - 1);
  }

  private @Nullable BigInteger bignum(long tag) throws MalformedPayload {
    byte[] magnitude = string(BYTES);
    if (magnitude.length > LONGEST_BIGNUM) {
      return null;
    }
    BigInteger number = new BigInteger(1, magnitude);
    return tag == TAG_POSITIVE_BIGNUM ? number : number.not();
  }

  /** Mantissa × 10^exponent, or × 2^exponent (RFC 8949, section 3.4.4). */
  private SenmlValue fraction(long tag) throws MalformedPayload {
    if (begin(ARRAY, "a fraction is an array of two") != 2) {
      throw new MalformedPayload("a fraction is an array of two");
    }
    long exponent = whole();
    BigInteger mantissa;
    if (peek() == TAG) {
      mantissa = bignum(head());
    } else if (peek() == UNSIGNED || peek() == NEGATIVE) {
      mantissa = integer();
    } else {
      throw new MalformedPayload("a fraction has a whole mantissa");
    }
    if (mantissa == null || exponent > GREATEST_EXPONENT || exponent < -GREATEST_EXPONENT) {
      return new SenmlValue.NoNumber(false);
    }
    BigDecimal exact = new BigDecimal(mantissa);
    return SenmlValue.number(
        tag == TAG_DECIMAL_FRACTION
            ? exact.scaleByPowerOfTen((int) exponent)
            : exact
                .multiply(TWO.pow((int) exponent, MathContext.DECIMAL128), MathContext.DECIMAL128)
                .stripTrailingZeros());
  }

  private SenmlValue simple() throws MalformedPayload {
    long argument = head();
    return switch (additional) {
      case 20 -> new SenmlValue.Truth(false);
      case 21 -> new SenmlValue.Truth(true);
      case 22, 23 -> new SenmlValue.NoNumber(true);
      case 25 -> SenmlValue.number(Float.float16ToFloat((short) argument));
      case 26 -> SenmlValue.number(Float.intBitsToFloat((int) argument));
      case 27 -> SenmlValue.number(Double.longBitsToDouble(argument));
      default -> new SenmlValue.Opaque();
    };
  }
}
