package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.acquire.coap.CaliforniumIngest;
import io.lingtan.agent.acquire.coap.CaliforniumPort;
import io.lingtan.agent.acquire.coap.CoapPort;
import io.lingtan.agent.acquire.coap.IngestPort;
import io.lingtan.agent.acquire.gpio.GpioChip;
import io.lingtan.agent.acquire.gpio.Pi4jChip;
import io.lingtan.agent.site.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes the ways to the devices of a line; the simulator has its own. Nothing is opened here, and a
 * kind of line that a site does not have costs nothing: what it needs is loaded when it is asked
 * for.
 */
public interface FieldPorts {

  /** {@code S_IFMT} and {@code S_IFCHR} of stat(2). */
  int FILE_KIND = 0170000;

  int CHARACTER_DEVICE = 0020000;

  /** A channel to a line that carries bytes, not open yet. */
  Channel channel(Line line);

  /**
   * A way to the chip of a GPIO line, not open yet. Opens nothing.
   *
   * @throws IllegalArgumentException if these ports have no chip
   */
  default GpioChip chip(Line.Gpio line) {
    throw new IllegalArgumentException("there is no GPIO chip for line " + line.id());
  }

  /** The way to a CoAP peer. */
  default CoapPort coap(Line.Coap line) {
    throw new IllegalArgumentException("no way here to CoAP line " + line.id());
  }

  /** A CoAP server for nodes that push. */
  default IngestPort ingest(Line.CoapServer line) {
    throw new IllegalArgumentException("no CoAP server here for line " + line.id());
  }

  /**
   * Whether it is a character device, or a link to one. Nothing else is ever opened: closing a file
   * of our own, such as the journal's lock, could let go of what is held by it.
   */
  static boolean isDevice(Path port) {
    try {
      return Files.getAttribute(port, "unix:mode") instanceof Integer mode
          && (mode & FILE_KIND) == CHARACTER_DEVICE;
    } catch (IOException e) {
      return false;
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return true; // no Unix: the port's driver says whether it is one
    }
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

      @Override
      public CoapPort coap(Line.Coap line) {
        return new CaliforniumPort(line);
      }

      @Override
      public IngestPort ingest(Line.CoapServer line) {
        return new CaliforniumIngest(line);
      }
    };
  }

  private static IllegalArgumentException notBytes(Line line) {
    return new IllegalArgumentException("line " + line.id() + " does not carry bytes");
  }
}
