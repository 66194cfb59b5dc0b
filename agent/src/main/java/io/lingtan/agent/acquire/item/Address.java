package io.lingtan.agent.acquire.item;

import io.lingtan.agent.reading.MeterFamily;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A meter's communication address: pairs of decimal digits, sent last pair first. DL/T 645 has
 * twelve digits. CJ/T 188 has fourteen, in front of which the kind of meter stands, which is sent
 * first of all: {@code 2000112233445566} is heat meter 00112233445566. An M-Bus meter has {@code
 * mbus-} in front of its primary address, 0 to 250, or of its secondary one: the eight digits of
 * its identification, and where that is not enough the manufacturer's two bytes, version and medium
 * as hexadecimal digits; F of a digit stands for any.
 *
 * <p>Not changed once it is made.
 */
public final class Address {

  private static final int ANY_BYTE = 0xAA;
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final String MBUS = "mbus-";
  private static final int LAST_PRIMARY = 250;
  private static final int ANY_PRIMARY = 254;
  private static final int SELECTION = 16;

  /** What an M-Bus meter is called, {@code mbus-} left out. */
  public static final String MBUS_FORM = "[0-9]{1,3}|[0-9A-F]{8}([0-9A-F]{8})?";

  private final MeterFamily family;
  private final String text;
  private final byte[] wire;

  private Address(MeterFamily family, byte[] wire) {
    this.family = family;
    this.wire = wire;
    this.text = HEX.formatHex(turned(family, wire));
  }

  private Address(byte[] wire, String text) {
    this.family = MeterFamily.MBUS;
    this.wire = wire;
    this.text = MBUS + text;
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
    if (family == MeterFamily.MBUS) {
      return new Address(new byte[] {(byte) ANY_PRIMARY}, Integer.toString(ANY_PRIMARY));
    }
    byte[] wire = new byte[bytes(family)];
    Arrays.fill(wire, (byte) ANY_BYTE);
    return new Address(family, wire);
  }

  /**
   * The address that is printed on the meter.
   *
   * @param text of a DL/T 645 meter 1 to 12 digits, missing ones are zeros in front; of a CJ/T 188
   *     meter 16: the kind of meter and 14 digits; of an M-Bus meter as {@link #MBUS_FORM} behind
   *     {@code mbus-}
   */
  public static Address of(String text) {
    if (text.startsWith(MBUS)) {
      return ofMbus(text.substring(MBUS.length()));
    }
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

  private static Address ofMbus(String text) {
    if (!text.matches(MBUS_FORM) || (text.length() <= 3 && Integer.parseInt(text) > LAST_PRIMARY)) {
      throw new IllegalArgumentException(
          "an M-Bus address is 0 to 250, or eight digits, or sixteen with manufacturer, version and"
              + " medium; was '"
              + text
              + "'");
    }
    if (text.length() <= 3) {
      int primary = Integer.parseInt(text);
      return new Address(new byte[] {(byte) primary}, Integer.toString(primary));
    }
    String whole = text + "F".repeat(SELECTION - text.length());
    byte[] wire = HEX.parseHex(whole);
    for (int i = 0; i < 2; i++) {
      byte low = wire[i];
      wire[i] = wire[3 - i];
      wire[3 - i] = low;
    }
    return new Address(wire, whole.endsWith("FFFFFFFF") ? whole.substring(0, 8) : whole);
  }

  /** Whether it is one byte that a meter was set to; false of a secondary M-Bus address. */
  public boolean isPrimary() {
    return wire.length == 1;
  }

  /** As it is on the wire: of a secondary M-Bus address what selects it. */
  public byte[] wire() {
    return wire.clone();
  }

  /**
   * Whether a secondary M-Bus address means a meter.
   *
   * @param meter its own: sixteen hexadecimal digits
   */
  public boolean selects(String meter) {
    String wanted = text.substring(MBUS.length());
    for (int i = 0; i < wanted.length(); i++) {
      boolean any = wanted.charAt(i) == 'F' && (i < 8 || isAnyByte(wanted, i));
      if (!any && (i >= meter.length() || wanted.charAt(i) != meter.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** Of manufacturer, version and medium a whole byte is any, and not a digit. */
  private static boolean isAnyByte(String wanted, int i) {
    int first = i & ~1;
    return wanted.startsWith("FF", first);
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
    return Arrays.equals(bytes, at, at + wire.length, wire, 0, wire.length);
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
