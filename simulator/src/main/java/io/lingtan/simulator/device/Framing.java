package io.lingtan.simulator.device;

/**
 * How a Modbus PDU lies in a frame: Messaging on TCP/IP V1.0b, 3.1; Serial Line V1.02, 2.5.1. The
 * simulator's own, as is its check sum.
 */
public enum Framing {
  /** Seven bytes of header, no check sum. */
  TCP,
  /** Unit id, PDU and CRC on a serial line. */
  RTU,
  /** The same through a serial server's TCP connection. */
  RTU_OVER_TCP;

  private static final int MBAP = 7;

  /** Where the unit id stands. */
  int unitAt() {
    return this == TCP ? 6 : 0;
  }

  /** Where the PDU begins: right behind the unit id. */
  int pduAt() {
    return unitAt() + 1;
  }

  /** Whether a unit that is not there is answered for by a gateway. */
  boolean hasGateway() {
    return this == TCP;
  }

  /**
   * Length of the request that begins at {@code from}.
   *
   * @return 0 while that cannot be said; -1 if it is not Modbus TCP. What is no RTU request ends
   *     with what is there, as with a pause on the line
   */
  int requestLength(byte[] bytes, int from, int available) {
    if (this == TCP) {
      if (available < 6) {
        return 0;
      }
      int protocol = word(bytes, from + 2);
      int length = word(bytes, from + 4);
      return protocol != 0 || length < 2 || length > Endpoint.LONGEST_FRAME - 6 ? -1 : 6 + length;
    }
    if (available < 2) {
      return 0;
    }
    int function = bytes[from + 1] & 0xFF;
    int length;
    if (function >= 1 && function <= 6) {
      length = 8;
    } else if (function == 15 || function == 16) {
      if (available < 7) {
        return 0;
      }
      length = 9 + (bytes[from + 6] & 0xFF);
    } else {
      return available;
    }
    return available < length || isChecked(bytes, from, length) ? length : available;
  }

  /** Whether the check sum is right; where there is none, yes. */
  boolean isChecked(byte[] frame, int from, int length) {
    if (this == TCP) {
      return true;
    }
    return length >= 4
        && crc(frame, from, length - 2)
            == ((frame[from + length - 2] & 0xFF) | (frame[from + length - 1] & 0xFF) << 8);
  }

  /** Bytes of the PDU in a whole request frame. */
  int pduLength(int frameLength) {
    return this == TCP ? frameLength - MBAP : frameLength - 3;
  }

  /**
   * Puts the frame around a PDU that already stands at {@link #pduAt}.
   *
   * @param request whose head the reply takes over
   * @return length of the frame
   */
  int wrap(byte[] request, int unit, byte[] reply, int pduLength) {
    reply[unitAt()] = (byte) unit;
    if (this == TCP) {
      reply[0] = request[0];
      reply[1] = request[1];
      reply[2] = 0;
      reply[3] = 0;
      reply[4] = (byte) ((pduLength + 1) >>> 8);
      reply[5] = (byte) (pduLength + 1);
      return MBAP + pduLength;
    }
    int crc = crc(reply, 0, 1 + pduLength);
    reply[1 + pduLength] = (byte) crc;
    reply[2 + pduLength] = (byte) (crc >>> 8);
    return 3 + pduLength;
  }

  /** How many leading bytes of a reply of {@code length} can be damaged and found out. */
  int damageable(int length) {
    return this == TCP ? Math.min(length, MBAP + 2) : length;
  }

  /** CRC-16 with the reversed polynomial 0xA001, from 0xFFFF; its low byte is sent first. */
  static int crc(byte[] bytes, int from, int length) {
    int crc = 0xFFFF;
    for (int i = from; i < from + length; i++) {
      crc ^= bytes[i] & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ 0xA001;
      }
    }
    return crc;
  }

  private static int word(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
  }
}
