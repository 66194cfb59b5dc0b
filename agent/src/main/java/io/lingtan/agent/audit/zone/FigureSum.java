package io.lingtan.agent.audit.zone;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One figure, added up over the leaves below a node, in whole milliwatt-hours or milligrams.
 *
 * @param gateways how many have a value
 * @param aboveZero sum of the amounts that are not negative
 * @param belowZero what the negative ones take away, as a number that is not negative
 */
public record FigureSum(long gateways, BigInteger aboveZero, BigInteger belowZero) {

  static final FigureSum NONE = new FigureSum(0, BigInteger.ZERO, BigInteger.ZERO);

  /** A number of more bytes is beyond every bound. */
  private static final int MOST_BYTES = 12;

  private static final int LENGTH = 0x0f;
  private static final int SOME_LACK = 0x10;
  private static final int HAS_BELOW = 0x20;

  public FigureSum {
    BigInteger most =
        BigInteger.valueOf(gateways).multiply(BigInteger.valueOf(ZoneLeaf.MOST_AMOUNT));
    if (gateways < 0
        || aboveZero.signum() < 0
        || belowZero.signum() < 0
        || aboveZero.add(belowZero).compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "no sum of %d gateways: %s above zero and %s below"
              .formatted(gateways, aboveZero, belowZero));
    }
  }

  static FigureSum of(@Nullable Long amount) {
    return amount == null
        ? NONE
        : new FigureSum(
            1, BigInteger.valueOf(Math.max(0, amount)), BigInteger.valueOf(Math.max(0, -amount)));
  }

  FigureSum plus(FigureSum other) {
    return new FigureSum(
        gateways + other.gateways, aboveZero.add(other.aboveZero), belowZero.add(other.belowZero));
  }

  public BigInteger total() {
    return aboveZero.subtract(belowZero);
  }

  /**
   * In as few bytes as can be.
   *
   * @param leaves below the node
   */
  void write(ByteArrayOutputStream out, long leaves) {
    byte[] above = bytes(aboveZero);
    boolean someLack = gateways < leaves;
    boolean hasBelow = belowZero.signum() > 0;
    out.write(above.length | (someLack ? SOME_LACK : 0) | (hasBelow ? HAS_BELOW : 0));
    if (someLack) {
      writeNatural(out, BigInteger.valueOf(gateways));
    }
    out.writeBytes(above);
    if (hasBelow) {
      writeNatural(out, belowZero);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException or BufferUnderflowException if it is something else
   */
  static FigureSum read(ByteBuffer in, long leaves) {
    int head = in.get();
    long gateways = (head & SOME_LACK) == 0 ? leaves : readNatural(in).longValueExact();
    if (gateways > leaves) {
      throw new IllegalArgumentException(gateways + " of " + leaves + " gateways have a value");
    }
    BigInteger above = read(in, head & LENGTH);
    return new FigureSum(
        gateways, above, (head & HAS_BELOW) == 0 ? BigInteger.ZERO : readNatural(in));
  }

  static void writeNatural(ByteArrayOutputStream out, BigInteger number) {
    byte[] bytes = bytes(number);
    out.write(bytes.length);
    out.writeBytes(bytes);
  }

  static BigInteger readNatural(ByteBuffer in) {
    return read(in, in.get());
  }

  private static BigInteger read(ByteBuffer in, int length) {
    if (length < 0 || length > MOST_BYTES) {
      throw new IllegalArgumentException("a number of " + length + " bytes");
    }
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new BigInteger(1, bytes);
  }

  /** Of zero none. */
  private static byte[] bytes(BigInteger number) {
    byte[] bytes = new byte[(number.bitLength() + Byte.SIZE - 1) / Byte.SIZE];
    byte[] signed = number.toByteArray();
    System.arraycopy(signed, signed.length - bytes.length, bytes, 0, bytes.length);
    return bytes;
  }
}
