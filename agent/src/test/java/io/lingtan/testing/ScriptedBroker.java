package io.lingtan.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Answers like an MQTT 5 broker, but for what a script does otherwise: for what no real broker does
 * when asked. One connection at a time has a thread of its own.
 */
public final class ScriptedBroker implements AutoCloseable {

  public static final int CONNECT = 1;
  public static final int PUBLISH = 3;
  public static final int SUBSCRIBE = 8;
  public static final int UNSUBSCRIBE = 10;
  public static final int PING = 12;

  /**
   * A control packet (MQTT 5.0, section 2.1).
   *
   * @param type 1..15
   * @param body all behind the remaining length
   */
  public record Packet(int type, int flags, byte[] body) {

    /** Topic of a PUBLISH. */
    public String topic() {
      int length = ByteBuffer.wrap(body).getShort() & 0xffff;
      return new String(body, 2, length, StandardCharsets.UTF_8);
    }

    /** Filters of a SUBSCRIBE or UNSUBSCRIBE without properties. */
    public List<String> filters() {
      List<String> filters = new ArrayList<>();
      ByteBuffer rest = ByteBuffer.wrap(body).position(3);
      while (rest.hasRemaining()) {
        byte[] filter = new byte[rest.getShort() & 0xffff];
        rest.get(filter);
        filters.add(new String(filter, StandardCharsets.UTF_8));
        rest.position(rest.position() + (type == SUBSCRIBE ? 1 : 0));
      }
      return filters;
    }

    private int idAt() {
      return type == PUBLISH ? 2 + topic().getBytes(StandardCharsets.UTF_8).length : 0;
    }
  }

  /** What is done otherwise. */
  public interface Script {
    /** Returns whether it has dealt with the packet; else the usual answer is given. */
    boolean on(Packet packet, Peer peer) throws IOException;
  }

  /** Who is connected. */
  public static final class Peer {
    private final OutputStream out;

    private Peer(OutputStream out) {
      this.out = out;
    }

    /** Sends a packet whose first byte is {@code first}. */
    public void send(int first, int... body) throws IOException {
      ByteArrayOutputStream packet = new ByteArrayOutputStream();
      packet.write(first);
      packet.write(body.length); // below 128 here
      for (int each : body) {
        packet.write(each);
      }
      out.write(packet.toByteArray());
      out.flush();
    }

    /** Sends bytes that need not be a packet. */
    public void sendBytes(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
    }

    /** CONNACK (section 3.2). */
    public void connack(int reason, int... properties) throws IOException {
      int[] body = new int[3 + properties.length];
      body[1] = reason;
      body[2] = properties.length;
      System.arraycopy(properties, 0, body, 3, properties.length);
      send(0x20, body);
    }

    /** Gives the usual answer. */
    public void answer(Packet packet) throws IOException {
      byte[] body = packet.body();
      int at = packet.idAt();
      switch (packet.type()) {
        case CONNECT -> connack(0);
        case PUBLISH -> {
          if ((packet.flags() & 6) == 2) {
            send(0x40, body[at], body[at + 1], 0);
          }
        }
        case SUBSCRIBE -> acknowledge(0x90, packet, 1);
        case UNSUBSCRIBE -> acknowledge(0xb0, packet, 0);
        case PING -> send(0xd0);
        default -> {}
      }
    }

    private void acknowledge(int first, Packet packet, int reason) throws IOException {
      int[] answer = new int[3 + packet.filters().size()];
      answer[0] = packet.body()[0];
      answer[1] = packet.body()[1];
      java.util.Arrays.fill(answer, 3, answer.length, reason);
      send(first, answer);
    }
  }

  private final ServerSocket server;
  private final Script script;
  private final List<Packet> received = new CopyOnWriteArrayList<>();

  private ScriptedBroker(ServerSocket server, Script script) {
    this.server = server;
    this.script = script;
  }

  /** Starts one on a free port. */
  public static ScriptedBroker start(Script script) throws IOException {
    ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    ScriptedBroker broker = new ScriptedBroker(server, script);
    Thread.ofPlatform().daemon().name("scripted broker").start(broker::serve);
    return broker;
  }

  public String url() {
    return "mqtt://127.0.0.1:" + server.getLocalPort();
  }

  /** Packets of one type so far, over all connections. */
  public List<Packet> received(int type) {
    return received.stream().filter(packet -> packet.type() == type).toList();
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept();
          DataInputStream in = new DataInputStream(socket.getInputStream());
          OutputStream out = socket.getOutputStream()) {
        Peer peer = new Peer(out);
        while (true) {
          Packet packet = read(in);
          received.add(packet);
          if (!script.on(packet, peer)) {
            peer.answer(packet);
          }
        }
      } catch (IOException e) {
        // The client has gone, the script has hung up, or the test is over.
      }
    }
  }

  private static Packet read(DataInputStream in) throws IOException {
    int first = in.readUnsignedByte();
    int length = 0;
    for (int shift = 0, more = 0x80; (more & 0x80) != 0; shift += 7) {
      more = in.readUnsignedByte();
      length |= (more & 0x7f) << shift;
    }
    return new Packet(first >> 4, first & 15, in.readNBytes(length));
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
