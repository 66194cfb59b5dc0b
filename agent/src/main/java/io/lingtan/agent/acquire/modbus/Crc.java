package io.lingtan.agent.acquire.modbus;

/** CRC-16 of a serial Modbus frame (Modbus over Serial Line V1.02, 6.2.2). */
final class Crc {

  private static final short[] TABLE = table();

  private Crc() {}

  private static short[] table() {
    short[] table = new short[256];
    for (int i = 0; i < 256; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) != 0 ? (crc >>> 1) ^ 0xA001 : crc >>> 1;
      }
      table[i] = (short) crc;
    }
    return table;
  }

  /** The CRC of the first {@code length} bytes; its low byte is sent first. */
  static int of(byte[] bytes, int length) {
    return of(bytes, 0, length);
  }

  /** The CRC of {@code length} bytes from {@code from} on. */
  static int of(byte[] bytes, int from, int length) {
    int crc = 0xFFFF;
    for (int i = from; i < from + length; i++) {
      crc = (crc >>> 8) ^ (TABLE[(crc ^ bytes[i]) & 0xFF] & 0xFFFF);
    }
    return crc;
  }
}
