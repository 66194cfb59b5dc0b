package io.lingtan.agent.acquire;

import io.lingtan.agent.site.Line;

/** Makes the channel of a line; the simulator has its own. */
public interface ChannelFactory {

  /** A channel that is not open yet. Opens nothing and never fails. */
  Channel channel(Line line);

  /** Real ports and connections. */
  static ChannelFactory real() {
    return line ->
        switch (line) {
          case Line.Serial serial -> new SerialChannel(serial);
          case Line.ModbusTcp tcp -> new TcpChannel(tcp.host(), tcp.port());
          case Line.ModbusRtuTcp tcp -> new TcpChannel(tcp.host(), tcp.port());
          case Line.Coap coap -> throw notModbus(coap);
          case Line.CoapServer server -> throw notModbus(server);
          case Line.Gpio gpio -> throw notModbus(gpio);
        };
  }

  private static IllegalArgumentException notModbus(Line line) {
    return new IllegalArgumentException("line " + line.id() + " does not carry Modbus");
  }
}
