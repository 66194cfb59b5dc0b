package io.lingtan.simulator.device;

import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;

/**
 * How an endpoint is wired: its framing, and the time that a character takes.
 *
 * @param format of the serial line, or of the one behind a serial server; without meaning for TCP
 * @param characterNanos time of one character on the wire, 0 on a network
 */
public record Wiring(Framing framing, CharacterFormat format, long characterNanos) {

  /** What serial servers are usually left at. */
  public static final CharacterFormat USUAL = new CharacterFormat(9_600, Parity.NONE, 1);

  private static final long SECOND = 1_000_000_000L;

  /** A network: characters take no time. */
  public static Wiring tcp() {
    return new Wiring(Framing.TCP, USUAL, 0);
  }

  /** A serial line. */
  public static Wiring rtu(CharacterFormat format) {
    return new Wiring(Framing.RTU, format, nanos(format));
  }

  /** A serial server with a line behind it. */
  public static Wiring rtuOverTcp(CharacterFormat format) {
    return new Wiring(Framing.RTU_OVER_TCP, format, nanos(format));
  }

  /**
   * As the site file has it.
   *
   * @throws IllegalArgumentException if the line does not carry frames of bytes
   */
  public static Wiring of(Line line) {
    return switch (line) {
      case Line.Serial serial -> rtu(serial.format());
      case Line.ModbusTcp tcp -> tcp();
      case Line.ModbusRtuTcp tcp -> rtuOverTcp(USUAL);
      case Line.Coap other -> throw noBytes(other);
      case Line.CoapServer other -> throw noBytes(other);
      case Line.Gpio other -> throw noBytes(other);
    };
  }

  private static IllegalArgumentException noBytes(Line line) {
    return new IllegalArgumentException("line " + line.id() + " does not carry frames of bytes");
  }

  /** Time of one character: start bit, eight data bits, parity, stop bits. */
  static long nanos(CharacterFormat format) {
    return SECOND * format.bits() / format.baud();
  }
}
