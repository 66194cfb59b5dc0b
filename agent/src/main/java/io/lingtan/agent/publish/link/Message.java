package io.lingtan.agent.publish.link;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What is handed to a broker.
 *
 * @param qos 0 or 1
 * @param correlation the requester's correlation data, for an answer to it
 */
public record Message(
    String topic, byte[] payload, int qos, boolean retained, byte @Nullable [] correlation) {

  public Message {
    if (qos != 0 && qos != 1) {
      throw new IllegalArgumentException("qos is 0 or 1, was " + qos);
    }
  }

  public static Message of(String topic, String payload) {
    return new Message(topic, payload.getBytes(StandardCharsets.UTF_8), 1, false, null);
  }

  /** {@link #of} with the payload gzipped (RFC 1952). */
  public static Message gzipped(String topic, String payload) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(payload.length() / 4);
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(payload.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("an array does not fail", e);
    }
    return new Message(topic, bytes.toByteArray(), 1, false, null);
  }

  /**
   * An answer to a requester, QoS 1.
   *
   * @param correlation the requester's, null if it gave none
   */
  public static Message answer(String topic, String payload, byte @Nullable [] correlation) {
    return new Message(topic, payload.getBytes(StandardCharsets.UTF_8), 1, false, correlation);
  }

  /** A retained message with QoS 1. */
  public static Message retained(String topic, String payload) {
    return new Message(topic, payload.getBytes(StandardCharsets.UTF_8), 1, true, null);
  }

  /**
   * Bytes of the PUBLISH packet at most (MQTT 5.0, section 3.3): fixed header 5, topic length 2,
   * packet id 2, property length 4, correlation data 3 + its length.
   */
  public int packetBytes() {
    return packetBytes(topic, payload.length) + (correlation == null ? 0 : 3 + correlation.length);
  }

  /** The same for a payload that is not made yet. */
  public static int packetBytes(String topic, int payloadBytes) {
    return 13 + topic.getBytes(StandardCharsets.UTF_8).length + payloadBytes;
  }

  public String text() {
    return new String(payload, StandardCharsets.UTF_8);
  }
}
