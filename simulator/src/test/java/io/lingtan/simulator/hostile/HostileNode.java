package io.lingtan.simulator.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A CoAP node (RFC 7252, 7641, 7959): answers what it is asked, rightly or not, and pushes to the
 * agent's own CoAP server what nobody should. A session is a request and all that it brings, or a
 * push. A value that answers nothing by its token or id is {@link Got#POISON}.
 */
final class HostileNode implements AutoCloseable {

  private static final int ACK = 2;
  private static final int CON = 0;
  private static final int NON = 1;
  private static final int RESET = 3;
  private static final int CONTENT = 0x45;
  private static final int OBSERVE = 6;
  private static final int CONTENT_FORMAT = 12;
  private static final int BLOCK2 = 23;
  private static final int BLOCK1 = 27;
  private static final int SENML_JSON = 110;
  private static final int SENML_CBOR = 112;

  private final long seed;
  private final int pushPort;
  private final DatagramSocket socket;
  private final AtomicLong sessions = new AtomicLong();
  private final Thread pushing;
  private volatile boolean over;

  private HostileNode(long seed, int pushPort, int pauseMillis, Got got) throws IOException {
    this.seed = seed;
    this.pushPort = pushPort;
    this.socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    got.start("node", this::serve);
    this.pushing = got.start("pusher", () -> push(pauseMillis));
  }

  /**
   * @param pushPort where the agent's CoAP server listens
   * @param pauseMillis between two pushes
   */
  static HostileNode start(long seed, int pushPort, int pauseMillis, Got got) throws IOException {
    return new HostileNode(seed, pushPort, pauseMillis, got);
  }

  /** Its lines in the site file. */
  String lines() {
    return """
      - id: node
        coap: {uri: "coap://127.0.0.1:%d", timeout: 300ms}
        devices:
          - {id: node-1, profile: senml, path: /tank/1, every: 200ms, record: 2s}
          - {id: node-2, profile: senml, path: /tank/2, observe: true, every: 1s, record: 2s}
      - id: pushed
        coap-server: {listen: "127.0.0.1:%d"}
        devices:
          - {id: push-1, profile: senml, every: 1s, record: 2s}
    """
        .formatted(socket.getLocalPort(), pushPort);
  }

  long sessions() {
    return sessions.get();
  }

  private void serve() {
    byte[] room = new byte[2_000];
    while (!over) {
      try {
        DatagramPacket packet = new DatagramPacket(room, room.length);
        socket.receive(packet);
        byte[] asked = Arrays.copyOf(packet.getData(), packet.getLength());
        if (asked.length < 4 || (asked[1] & 0xff) == 0 || (asked[1] & 0xe0) != 0) {
          continue; // an acknowledgement, a reset, or no request
        }
        new Exchange(
                new Chance(seed, "node", sessions.incrementAndGet()),
                asked,
                packet.getSocketAddress())
            .answer();
      } catch (IOException e) {
        // closed, or a port that is gone
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static byte[] message(
      int type, int code, int id, byte[] token, byte[] options, byte[] payload) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(0x40 | type << 4 | Math.min(token.length, 15));
    bytes.write(code);
    bytes.write(id >> 8);
    bytes.write(id);
    bytes.writeBytes(token);
    bytes.writeBytes(options);
    if (payload.length > 0) {
      bytes.write(0xff);
      bytes.writeBytes(payload);
    }
    return bytes.toByteArray();
  }

  /** Options in ascending order of their numbers: number, value, number, value ... */
  private static byte[] options(Object... all) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int before = 0;
    for (int i = 0; i < all.length; i += 2) {
      int number = (Integer) all[i];
      byte[] value = all[i + 1] instanceof byte[] given ? given : number((Integer) all[i + 1]);
      int delta = number - before;
      before = number;
      bytes.write(nibble(delta) << 4 | nibble(value.length));
      extended(bytes, delta);
      extended(bytes, value.length);
      bytes.writeBytes(value);
    }
    return bytes.toByteArray();
  }

  private static int nibble(int value) {
    return value < 13 ? value : value < 269 ? 13 : 14;
  }

  private static void extended(ByteArrayOutputStream to, int value) {
    if (value >= 269) {
      to.write((value - 269) >> 8);
      to.write(value - 269);
    } else if (value >= 13) {
      to.write(value - 13);
    }
  }

  private static byte[] number(int value) {
    byte[] all = ByteBuffer.allocate(4).putInt(value).array();
    int from = 0;
    while (from < 4 && all[from] == 0) {
      from++;
    }
    return Arrays.copyOfRange(all, from, 4);
  }

  private static byte[] senml(String power) {
    return ("[{\"n\":\"power\",\"u\":\"W\",\"v\":" + power + "}]").getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bomb(Chance chance) {
    return switch (chance.upTo(9)) {
      case 0 -> "[".repeat(900).getBytes(StandardCharsets.UTF_8);
      case 1 -> new byte[] {(byte) 0x9b, 0x7f, -1, -1, -1, -1, -1, -1, -1}; // so many in an array
      case 2 -> new byte[] {(byte) 0x81, (byte) 0xbb, 0, 0, 0, 0, 0x7f, -1, -1, -1};
      case 3 -> filled(900, (byte) 0x81); // nested arrays of one
      case 4 -> new byte[] {(byte) 0x81, (byte) 0xa1, 0x00, 0x7a, 0x7f, -1, -1, -1, 0x61};
      case 5 -> senml("1e400");
      case 6 -> senml("9".repeat(800));
      case 7 -> senml("NaN");
      case 8 ->
          ("[{\"n\":\"power\",\"t\":1e308,\"v\":1,\"bn\":\"" + "\\u0000".repeat(100) + "\"}]")
              .getBytes(StandardCharsets.UTF_8);
      default -> chance.bytes(1_000);
    };
  }

  private static byte[] filled(int count, byte with) {
    byte[] all = new byte[count];
    Arrays.fill(all, with);
    return all;
  }

  /** What one request gets. */
  private final class Exchange {
    private final Chance chance;
    private final SocketAddress from;
    private final int id;
    private final byte[] token;

    Exchange(Chance chance, byte[] asked, SocketAddress from) {
      this.chance = chance;
      this.from = from;
      this.id = ByteBuffer.wrap(asked).getShort(2) & 0xffff;
      this.token = Arrays.copyOfRange(asked, 4, Math.min(4 + (asked[0] & 15), asked.length));
    }

    private void send(byte[] message) throws IOException {
      socket.send(new DatagramPacket(message, message.length, from));
    }

    private byte[] right(String power) {
      return message(ACK, CONTENT, id, token, options(CONTENT_FORMAT, SENML_JSON), senml(power));
    }

    private byte[] foreign() {
      byte[] other = token.length == 0 ? new byte[1] : token.clone();
      other[0] ^= (byte) chance.from(1, 255);
      return other;
    }

    void answer() throws IOException, InterruptedException {
      if (chance.in(60)) {
        send(right("230.5"));
        return;
      }
      String poison = Got.POISON.toString();
      switch (chance.upTo(17)) {
        case 0 ->
            send(
                message(
                    ACK,
                    CONTENT,
                    id,
                    foreign(),
                    options(CONTENT_FORMAT, SENML_JSON),
                    senml(poison)));
        case 1 ->
            send(
                message(
                    ACK,
                    CONTENT,
                    id + 1,
                    foreign(),
                    options(CONTENT_FORMAT, SENML_JSON),
                    senml(poison)));
        case 2 ->
            send(message(ACK, 0, id, new byte[0], new byte[0], new byte[0])); // and never more
        case 3 -> send(message(RESET, 0, id, new byte[0], new byte[0], new byte[0]));
        case 4 -> { // a storm of notifications
          for (int i = 0; i < 300; i++) {
            send(
                message(
                    chance.one(CON, NON),
                    CONTENT,
                    id + i + 1,
                    token,
                    options(OBSERVE, chance.upTo(0xffffff), CONTENT_FORMAT, SENML_JSON),
                    senml("230.5")));
          }
        }
        case 5 -> { // blocks without end, of numbers that lie
          int number = chance.one(0, 1, 7, 0xfffff);
          int size = chance.upTo(7);
          send(
              message(
                  ACK,
                  CONTENT,
                  id,
                  token,
                  options(CONTENT_FORMAT, SENML_JSON, BLOCK2, number << 4 | 8 | size),
                  filled(chance.one(0, 16, 1_024), (byte) ' ')));
        }
        case 6 ->
            send(
                message(
                    ACK,
                    CONTENT,
                    id,
                    token,
                    options(CONTENT_FORMAT, chance.one(0, 60, SENML_CBOR, 65_535)),
                    bomb(chance)));
        case 7 ->
            send(
                message(
                    ACK,
                    CONTENT,
                    id,
                    token,
                    options(4, filled(1_200, (byte) 1), CONTENT_FORMAT, SENML_JSON),
                    senml("230.5")));
        case 8 ->
            send(
                message(
                    ACK,
                    CONTENT,
                    id,
                    token,
                    options(CONTENT_FORMAT, SENML_JSON, 65_001, filled(300, (byte) 7)),
                    senml("230.5"))); // critical, unknown
        case 9 ->
            send(
                message(
                    ACK,
                    chance.one(0x80, 0x84, 0xa0, 0x7f, 0xe1, 0xff),
                    id,
                    token,
                    new byte[0],
                    chance.bytes(500)));
        case 10 -> send(chance.bytes(1_400));
        case 11 -> { // damaged in one place
          byte[] message = right(poison);
          message[chance.upTo(3)] ^= (byte) chance.from(1, 255);
          send(message);
        }
        case 12 -> { // twice
          send(right("230.5"));
          send(right("230.5"));
        }
        case 13 -> { // a separate answer
          send(message(ACK, 0, id, new byte[0], new byte[0], new byte[0]));
          send(
              message(
                  CON,
                  CONTENT,
                  chance.upTo(65_535),
                  token,
                  options(CONTENT_FORMAT, SENML_JSON),
                  senml("230.5")));
        }
        case 14 -> { // from another address
          try (DatagramSocket other = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            byte[] message = right(poison);
            other.send(new DatagramPacket(message, message.length, from));
          }
        }
        case 15 -> { // cut off
          byte[] message = right(poison);
          send(Arrays.copyOf(message, chance.upTo(message.length - 25)));
        }
        case 16 ->
            send(
                message(
                    ACK,
                    CONTENT,
                    id,
                    token,
                    options(OBSERVE, filled(4, (byte) -1), CONTENT_FORMAT, SENML_JSON),
                    senml("230.5")));
        default -> {} // nothing
      }
    }
  }

  private void push(int pauseMillis) {
    InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), pushPort);
    while (!over) {
      Chance chance = new Chance(seed, "pusher", sessions.incrementAndGet());
      try (DatagramSocket pusher = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
        for (byte[] each : pushes(chance)) {
          pusher.send(new DatagramPacket(each, each.length, to));
        }
        Thread.sleep(pauseMillis);
      } catch (IOException e) {
        // nobody there yet
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static byte[][] pushes(Chance chance) {
    byte[] path = "ingest".getBytes(StandardCharsets.UTF_8);
    byte[] device =
        chance.one("push-1", "push-1", "other", "\u0000", "").getBytes(StandardCharsets.UTF_8);
    byte[] token = chance.bytes(8);
    int id = chance.upTo(65_535);
    return switch (chance.upTo(8)) {
      case 0 -> {
        byte[][] many = new byte[200][];
        for (int i = 0; i < many.length; i++) {
          many[i] =
              message(
                  NON,
                  2,
                  id + i,
                  token,
                  options(11, path, 11, device, CONTENT_FORMAT, SENML_JSON),
                  bomb(chance));
        }
        yield many;
      }
      case 1 -> { // a body in blocks that never ends
        byte[][] blocks = new byte[100][];
        for (int i = 0; i < blocks.length; i++) {
          blocks[i] =
              message(
                  CON,
                  2,
                  id + i,
                  token,
                  options(11, path, 11, device, CONTENT_FORMAT, SENML_JSON, BLOCK1, i << 4 | 8 | 6),
                  filled(1_024, (byte) ' '));
        }
        yield blocks;
      }
      case 2 ->
          new byte[][] {
            message(
                CON,
                2,
                id,
                token,
                options(11, path, 11, device, CONTENT_FORMAT, SENML_CBOR),
                bomb(chance))
          };
      case 3 ->
          new byte[][] {
            message(
                CON,
                chance.from(1, 31),
                id,
                token,
                options(11, path, 11, device),
                chance.bytes(500))
          };
      case 4 -> new byte[][] {chance.bytes(1_400)};
      case 5 ->
          new byte[][] {
            message(CON, 1, id, token, options(OBSERVE, 0, 11, path, 11, device), new byte[0])
          };
      case 6 ->
          new byte[][] {
            message(
                CON,
                1,
                id,
                token,
                options(
                    11,
                    ".well-known".getBytes(StandardCharsets.UTF_8),
                    11,
                    "core".getBytes(StandardCharsets.UTF_8)),
                new byte[0])
          };
      case 7 ->
          new byte[][] {
            message(
                CON,
                2,
                id,
                token,
                options(
                    11,
                    filled(255, (byte) 'x'),
                    11,
                    filled(255, (byte) 'y'),
                    15,
                    filled(255, (byte) 'z')),
                senml("1"))
          };
      default ->
          new byte[][] {
            message(
                CON,
                2,
                id,
                token,
                options(11, path, 11, device, CONTENT_FORMAT, SENML_JSON),
                senml("230.5"))
          };
    };
  }

  @Override
  public void close() {
    over = true;
    socket.close();
    pushing.interrupt();
  }
}
