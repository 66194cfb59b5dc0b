package io.lingtan.agent.packet;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttWireMessage;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a broker, let through to Paho one whole packet after another, and only what Paho can
 * take. Paho makes an array as long as a packet claims to be, before a byte of it has come; and its
 * receiving thread ends without a word over texts that MQTT 5 allows or that a broker passes on
 * unseen, such as control characters.
 *
 * <p>A packet longer than was announced, or one that makes no sense, ends the connection ({@link
 * BadPacket}). A message that can be told apart from its neighbours, but has a text that Paho trips
 * over, is thrown away alone: what Paho gets in its place carries why, so that it is acknowledged
 * as the broker expects and nobody who may send to a topic can end the connection.
 *
 * <p>A message for which there is no {@link Room} waits before the gate, and the broker with it.
 * Answers to pings wait behind it, which is not the broker's fault: each time that the room says
 * no, the gate gives Paho an answer to a ping itself.
 *
 * <p>Paho's receiving thread; {@link #asked} and {@link #packets} from any.
 */
public final class PacketGate extends InputStream {

  /** The topic of what stands for a message that was thrown away begins so; the rest is its own. */
  public static final String FLAWED = "flawed/";

  /** Where messages wait to be taken in. */
  public interface Room {

    /** As much as anybody sends. */
    Room WITHOUT_END = bytes -> true;

    /**
     * Whether there is room for a message now; waits for it, a second at most.
     *
     * @param bytes of its packet
     * @throws IOException if there never will be, because the connection has ended
     */
    boolean take(int bytes) throws IOException;
  }

  private static final int PUBLISH = 3;
  private static final int BUFFER = 1024;
  private static final int MOST_TOPIC = 128;
  private static final byte[] NOTHING = {};
  private static final byte[] PINGRESP = {(byte) 0xd0, 0};

  /** What a broker must not send; the message says what it was. */
  public static final class BadPacket extends IOException {
    private static final long serialVersionUID = 1L;

    BadPacket(String message) {
      super(message);
    }
  }

  private final InputStream from;
  private final int mostBytes;
  private final Room room;
  private final byte[] header = new byte[5];
  private int headerBytes;
  private byte @Nullable [] body;
  private int bodyBytes;
  private byte[] packet = NOTHING;
  private int at;
  private volatile long asked;
  private volatile long packets;

  /**
   * @param mostBytes of a packet, its header included
   */
  public PacketGate(InputStream from, int mostBytes, Room room) {
    this.from = new BufferedInputStream(from, BUFFER);
    this.mostBytes = mostBytes;
    this.room = room;
  }

  /** How often Paho asked for more. Any thread. */
  public long asked() {
    return asked;
  }

  /** How many packets Paho got. Any thread. */
  public long packets() {
    return packets;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread reads
  public int read(byte[] to, int offset, int length) throws IOException {
    asked++;
    if (length == 0) {
      return 0;
    }
    if (at == packet.length) {
      byte[] next = next();
      if (next == null) {
        return -1;
      }
      packet = next;
      at = 0;
      packets++;
    }
    int count = Math.min(length, packet.length - at);
    System.arraycopy(packet, at, to, offset, count);
    at += count;
    return count;
  }

  @Override
  public int available() throws IOException {
    return packet.length - at + from.available();
  }

  @Override
  public void close() throws IOException {
    from.close();
  }

  /**
   * The next packet, null at the end. A timeout of the socket in the middle of one costs nothing:
   * the next call goes on there.
   */
  private byte @Nullable [] next() throws IOException {
    while (!isHeaderWhole()) {
      int next = from.read();
      if (next < 0 && headerBytes == 0) {
        return null;
      }
      header[headerBytes++] = (byte) whole(next);
    }
    int length = length();
    byte[] into = body;
    if (into == null) {
      judgeHeader(length);
      if (type() == PUBLISH && !room.take(headerBytes + length)) {
        return PINGRESP;
      }
      into = new byte[headerBytes + length];
      System.arraycopy(header, 0, into, 0, headerBytes);
      bodyBytes = headerBytes;
      body = into;
    }
    while (bodyBytes < into.length) {
      bodyBytes += whole(from.read(into, bodyBytes, into.length - bodyBytes));
    }
    int bodyAt = headerBytes;
    headerBytes = 0;
    body = null;
    return judged(into, bodyAt);
  }

  private static int whole(int read) throws EOFException {
    if (read < 0) {
      throw new EOFException("the connection ended within a packet");
    }
    return read;
  }

  private boolean isHeaderWhole() throws BadPacket {
    if (headerBytes == header.length && header[4] < 0) {
      throw new BadPacket("a packet whose length has more than four bytes");
    }
    return headerBytes >= 2 && header[headerBytes - 1] >= 0;
  }

  /** Variable byte integer: MQTT 5.0, section 1.5.5. */
  private int length() {
    int length = 0;
    for (int i = headerBytes - 1; i > 0; i--) {
      length = (length << 7) | (header[i] & 0x7f);
    }
    return length;
  }

  private int type() {
    return (header[0] >> 4) & 15;
  }

  /** Before anything is allocated. */
  private void judgeHeader(int length) throws IOException {
    int type = type();
    if (headerBytes + length > mostBytes) {
      String topic = type == PUBLISH ? claimed(length) : null;
      throw new BadPacket(
          "a packet of %d bytes%s; at most %d were announced"
              .formatted(
                  headerBytes + length, topic == null ? "" : " to '" + topic + "'", mostBytes));
    }
    switch (type) {
      case 2, 4, 9, 11, 13, 14 -> {}
      case PUBLISH -> {
        if (((header[0] >> 1) & 3) > 1) {
          throw new BadPacket("a message with QoS 2 or 3 although 1 was asked for");
        }
      }
      default -> throw new BadPacket("a packet of type " + type + ", which nobody asked for");
    }
  }

  /** The topic of a PUBLISH that is not read, as far as it is there; for a person. */
  private @Nullable String claimed(int length) throws IOException {
    byte[] begins = new byte[Math.min(length, 2 + MOST_TOPIC)];
    int count = 0;
    try {
      for (int read = 0; read >= 0 && count < begins.length; count += Math.max(read, 0)) {
        read = from.read(begins, count, begins.length - count);
      }
    } catch (SocketTimeoutException e) {
      // What has come will do.
    }
    return topic(Arrays.copyOf(begins, count), 0);
  }

  /** A packet as Paho can take it, or says in order that it cannot: by an exception of its own. */
  private static byte[] judged(byte[] packet, int bodyAt) throws BadPacket {
    boolean isMessage = ((packet[0] >> 4) & 15) == PUBLISH;
    Exception why;
    try {
      MqttWireMessage.createWireMessage(packet);
      return packet;
    } catch (MqttException e) {
      if (!isMessage) {
        return packet;
      }
      why = e;
    } catch (RuntimeException e) {
      why = e;
    }
    byte[] other = isMessage ? standIn(packet, bodyAt, why) : null;
    if (other == null) {
      throw new BadPacket(
          "a packet of type %d that makes no sense (%s)"
              .formatted((packet[0] >> 4) & 15, printable(String.valueOf(why.getMessage()))));
    }
    return other;
  }

  /** PUBLISH: MQTT 5.0, section 3.3. Null if not even topic and id can be told. */
  private static byte @Nullable [] standIn(byte[] packet, int bodyAt, Exception why) {
    String topic = topic(packet, bodyAt);
    int idBytes = (packet[0] & 6) == 0 ? 0 : 2;
    int topicBytes = packet.length < bodyAt + 2 ? 0 : at(packet, bodyAt);
    int idAt = bodyAt + 2 + topicBytes;
    if (topic == null || idAt + idBytes > packet.length || (idBytes > 0 && at(packet, idAt) == 0)) {
      return null;
    }
    byte[] name = (FLAWED + topic).getBytes(StandardCharsets.UTF_8);
    String reason = printable(String.valueOf(why.getMessage()));
    byte[] words = reason.getBytes(StandardCharsets.UTF_8);
    int length = 2 + name.length + idBytes + 1 + words.length;
    return ByteBuffer.allocate(3 + length)
        .put(packet[0])
        .put((byte) ((length & 0x7f) | 0x80)) // two bytes, be they needed or not
        .put((byte) (length >> 7))
        .putShort((short) name.length)
        .put(name)
        .put(packet, idAt, idBytes)
        .put((byte) 0)
        .put(words)
        .array();
  }

  private static int at(byte[] bytes, int at) {
    return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
  }

  /** What is there of a topic, printable. */
  private static @Nullable String topic(byte[] bytes, int at) {
    if (bytes.length < at + 2) {
      return null;
    }
    int length = Math.min(Math.min(at(bytes, at), MOST_TOPIC), bytes.length - at - 2);
    return printable(new String(bytes, at + 2, length, StandardCharsets.UTF_8));
  }

  private static String printable(String text) {
    String plain = text.replaceAll("[^\\p{Print}]|[+#]", "?");
    return plain.length() <= MOST_TOPIC ? plain : plain.substring(0, MOST_TOPIC);
  }
}
