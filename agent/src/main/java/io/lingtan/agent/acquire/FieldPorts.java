package io.lingtan.agent.acquire;

import io.lingtan.agent.site.Line;

/** Makes the ways to the devices of a line; the simulator has its own. */
public interface FieldPorts {

  /** A channel to a line that carries bytes, not open yet. Opens nothing and never fails. */
  Channel channel(Line line);

  /** Real ports and connections. */
  static FieldPorts real() {
    return line ->
        switch (line) {
          case Line.Serial serial -> new SerialChannel(serial);
          case Line.ModbusTcp tcp -> new TcpChannel(tcp.host(), tcp.port());
          case Line.ModbusRtuTcp tcp -> new TcpChannel(tcp.host(), tcp.port());
          case Line.Coap coap -> throw notBytes(coap);
          case Line.CoapServer server -> throw notBytes(server);
          case Line.Gpio gpio -> throw notBytes(gpio);
        };
  }

  private static IllegalArgumentException notBytes(Line line) {
    return new IllegalArgumentException("line " + line.id() + " does not carry bytes");
  }
}
