package io.lingtan.agent.audit;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttWireMessage;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that come from a broker, one whole packet after the other, as the MQTT library can take
 * them. It makes an array as long as a packet claims to be before a byte of it has come, and its
 * receiving thread ends without a word over texts that brokers pass on, such as control characters
 * in a topic: whoever may publish would make this subscriber deaf.
 *
 * <p>A packet longer than was announced ends the connection. In the place of a message that the
 * library cannot read stands an empty one to {@link #FLAWED} of the same gateway, so that it is
 * acknowledged, and counted. On the library's receiving thread.
 */
final class PacketSieve extends InputStream {

  /** What follows {@code lingtan/v1/GATEWAY/} in the topic of what could not be read. */
  static final String FLAWED = "flawed";

  private static final int PUBLISH = 3;
  private static final Pattern GATEWAY = Pattern.compile("^lingtan/v1/[A-Za-z0-9_-]{1,64}/");
  private static final byte[] NOTHING = {};

  private final InputStream from;
  private final int mostBytes;
  private final byte[] header = new byte[5];
  private int headerBytes;
  private byte @Nullable [] body;
  private int bodyBytes;
  private byte[] packet = NOTHING;
  private int at;

  /**
   * @param mostBytes of a packet, its header included
   */
  PacketSieve(InputStream from, int mostBytes) {
    this.from = new BufferedInputStream(from);
    this.mostBytes = mostBytes;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (at == packet.length) {
      packet = NOTHING;
      at = 0;
      byte[] next = next();
      if (next == null) {
        return -1;
      }
      packet = next;
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
   * The next packet, null at the end.
   *
   * @throws SocketTimeoutException where the rest has yet to come; the next call goes on there
   */
  private byte @Nullable [] next() throws IOException {
    while (headerBytes < 2 || header[headerBytes - 1] < 0) {
      if (headerBytes == header.length) {
        throw new IOException("a packet whose length has more than four bytes");
      }
      int next = from.read();
      if (next < 0 && headerBytes == 0) {
        return null;
      }
      header[headerBytes++] = (byte) there(next);
    }
    byte[] whole = body;
    if (whole == null) {
      long length = headerBytes;
      for (int i = headerBytes - 1; i > 0; i--) {
        length += (long) (header[i] & 0x7f) << (7 * (i - 1));
      }
      if (length > mostBytes) {
        throw new IOException(
            "it sends a packet of %d bytes, though at most %d were announced"
                .formatted(length, mostBytes));
      }
      whole = new byte[(int) length];
      System.arraycopy(header, 0, whole, 0, headerBytes);
      bodyBytes = headerBytes;
      body = whole;
    }
    while (bodyBytes < whole.length) {
      bodyBytes += there(from.read(whole, bodyBytes, whole.length - bodyBytes));
    }
    int bodyAt = headerBytes;
    headerBytes = 0;
    body = null;
    return readable(whole, bodyAt);
  }

  private static int there(int read) throws EOFException {
    if (read < 0) {
      throw new EOFException("the connection ended within a packet");
    }
    return read;
  }

  private static byte[] readable(byte[] packet, int bodyAt) throws IOException {
    if ((packet[0] >> 4 & 15) != PUBLISH) {
      return packet;
    }
    try {
      MqttWireMessage.createWireMessage(packet);
      return packet;
    } catch (MqttException | RuntimeException e) {
      return standIn(packet, bodyAt);
    }
  }

  /** PUBLISH: MQTT 5.0, section 3.3. */
  private static byte[] standIn(byte[] packet, int bodyAt) throws IOException {
    ByteBuffer body = ByteBuffer.wrap(packet, bodyAt, packet.length - bodyAt);
    int idBytes = (packet[0] & 6) == 0 ? 0 : 2;
    int topicBytes = body.remaining() < 2 ? 0 : body.getShort() & 0xffff;
    if (body.remaining() < topicBytes + idBytes) {
      throw new IOException("a message that ends before its topic does");
    }
    byte[] said = new byte[topicBytes];
    body.get(said);
    Matcher gateway = GATEWAY.matcher(new String(said, StandardCharsets.ISO_8859_1));
    String topic = (gateway.find() ? gateway.group() : "lingtan/") + FLAWED;
    byte[] name = topic.getBytes(StandardCharsets.US_ASCII);
    int length = 2 + name.length + idBytes + 1;
    return ByteBuffer.allocate(2 + length)
        .put(packet[0])
        .put((byte) length) // less than 128: an id has at most 64 characters
        .putShort((short) name.length)
        .put(name)
        .put(packet, body.position(), idBytes)
        .put((byte) 0)
        .array();
  }
}
