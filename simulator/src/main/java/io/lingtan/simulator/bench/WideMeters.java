package io.lingtan.simulator.bench;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Many meters of thirty values each behind one Modbus TCP port (MODBUS Messaging on TCP/IP
 * Implementation Guide V1.0b, 3.1.3): holding registers in pairs, each a number that wanders. One
 * of them says when it was read, and the others follow from that, so that a reading that arrives
 * tells by itself how long it took and whether it is right. Thread-safe; a thread for each
 * connection.
 */
public final class WideMeters implements AutoCloseable {

  public static final List<String> POINTS =
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

  /** Number of values of a meter. */
  static final int WIDTH = POINTS.size();

  /** The point that says when it was read: milliseconds UTC, modulo {@link #CYCLE_MILLIS}. */
  static final int MOMENT = POINTS.indexOf("apparent_power: V.A");

  /** Eleven and a half days. */
  static final long CYCLE_MILLIS = 1_000_000_000L;

  private static final long MICROS = 1_000_000L;
  private static final int MOST_UNITS = 256;

  /** Told of each reading before its reply is written. */
  interface Served {
    /**
     * @param millis what its {@link #MOMENT} says; no two readings of a unit say the same
     */
    void served(int unit, long millis);
  }

  private final ServerSocket server;
  private final Served served;
  private final LongSupplier millis;
  private final long[] last = new long[MOST_UNITS];
  private volatile int mute = -1;

  /** On a free port of 127.0.0.1. */
  public WideMeters() throws IOException {
    this((unit, millis) -> {}, System::currentTimeMillis);
  }

  /**
   * @param millis the time, UTC
   */
  WideMeters(Served served, LongSupplier millis) throws IOException {
    this.served = served;
    this.millis = millis;
    server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return server.getLocalPort();
  }

  /** From now on this unit answers nothing. */
  void mute(int unit) {
    mute = unit;
  }

  /** The profile that reads them. */
  public static String profile() {
    StringBuilder text =
        new StringBuilder(
            """
            name: wide-meter
            kind: meter
            maker: none
            document: "the simulator's own"
            source: https://www.modbus.org/modbus-specifications
            example: true
            defaults: {function: 3, type: uint32, update: 1s}
            points:
            """);
    for (int i = 0; i < POINTS.size(); i++) {
      String how = name(i).startsWith("power_factor") ? "scale" : "unit";
      text.append("  %s: {address: %d, %s: %s}\n".formatted(name(i), 2 * i, how, step(i)));
    }
    return text.toString();
  }

  /** Digits behind the point of each value, as its unit has them. */
  static int decimals(int point) {
    String step = step(point);
    return step.startsWith("0.") ? step.lastIndexOf('1') - 1 : 0;
  }

  /** What a register pair is when it is read at a time; counters only go up. */
  public static long value(int unit, int point, long millis) {
    long moment = millis % CYCLE_MILLIS;
    if (point == MOMENT) {
      return moment;
    }
    long base = 10_000L * (unit + 1) + 100L * point;
    return POINTS.get(point).contains("energy")
        ? base * 1_000 + moment / 1_000
        : base + (moment / 1_000 * (unit + 7) + point * 31L) % 997;
  }

  /** What the ledger is given when this unit has been read. */
  public static Sample sample(String device, int unit, Time time) {
    MonotonicInstant now = time.now();
    long millis = time.wall().millisAt(now);
    Values.Builder values = new Values.Builder();
    for (int i = 0; i < WIDTH; i++) {
      values.put(Point.of(name(i)), value(unit, i, millis) * MICROS / power(decimals(i)));
    }
    return Sample.of(device, time.boot(), now.nanos(), values.build());
  }

  static String name(int point) {
    return POINTS.get(point).substring(0, POINTS.get(point).indexOf(':'));
  }

  /** One step of its register, with its unit. */
  static String step(int point) {
    return POINTS.get(point).substring(POINTS.get(point).indexOf(':') + 2);
  }

  private static long power(int decimals) {
    return switch (decimals) {
      case 0 -> 1;
      case 1 -> 10;
      case 2 -> 100;
      default -> 1_000;
    };
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return; // it is closed
      }
    }
  }

  private void serve(Socket socket) {
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
        if (unit == mute) {
          continue;
        }
        byte[] reply = new byte[9 + 2 * words];
        reply[0] = (byte) (transaction >> 8);
        reply[1] = (byte) transaction;
        reply[4] = (byte) ((reply.length - 6) >> 8);
        reply[5] = (byte) (reply.length - 6);
        reply[6] = (byte) unit;
        reply[7] = (byte) function;
        reply[8] = (byte) (2 * words);
        long now = moment(unit, address <= 2 * MOMENT && address + words > 2 * MOMENT);
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
      return; // the other side has ended the connection
    }
  }

  private synchronized long moment(int unit, boolean told) {
    long now = Math.max(millis.getAsLong(), last[unit] + 1);
    if (told) {
      last[unit] = now;
      served.served(unit, now);
    }
    return now;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
