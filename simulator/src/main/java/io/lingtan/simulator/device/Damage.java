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

  /**
   * @param reply with a PDU of {@code pduLength} bytes at its place
   * @param startNanos from the first byte of the request to the first of the reply
   */
  void send(
      byte[] request,
      int unit,
      byte[] reply,
      int pduLength,
      long startNanos,
      List<WireFault> struck,
      Outgoing out) {
    if (struck.isEmpty()) {
      put(startNanos, reply, wiring.framing().wrap(request, unit, reply, pduLength), out);
      return;
    }
    int named = unit;
    boolean twice = false;
    boolean noisy = false;
    long gapNanos = -1;
    for (WireFault fault : struck) {
      switch (fault) {
        case WireFault.ForeignUnit foreign -> named = unit % 247 + 1;
        case WireFault.DuplicateReply duplicate -> twice = true;
        case WireFault.GluedNoise noise -> noisy = true;
        case WireFault.SplitReply split -> gapNanos = split.gapMicros() * 1_000;
        default -> {}
      }
    }
    int length = wiring.framing().wrap(request, named, reply, pduLength);
    byte[] frame = hurt(Arrays.copyOf(reply, length), struck);
    if (noisy) {
      frame = glue(noiseBytes(), frame);
    }
    long end =
        gapNanos < 0
            ? put(startNanos, frame, frame.length, out)
            : split(startNanos, gapNanos, frame, out);
    if (twice) {
      put(end + pauseNanos(), frame, frame.length, out);
    }
  }

  private byte[] hurt(byte[] frame, List<WireFault> struck) {
    byte[] hurt = frame;
    for (WireFault fault : struck) {
      switch (fault) {
        case WireFault.CorruptByte corrupt -> {
          turn++;
          hurt[Math.floorMod(turn, wiring.framing().damageable(hurt.length))] ^=
              (byte) (1 << Math.floorMod(turn * 3, 8));
        }
        case WireFault.Truncated truncated -> {
          turn++;
          hurt = Arrays.copyOf(hurt, 1 + Math.floorMod(turn * 5, hurt.length - 1));
        }
        default -> {}
      }
    }
    return hurt;
  }

  /** Bytes out of nowhere. */
  void noise(long startNanos, Outgoing out) {
    byte[] noise = noiseBytes();
    put(startNanos, noise, noise.length, out);
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

  private long put(long startNanos, byte[] bytes, int length, Outgoing out) {
    long end = startNanos + length * wiring.characterNanos();
    out.send(startNanos, end, bytes, length);
    return end;
  }

  private long split(long startNanos, long gapNanos, byte[] frame, Outgoing out) {
    long at = startNanos;
    for (byte one : frame) {
      at = put(at, new byte[] {one}, 1, out) + gapNanos;
    }
    return at - gapNanos;
  }

  /** The pause between two frames: 3.5 characters, or 1.75 ms on fast lines. */
  private long pauseNanos() {
    return wiring.format().baud() > 19_200 ? 1_750_000L : wiring.characterNanos() * 7 / 2;
  }
}
