package io.lingtan.simulator.device;

import io.lingtan.simulator.fault.WireFault;
import java.util.Arrays;
import java.util.List;

/**
 * Sends a reply as the wire's faults let it: which byte, which bit and where the end is cut off
 * goes round with each damage, so that a run repeats itself and every place has its turn.
 */
final class Damage {

  private static final int NOISE_BYTES = 5;

  private final Wiring wiring;
  private int turn;

  Damage(Wiring wiring) {
    this.wiring = wiring;
  }

  /** A reply, made when it is known in whose name. */
  interface Reply {

    /**
     * @param struck the wire's faults that strike it
     */
    byte[] frame(List<WireFault> struck);

    /** How many leading bytes of a reply of {@code length} can be damaged and found out. */
    int damageable(int length);
  }

  /**
   * Sends a reply.
   *
   * @param startNanos from the first byte of the request to the first of the reply
   * @param characterNanos time of one of its characters
   */
  void send(
      Reply reply, long startNanos, long characterNanos, List<WireFault> struck, Outgoing out) {
    byte[] frame = reply.frame(struck);
    if (struck.isEmpty()) {
      put(startNanos, characterNanos, frame, out);
      return;
    }
    boolean twice = false;
    boolean noisy = false;
    long gapNanos = -1;
    for (WireFault fault : struck) {
      switch (fault) {
        case WireFault.DuplicateReply duplicate -> twice = true;
        case WireFault.GluedNoise noise -> noisy = true;
        case WireFault.SplitReply split -> gapNanos = split.gapMicros() * 1_000;
        default -> {}
      }
    }
    frame = hurt(frame, reply, struck);
    if (noisy) {
      frame = glue(noiseBytes(), frame);
    }
    long end =
        gapNanos < 0
            ? put(startNanos, characterNanos, frame, out)
            : split(startNanos, characterNanos, gapNanos, frame, out);
    if (twice) {
      put(end + pauseNanos(), characterNanos, frame, out);
    }
  }

  private byte[] hurt(byte[] frame, Reply reply, List<WireFault> struck) {
    byte[] hurt = frame;
    for (WireFault fault : struck) {
      switch (fault) {
        case WireFault.CorruptByte corrupt -> {
          turn++;
          int most = reply.damageable(hurt.length);
          if (most > 0) {
            hurt[Math.floorMod(turn, most)] ^= (byte) (1 << Math.floorMod(turn * 3, 8));
          }
        }
        case WireFault.Truncated truncated -> {
          turn++;
          // Of an acknowledgement, which is one byte, nothing is left.
          hurt =
              Arrays.copyOf(
                  hurt, hurt.length < 2 ? 0 : 1 + Math.floorMod(turn * 5, hurt.length - 1));
        }
        default -> {}
      }
    }
    return hurt;
  }

  /** Bytes out of nowhere. */
  void noise(long startNanos, Outgoing out) {
    put(startNanos, wiring.characterNanos(), noiseBytes(), out);
  }

  private byte[] noiseBytes() {
    turn++;
    byte[] noise = new byte[1 + Math.floorMod(turn, NOISE_BYTES)];
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) (turn * 37 + i * 101);
    }
    return noise;
  }

  private static byte[] glue(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static long put(long startNanos, long characterNanos, byte[] bytes, Outgoing out) {
    long end = startNanos + bytes.length * characterNanos;
    out.send(startNanos, end, bytes, bytes.length);
    return end;
  }

  private static long split(
      long startNanos, long characterNanos, long gapNanos, byte[] frame, Outgoing out) {
    long at = startNanos;
    for (byte one : frame) {
      at = put(at, characterNanos, new byte[] {one}, out) + gapNanos;
    }
    return at - gapNanos;
  }

  /** The pause between two frames: 3.5 characters, or 1.75 ms on fast lines. */
  private long pauseNanos() {
    return wiring.format().baud() > 19_200 ? 1_750_000L : wiring.characterNanos() * 7 / 2;
  }
}
