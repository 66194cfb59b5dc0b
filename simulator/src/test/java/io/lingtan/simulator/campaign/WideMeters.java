package io.lingtan.simulator.campaign;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;

/**
 * Many meters of thirty values each behind one Modbus TCP port (MODBUS Messaging on TCP/IP
 * Implementation Guide V1.0b, 3.1.3): holding registers in pairs, each a number that wanders.
 */
final class WideMeters implements AutoCloseable {

  static final List<String> POINTS =
      List.of(
          "power: W",
          "power_l1: W",
          "power_l2: W",
          "power_l3: W",
          "energy_import: 0.01kW.h",
          "energy_export: 0.01kW.h",
          "reactive_power: var",
          "reactive_power_l1: var",
          "reactive_power_l2: var",
          "reactive_power_l3: var",
          "reactive_energy_import: 0.01kvarh",
          "reactive_energy_export: 0.01kvarh",
          "apparent_power: V.A",
          "apparent_power_l1: V.A",
          "apparent_power_l2: V.A",
          "apparent_power_l3: V.A",
          "voltage_l1: 0.1V",
          "voltage_l2: 0.1V",
          "voltage_l3: 0.1V",
          "voltage: 0.1V",
          "current: 0.001A",
          "current_l1: 0.001A",
          "current_l2: 0.001A",
          "current_l3: 0.001A",
          "frequency: 0.001Hz",
          "temperature: 0.1Cel",
          "power_factor: 0.001",
          "power_factor_l1: 0.001",
          "power_factor_l2: 0.001",
          "power_factor_l3: 0.001");

  private final ServerSocket server;

  WideMeters() throws IOException {
    server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** The profile that reads them. */
  static String profile() {
    StringBuilder text =
        new StringBuilder(
            """
            name: wide-meter
            kind: meter
            maker: none
            document: "the campaign's own"
            source: https://www.modbus.org/modbus-specifications
            example: true
            defaults: {function: 3, type: uint32, update: 1s}
            points:
            """);
    for (int i = 0; i < POINTS.size(); i++) {
      String[] point = POINTS.get(i).split(": ");
      String how = point[0].startsWith("power_factor") ? "scale: " : "unit: ";
      text.append("  %s: {address: %d, %s%s}\n".formatted(point[0], 2 * i, how, point[1]));
    }
    return text.toString();
  }

  /** What a value is at a time; counters only go up. */
  static long value(int unit, int point, long millis) {
    long base = 10_000L * (unit + 1) + 100L * point;
    return POINTS.get(point).contains("energy")
        ? base * 1_000 + millis % 1_000_000_000L / 1_000
        : base + (millis / 1_000 * (unit + 7) + point * 31L) % 997;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return; // the test is over
      }
    }
  }

  private static void serve(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      while (true) {
        int transaction = in.readUnsignedShort();
        in.readInt(); // protocol and length, which is always 6 here
        int unit = in.readUnsignedByte();
        int function = in.readUnsignedByte();
        int address = in.readUnsignedShort();
        int words = in.readUnsignedShort();
        byte[] reply = new byte[9 + 2 * words];
        reply[0] = (byte) (transaction >> 8);
        reply[1] = (byte) transaction;
        reply[4] = (byte) ((reply.length - 6) >> 8);
        reply[5] = (byte) (reply.length - 6);
        reply[6] = (byte) unit;
        reply[7] = (byte) function;
        reply[8] = (byte) (2 * words);
        long now = System.currentTimeMillis();
        for (int i = 0; i < words; i++) {
          int register = address + i;
          long value = value(unit, register / 2, now);
          long word = register % 2 == 0 ? value >> 16 : value;
          reply[9 + 2 * i] = (byte) (word >> 8);
          reply[10 + 2 * i] = (byte) word;
        }
        out.write(reply);
        out.flush();
      }
    } catch (IOException e) {
      return; // the agent has ended the connection
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
