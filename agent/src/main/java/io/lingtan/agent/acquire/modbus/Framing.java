package io.lingtan.agent.acquire.modbus;

/** How a PDU is wrapped for its way. */
public enum Framing {
  /** Modbus TCP: a header with transaction id and length, no check sum. */
  TCP,
  /** Modbus RTU on a serial port: unit id before, CRC behind. */
  RTU,
  /** RTU frames through a serial server's TCP connection. */
  RTU_OVER_TCP;

  /** Most bytes of any request of ours. */
  public static final int MAX_REQUEST = 12;

  /** Most bytes of any frame: 260 for TCP, 256 for RTU. */
  public static final int MAX_FRAME = 260;

  /** Whether a reply names the request that it answers. */
  public boolean hasTransactions() {
    return this == TCP;
  }

  /**
   * Writes a request frame.
   *
   * @param unit unit id, 0..255; 0 on a serial line is broadcast and never answered
   * @param transaction transaction id, 0..65535; not used by RTU
   * @param into at least {@link #MAX_REQUEST} bytes
   * @return bytes written
   */
  public int encode(int unit, int transaction, BlockRead read, byte[] into) {
    int at = 0;
    if (this == TCP) {
      into[at++] = (byte) (transaction >>> 8);
      into[at++] = (byte) transaction;
      into[at++] = 0;
      into[at++] = 0;
      into[at++] = 0;
      into[at++] = 1 + BlockRead.PDU_BYTES;
    }
    into[at++] = (byte) unit;
    into[at++] = (byte) read.function();
    into[at++] = (byte) (read.address() >>> 8);
    into[at++] = (byte) read.address();
    into[at++] = (byte) (read.words() >>> 8);
    into[at++] = (byte) read.words();
    if (this != TCP) {
      int crc = Crc.of(into, at);
      into[at++] = (byte) crc;
      into[at++] = (byte) (crc >>> 8);
    }
    return at;
  }

  /** Bytes of a request frame. */
  public int requestBytes() {
    return this == TCP ? 12 : 8;
  }

  /** Bytes of the reply frame that carries the values of {@code read}. */
  public int replyBytes(BlockRead read) {
    return (this == TCP ? 9 : 5) + read.valueBytes();
  }
}
