package io.lingtan.testing.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Takes an input apart: a few bytes choose, the rest is read. */
public final class Bytes {

  private final byte[] input;
  private int at;

  public Bytes(byte[] input) {
    this.input = input;
  }

  /** The next byte, 0..255; 0 behind the end. */
  public int take() {
    return at < input.length ? input[at++] & 0xFF : 0;
  }

  /** Whether there is nothing left. */
  public boolean isEmpty() {
    return at >= input.length;
  }

  /** A part with its length before it, as {@link #part} writes it; what is left if that is less. */
  public byte[] part() {
    int length = take() << 8 | take();
    int from = Math.min(at, input.length);
    at = Math.min(from + length, input.length);
    return Arrays.copyOfRange(input, from, at);
  }

  /** One of several parts of an input, with its length and the bytes that choose before it. */
  public static byte[] part(byte[] part, int... chosen) {
    byte[] sized = of(part, part.length >>> 8, part.length);
    return of(sized, chosen);
  }

  /** One input of several parts. */
  public static byte[] joined(List<byte[]> parts) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    parts.forEach(whole::writeBytes);
    return whole.toByteArray();
  }

  /** All that is left. */
  public byte[] rest() {
    return Arrays.copyOfRange(input, Math.min(at, input.length), input.length);
  }

  /** An input that begins with the bytes that choose. */
  public static byte[] of(byte[] rest, int... chosen) {
    byte[] whole = new byte[chosen.length + rest.length];
    for (int i = 0; i < chosen.length; i++) {
      whole[i] = (byte) chosen[i];
    }
    System.arraycopy(rest, 0, whole, chosen.length, rest.length);
    return whole;
  }

  /** The same with a text. */
  public static byte[] of(String rest, int... chosen) {
    return of(rest.getBytes(StandardCharsets.UTF_8), chosen);
  }
}
