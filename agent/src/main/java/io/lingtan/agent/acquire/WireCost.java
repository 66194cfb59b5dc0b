package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;

/**
 * What a request costs a line in time: T = (request + reply) · bits / baud + the device's delay +
 * the pause between frames.
 *
 * @param characterNanos time of one character on the wire
 * @param delayNanos from the end of the request to the start of the reply
 * @param gapNanos quiet time between frames: 3.5 characters, 1.75 ms above 19,200 baud (Modbus over
 *     Serial Line V1.02, 2.5.1.1), or longer if the device needs it
 */
record WireCost(Framing framing, long characterNanos, long delayNanos, long gapNanos) {

  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;

  /** What a serial server behind TCP is taken to run at, as nobody says. */
  private static final CharacterFormat USUAL = new CharacterFormat(9600, Line.Parity.NONE, 1);

  /** A device whose delay is not known yet. */
  static WireCost of(Line line, long turnaroundNanos) {
    return switch (line) {
      case Line.Serial serial -> serial(Framing.RTU, serial.format(), turnaroundNanos);
      case Line.ModbusRtuTcp tcp -> serial(Framing.RTU_OVER_TCP, USUAL, turnaroundNanos);
      // A character costs a fast network nothing and a slow processor a little.
      default -> new WireCost(Framing.TCP, 5_000, 3 * MILLI, turnaroundNanos);
    };
  }

  private static WireCost serial(Framing framing, CharacterFormat format, long turnaroundNanos) {
    long character = SECOND * format.bits() / format.baud();
    long gap = format.baud() > 19_200 ? 1_750_000L : character * 7 / 2;
    return new WireCost(framing, character, 20 * MILLI, Math.max(gap, turnaroundNanos));
  }

  WireCost withDelay(long nanos) {
    return new WireCost(framing, characterNanos, nanos, gapNanos);
  }

  /** Time that the frames themselves take; 0 for TCP, where the network's time counts as delay. */
  long wireNanos(BlockRead read) {
    return framing == Framing.TCP
        ? 0
        : (framing.requestBytes() + framing.replyBytes(read)) * characterNanos;
  }

  /** Time that a request keeps the line busy, reply and pause included. */
  long nanos(BlockRead read) {
    return (framing.requestBytes() + framing.replyBytes(read)) * characterNanos
        + delayNanos
        + gapNanos;
  }
}
