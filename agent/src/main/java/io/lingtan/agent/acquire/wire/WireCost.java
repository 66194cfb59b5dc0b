package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a request costs a line in time: T = (request + reply) · bits / baud + the device's delay +
 * the pause between frames.
 *
 * @param characterNanos time of one character on the wire
 * @param delayNanos from the end of the request to the start of the reply
 * @param gapNanos quiet time between frames: 3.5 characters, 1.75 ms above 19,200 baud (Modbus over
 *     Serial Line V1.02, 2.5.1.1), or longer if the device needs it
 */
public record WireCost(Framing framing, long characterNanos, long delayNanos, long gapNanos) {

  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;

  /** What a serial server behind TCP is taken to run at, as nobody says. */
  private static final CharacterFormat USUAL = new CharacterFormat(9600, Line.Parity.NONE, 1);

  /** A device of the line whose delay is not known yet. */
  public static WireCost of(Line line, Device device) {
    return of(line, device.framing(), device.profile().turnaround().toNanos());
  }

  /**
   * The same of any device.
   *
   * @param framing its character form where it is not the line's
   */
  public static WireCost of(Line line, @Nullable CharacterFormat framing, long turnaroundNanos) {
    return switch (line) {
      case Line.Serial serial ->
          serial(Framing.RTU, framing == null ? serial.format() : framing, turnaroundNanos);
      case Line.ModbusRtuTcp tcp ->
          serial(Framing.RTU_OVER_TCP, framing == null ? USUAL : framing, turnaroundNanos);
      // A character costs a fast network nothing and a slow processor a little.
      default -> new WireCost(Framing.TCP, 5_000, 3 * MILLI, turnaroundNanos);
    };
  }

  /** Quiet time that ends a frame of this character form: 3.5 characters, 1.75 ms if fast. */
  public static long gapNanos(CharacterFormat format) {
    return format.baud() > 19_200 ? 1_750_000L : characterNanos(format) * 7 / 2;
  }

  private static long characterNanos(CharacterFormat format) {
    return SECOND * format.bits() / format.baud();
  }

  private static WireCost serial(Framing framing, CharacterFormat format, long turnaroundNanos) {
    long character = characterNanos(format);
    long gap = gapNanos(format);
    return new WireCost(framing, character, 20 * MILLI, Math.max(gap, turnaroundNanos));
  }

  public WireCost withDelay(long nanos) {
    return new WireCost(framing, characterNanos, nanos, gapNanos);
  }

  /** Time that the frames themselves take; 0 for TCP, where the network's time counts as delay. */
  public long wireNanos(Ask ask) {
    return framing == Framing.TCP ? 0 : characters(ask) * characterNanos;
  }

  private int characters(Ask ask) {
    return ask.requestBytes(framing) + ask.replyBytes(framing);
  }

  /** Time that a request keeps the line busy, reply and pause included. */
  public long nanos(Ask ask) {
    return characters(ask) * characterNanos + delayNanos + gapNanos;
  }
}
