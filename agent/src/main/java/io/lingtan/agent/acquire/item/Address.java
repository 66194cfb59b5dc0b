package io.lingtan.agent.acquire.item;

import io.lingtan.agent.reading.MeterFamily;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A meter's communication address: pairs of decimal digits, sent last pair first. DL/T 645 has
 * twelve digits. CJ/T 188 has fourteen, in front of which the kind of meter stands, which is sent
 * first of all: {@code 2000112233445566} is heat meter 00112233445566.
 *
 * <p>Not changed once it is made.
 */
public final class Address {

  private static final int ANY_BYTE = 0xAA;
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final MeterFamily family;
  private final String text;
  private final byte[] wire;

  private Address(MeterFamily family, byte[] wire) {
    this.family = family;
    this.wire = wire;
    this.text = HEX.formatHex(turned(family, wire));
  }

  /** The kind of meter stays in front, the pairs of digits behind it change their order. */
  private static byte[] turned(MeterFamily family, byte[] bytes) {
    int first = family == MeterFamily.CJT188 ? 1 : 0;
    byte[] turned = bytes.clone();
    for (int i = first; i < bytes.length; i++) {
      turned[i] = bytes[bytes.length - 1 - (i - first)];
    }
    return turned;
  }

  /** Bytes that it takes on the wire. */
  static int bytes(MeterFamily family) {
    return family == MeterFamily.CJT188 ? 8 : 6;
  }

  /** Whoever hears it answers, so only one meter may be on the line. */
  public static Address any(MeterFamily family) {
    byte[] wire = new byte[bytes(family)];
    java.util.Arrays.fill(wire, (byte) ANY_BYTE);
    return new Address(family, wire);
  }

  /**
   * The address that is printed on the meter.
   *
   * @param text of a DL/T 645 meter 1 to 12 digits, missing ones are zeros in front; of a CJ/T 188
   *     meter 16: the kind of meter and 14 digits
   */
  public static Address of(String text) {
    MeterFamily family = familyOf(text);
    if (family == null) {
      throw new IllegalArgumentException(
          "an address is 1 to 12 digits (DL/T 645), or 16 with the kind of meter in front (CJ/T"
              + " 188), was '"
              + text
              + "'");
    }
    String whole = "0".repeat(Math.max(0, 12 - text.length())) + text;
    return new Address(family, turned(family, HEX.parseHex(whole)));
  }

  private static @Nullable MeterFamily familyOf(String text) {
    return text.matches("[0-9]{1,12}")
        ? MeterFamily.DLT645
        : text.matches("[0-9]{16}") ? MeterFamily.CJT188 : null;
  }

  /** The address at {@code at}, each byte less {@code offset}; null if it is no decimal number. */
  static @Nullable Address at(MeterFamily family, byte[] bytes, int at, int offset) {
    byte[] wire = new byte[bytes(family)];
    for (int i = 0; i < wire.length; i++) {
      int pair = (bytes[at + i] - offset) & 0xFF;
      if (pair >>> 4 > 9 || (pair & 0xF) > 9) {
        return null;
      }
      wire[i] = (byte) pair;
    }
    return new Address(family, wire);
  }

  /** The protocol that has such addresses. */
  public MeterFamily family() {
    return family;
  }

  void put(byte[] into, int at) {
    System.arraycopy(wire, 0, into, at, wire.length);
  }

  /** Whether these are the bytes on the wire. */
  boolean isAt(byte[] bytes, int at) {
    return java.util.Arrays.equals(bytes, at, at + wire.length, wire, 0, wire.length);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Address that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** Twelve digits, or the kind of meter and fourteen, as on the meter's plate. */
  @Override
  public String toString() {
    return text;
  }
}
