package io.lingtan.agent.tls;

import java.util.Arrays;

/** The little of DER (ITU-T X.690) that keys and requests for certificates are written in. */
public final class Der {

  public static final int BITS = 0x03;
  public static final int OCTETS = 0x04;
  private static final int SEQUENCE = 0x30;

  private Der() {}

  /** The number 0. */
  public static byte[] zero() {
    return new byte[] {2, 1, 0};
  }

  public static byte[] sequence(byte[]... parts) {
    return tagged(SEQUENCE, parts);
  }

  /** A value of a kind, with its length in as few bytes as it takes. */
  public static byte[] tagged(int tag, byte[]... parts) {
    int size = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    int lengthBytes = size < 0x80 ? 0 : (39 - Integer.numberOfLeadingZeros(size)) / 8;
    byte[] all = new byte[2 + lengthBytes + size];
    all[0] = (byte) tag;
    all[1] = (byte) (lengthBytes == 0 ? size : 0x80 + lengthBytes);
    int at = 2;
    for (int i = lengthBytes - 1; i >= 0; i--) {
      all[at++] = (byte) (size >> (8 * i));
    }
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
