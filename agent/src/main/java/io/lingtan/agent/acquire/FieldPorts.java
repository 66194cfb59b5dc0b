package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.gpio.GpioChip;
import io.lingtan.agent.acquire.gpio.Pi4jChip;
import io.lingtan.agent.site.Line;

/** Makes the ways to the devices of a line; the simulator has its own. */
public interface FieldPorts {

  /** A channel to a line that carries bytes, not open yet. Opens nothing and never fails. */
  Channel channel(Line line);

  /**
   * A way to the chip of a GPIO line, not open yet. Opens nothing.
   *
   * @throws IllegalArgumentException if these ports have no chip
   */
  default GpioChip chip(Line.Gpio line) {
    throw new IllegalArgumentException("there is no GPIO chip for line " + line.id());
  }

  /** Real ports and connections. */
  static FieldPorts real() {
    return new FieldPorts() {
      @Override
      public Channel channel(Line line) {
        return switch (line) {
          case Line.Serial serial -> new SerialChannel(serial);
          case Line.ModbusTcp tcp -> new TcpChannel(tcp.host(), tcp.port());
          case Line.ModbusRtuTcp tcp -> new TcpChannel(tcp.host(), tcp.port());
          case Line.Coap coap -> throw notBytes(coap);
          case Line.CoapServer server -> throw notBytes(server);
          case Line.Gpio gpio -> throw notBytes(gpio);
        };
      }

      @Override
      public GpioChip chip(Line.Gpio line) {
        return new Pi4jChip(line.chip());
      }
    };
  }

  private static IllegalArgumentException notBytes(Line line) {
    return new IllegalArgumentException("line " + line.id() + " does not carry bytes");
  }
}
