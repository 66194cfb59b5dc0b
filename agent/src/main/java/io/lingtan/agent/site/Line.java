package io.lingtan.agent.site;

import io.lingtan.agent.site.share.Share;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An RS-485 port, TCP endpoint, CoAP peer or GPIO chip, with the devices reached through it. */
public sealed interface Line {

  String id();

  /** How long a device has to answer. */
  Duration timeout();

  List<Device> devices();

  /** How other masters may read its devices through us; null if they may not. */
  default @Nullable Share share() {
    return null;
  }

  /** Whether its devices are asked one after the other, in frames of bytes. */
  default boolean isPolled() {
    return switch (this) {
      case Serial serial -> true;
      case ModbusTcp tcp -> true;
      case ModbusRtuTcp tcp -> true;
      case Coap coap -> false;
      case CoapServer server -> false;
      case Gpio gpio -> false;
    };
  }

  /**
   * The same line for questions by hand: with other devices, one request at a time, lent to nobody.
   *
   * @throws IllegalArgumentException if it is not polled
   */
  default Line asking(List<Device> devices) {
    return switch (this) {
      case Serial at ->
          new Serial(at.id, at.port, at.format, at.rs485, at.echo, at.timeout, devices, null);
      case ModbusTcp at ->
          new ModbusTcp(
              at.id, at.host, at.port, false, false, 1, at.relabels, at.timeout, devices, null);
      case ModbusRtuTcp at ->
          new ModbusRtuTcp(at.id, at.host, at.port, false, false, at.timeout, devices, null);
      case Coap coap -> throw notPolled();
      case CoapServer server -> throw notPolled();
      case Gpio gpio -> throw notPolled();
    };
  }

  private IllegalArgumentException notPolled() {
    return new IllegalArgumentException("line " + id() + " is not polled");
  }

  /** Parity of a serial character. */
  enum Parity {
    NONE,
    EVEN,
    ODD
  }

  /**
   * Speed and character form.
   *
   * @param baud bits per second
   * @param stopBits 1 or 2
   */
  record CharacterFormat(int baud, Parity parity, int stopBits) {

    /** Bits of one character on the wire: start, eight data, parity, stop. */
    public int bits() {
      return 1 + 8 + (parity == Parity.NONE ? 0 : 1) + stopBits;
    }
  }

  /**
   * A serial port.
   *
   * @param rs485 how the direction is switched: {@code auto} by the adapter or its driver, {@code
   *     rts} by RTS, high while sending, {@code rts-low} by RTS, low while sending
   * @param echo whether the port hears its own transmission
   */
  record Serial(
      String id,
      String port,
      CharacterFormat format,
      String rs485,
      boolean echo,
      Duration timeout,
      List<Device> devices,
      @Nullable Share share)
      implements Line {
    public Serial {
      devices = List.copyOf(devices);
    }
  }

  /**
   * A Modbus TCP endpoint.
   *
   * @param reconnectAfterTimeout {@code after_timeout: reconnect}
   * @param singleClient whether it takes one connection only, and needs a while to notice that the
   *     last one is over
   * @param parallel most requests at once, 1..16
   * @param relabels whether it gives a late answer the transaction id of a newer request, so that
   *     ids tell answers apart no better than on the serial line behind it; only one at a time
   */
  record ModbusTcp(
      String id,
      String host,
      int port,
      boolean reconnectAfterTimeout,
      boolean singleClient,
      int parallel,
      boolean relabels,
      Duration timeout,
      List<Device> devices,
      @Nullable Share share)
      implements Line {
    public ModbusTcp {
      if (parallel < 1 || parallel > 16) {
        throw new IllegalArgumentException("parallel is 1..16, was " + parallel);
      }
      if (relabels && parallel > 1) {
        throw new IllegalArgumentException(
            "relabelled answers cannot be told apart, parallel was " + parallel);
      }
      devices = List.copyOf(devices);
    }
  }

  /**
   * A serial server that carries RTU frames over TCP.
   *
   * @param singleClient as of {@link ModbusTcp}
   */
  record ModbusRtuTcp(
      String id,
      String host,
      int port,
      boolean reconnectAfterTimeout,
      boolean singleClient,
      Duration timeout,
      List<Device> devices,
      @Nullable Share share)
      implements Line {
    public ModbusRtuTcp {
      devices = List.copyOf(devices);
    }
  }

  /**
   * A file of keys. Two are alike where they hold the same: a key that is taken away is a change of
   * the line.
   *
   * @param sha256 of its bytes, hex; null if they could not be read
   */
  record KeyFile(Path file, @Nullable String sha256) {

    /** Bytes. */
    public static final int LARGEST = 1_000_000;

    /** As it is now. */
    public static KeyFile of(Path file) {
      try {
        return new KeyFile(file, Sha256.hex(SmallFile.read(file, LARGEST)));
      } catch (IOException e) {
        return new KeyFile(file, null); // the line says so when it opens it
      }
    }
  }

  /** A CoAP server that is asked. */
  record Coap(
      String id,
      String uri,
      @Nullable String identity,
      @Nullable KeyFile keyFile,
      Duration timeout,
      List<Device> devices)
      implements Line {
    public Coap {
      devices = List.copyOf(devices);
    }
  }

  /** A CoAP server of our own, for nodes that push. */
  record CoapServer(
      String id, String listen, @Nullable KeyFile keys, Duration timeout, List<Device> devices)
      implements Line {
    public CoapServer {
      devices = List.copyOf(devices);
    }
  }

  /** A GPIO chip, by name, label or {@code auto}. */
  record Gpio(String id, String chip, Duration timeout, List<Device> devices) implements Line {
    public Gpio {
      devices = List.copyOf(devices);
    }
  }
}
