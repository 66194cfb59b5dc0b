package io.lingtan.agent.acquire.modbus;

/**
 * A read of consecutive registers or bits (Modbus Application Protocol V1.1b3, 6.1 to 6.4). There
 * is no writing function in this package on purpose.
 *
 * @param function 1 (coils), 2 (discrete inputs), 3 (holding registers) or 4 (input registers)
 * @param address first register on the wire, 0-based, 0..65535
 * @param words number of 16-bit registers, 1..125, or of bits for functions 1 and 2, 1..2000
 */
public record BlockRead(int function, int address, int words) {

  /** Most registers that one request may ask for. */
  public static final int MAX_WORDS = 125;

  /** Most bits that one request may ask for. */
  private static final int MAX_BITS = 2000;

  /** Bytes of the request's PDU: function, address, count. */
  public static final int PDU_BYTES = 5;

  public BlockRead {
    if (function < 1 || function > 4) {
      throw new IllegalArgumentException("function is 1..4, was " + function);
    }
    if (words < 1 || words > most(function)) {
      throw new IllegalArgumentException("words is 1..%d, was %d".formatted(most(function), words));
    }
    if (address < 0 || address + words > 65_536) {
      throw new IllegalArgumentException("registers are 0..65535, were " + address + " + " + words);
    }
  }

  /** Most registers, or bits, that one request of this function may ask for. */
  public static int most(int function) {
    return function <= 2 ? MAX_BITS : MAX_WORDS;
  }

  /** Bytes of values in the reply: two for a register, an eighth for a bit. */
  public int valueBytes() {
    return function <= 2 ? (words + 7) / 8 : 2 * words;
  }

  /** The register behind the last one. */
  public int end() {
    return address + words;
  }

  /** Whether every register of {@code other} is read too. */
  public boolean covers(BlockRead other) {
    return function == other.function && address <= other.address && end() >= other.end();
  }

  @Override
  public String toString() {
    return "FC" + function + " " + address + "+" + words;
  }
}
