package io.lingtan.simulator.hostile;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A Modbus device behind TCP, framed as TCP or as RTU. What it answers rightly says {@code 0x4366}
 * in each register; what it sends besides, and what is no answer by any rule, says {@link
 * Got#POISON}. A session is a connection.
 */
final class HostileMeter implements AutoCloseable {

  private static final int GOOD = 0x4366;

  /** As a float32 in two registers: {@link Got#POISON}. */
  private static final int POISON = 0x4500;

  private final String name;
  private final boolean rtu;
  private final long seed;
  private final int timeoutMillis;
  private final Got got;
  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong sessions = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();

  private HostileMeter(String name, boolean rtu, long seed, int timeoutMillis, Got got)
      throws IOException {
    this.name = name;
    this.rtu = rtu;
    this.seed = seed;
    this.timeoutMillis = timeoutMillis;
    this.got = got;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  static HostileMeter start(String name, boolean rtu, long seed, int timeoutMillis, Got got)
      throws IOException {
    HostileMeter meter = new HostileMeter(name, rtu, seed, timeoutMillis, got);
    got.start(name, meter::serve);
    return meter;
  }

  /** Its line in the site file. */
  String line() {
    return """
      - id: %s
        %s: {host: 127.0.0.1, port: %d, timeout: %dms}
        devices:
          - {id: %s-m, profile: eastron-sdm630, unit: 1, every: 200ms, record: 2s}
    """
        .formatted(
            name,
            rtu ? "modbus-rtu-tcp" : "modbus-tcp",
            server.getLocalPort(),
            timeoutMillis,
            name);
  }

  String name() {
    return name;
  }

  long sessions() {
    return sessions.get();
  }

  /** What was sent and must not be taken for an answer. */
  long wrong() {
    return wrong.get();
  }

  private void serve() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        got.start(name, () -> talk(socket));
      } catch (IOException e) {
        if (!server.isClosed()) {
          got.fault(name + " accepts no more: " + e);
        }
        return;
      }
    }
  }

  private void talk(Socket socket) {
    open.add(socket);
    try (socket;
        DataInputStream in = new DataInputStream(socket.getInputStream())) {
      socket.setTcpNoDelay(true);
      new Session(new Chance(seed, name, sessions.incrementAndGet()), socket).run(in);
    } catch (IOException e) {
      // The agent hung up, or the session did.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
    }
  }

  /** One connection. */
  private final class Session {
    private final Chance chance;
    private final Socket socket;
    private final OutputStream out;
    private int transaction;
    private int unit;
    private int function;
    private int address;
    private int words;

    Session(Chance chance, Socket socket) throws IOException {
      this.chance = chance;
      this.socket = socket;
      this.out = socket.getOutputStream();
    }

    void run(DataInputStream in) throws IOException, InterruptedException {
      int rounds = chance.from(2, 25);
      int malice = chance.one(5, 20, 60);
      for (int round = 0; round < rounds; round++) {
        request(in);
        // The first is right: a line that never worked is tried more and more seldom.
        if (round == 0 || !chance.in(malice)) {
          out.write(reply(transaction, unit, function, words, GOOD));
        } else if (!misbehave()) {
          break;
        }
        out.flush();
      }
      if (chance.in(30)) {
        socket.setSoLinger(true, 0);
      } else if (chance.in(30)) {
        socket.shutdownOutput();
        Thread.sleep(chance.upTo(timeoutMillis));
      }
    }

    private void request(DataInputStream in) throws IOException {
      if (!rtu) {
        transaction = in.readUnsignedShort();
        in.readUnsignedShort();
        in.readUnsignedShort();
      }
      unit = in.readUnsignedByte();
      function = in.readUnsignedByte();
      address = in.readUnsignedShort();
      words = in.readUnsignedShort();
      if (rtu) {
        in.readUnsignedShort();
      }
    }

    /** Returns whether the connection is to last. */
    private boolean misbehave() throws IOException, InterruptedException {
      wrong.incrementAndGet();
      switch (chance.upTo(19)) {
        case 0 ->
            out.write(reply(transaction + chance.from(1, 9), unit, function, words, poison()));
        case 1 -> out.write(reply(transaction, unit + chance.from(1, 9), function, words, POISON));
        case 2 -> out.write(reply(transaction, unit, function ^ 7, words, POISON));
        case 3 -> out.write(reply(transaction, unit, function, words + chance.from(1, 9), POISON));
        case 4 -> out.write(reply(transaction, unit, function, Math.max(0, words - 1), POISON));
        case 5 -> out.write(pdu(transaction, unit, bytes(function | 0x80, chance.upTo(255))));
        case 6 -> out.write(pdu(transaction, unit, bytes(function | 0x80))); // without a code
        case 7 -> { // a storm of exceptions
          for (int i = 0; i < 200; i++) {
            out.write(pdu(transaction, unit, bytes(function | 0x80, 6)));
          }
        }
        case 8 -> { // twice: the second one answers nothing
          out.write(reply(transaction, unit, function, words, GOOD));
          out.write(reply(transaction, unit, function, words, poison()));
        }
        case 9 -> { // late
          byte[] late = reply(transaction, unit, function, words, rtu ? GOOD : POISON);
          Thread.sleep(timeoutMillis + chance.from(20, timeoutMillis));
          out.write(late);
        }
        case 10 -> drip(reply(transaction, unit, function, words, GOOD));
        case 11 -> garbage(chance.one(1, 7, 300, 5_000, 200_000));
        case 12 -> { // garbage between frames
          garbage(chance.from(1, 20));
          out.write(reply(transaction, unit, function, words, GOOD));
        }
        case 13 -> { // a length that lies
          byte[] frame = reply(transaction, unit, function, words, POISON);
          if (!rtu) {
            ByteBuffer.wrap(frame).putShort(4, (short) chance.one(0, 1, 2, 3, 255, 300, 65_535));
          } else {
            frame[2] = (byte) chance.one(0, 1, frame[2] + 2, 255);
          }
          out.write(frame);
        }
        case 14 -> { // damaged
          byte[] frame = reply(transaction, unit, function, words, POISON);
          int at = rtu ? frame.length - 1 - chance.upTo(1) : 2 + chance.upTo(1);
          frame[at] ^= (byte) (1 << chance.upTo(7));
          out.write(frame);
        }
        case 15 -> { // cut off
          byte[] frame = reply(transaction, unit, function, words, POISON);
          out.write(frame, 0, chance.upTo(frame.length - 1));
          return chance.in(50);
        }
        case 16 -> out.write(pdu(transaction, unit, chance.bytes(250)));
        case 17 -> { // answers to what nobody asked
          for (int i = 0; i < 300; i++) {
            out.write(reply(transaction - 1 - i, unit, function, words, poison()));
          }
        }
        case 18 -> { // a request, as another master sends it
          byte[] asked =
              ByteBuffer.allocate(5).put((byte) function).putInt(address << 16 | 2).array();
          out.write(pdu(transaction + 1, unit, asked));
        }
        default -> Thread.sleep(timeoutMillis + 10); // nothing
      }
      return true;
    }

    /** On a serial line only the place of a frame in time says what it answers. */
    private int poison() {
      return rtu ? GOOD : POISON;
    }

    private byte[] reply(int transaction, int unit, int function, int words, int register) {
      ByteArrayOutputStream pdu = new ByteArrayOutputStream();
      pdu.write(function);
      pdu.write(words * 2);
      for (int i = 0; i < words; i++) {
        pdu.write(register >> 8);
        pdu.write(register);
      }
      return pdu(transaction, unit, pdu.toByteArray());
    }

    private byte[] pdu(int transaction, int unit, byte[] pdu) {
      ByteArrayOutputStream frame = new ByteArrayOutputStream();
      if (!rtu) {
        frame.writeBytes(
            ByteBuffer.allocate(6)
                .putShort((short) transaction)
                .putShort((short) 0)
                .putShort((short) (pdu.length + 1))
                .array());
      }
      frame.write(unit);
      frame.writeBytes(pdu);
      if (rtu) {
        int crc = crc(frame.toByteArray());
        frame.write(crc);
        frame.write(crc >> 8);
      }
      return frame.toByteArray();
    }

    private void garbage(int count) throws IOException {
      byte[] bytes = new byte[count];
      for (int i = 0; i < count; i++) {
        bytes[i] = (byte) chance.upTo(255);
      }
      out.write(bytes);
    }

    private void drip(byte[] frame) throws IOException {
      for (byte each : frame) {
        out.write(each);
        out.flush();
      }
    }
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** CRC-16 of Modbus over serial line, V1.02, 6.2.2. */
  private static int crc(byte[] bytes) {
    int crc = 0xffff;
    for (byte each : bytes) {
      crc ^= each & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0xa001;
      }
    }
    return crc;
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket each : open) {
      each.close();
    }
  }
}
