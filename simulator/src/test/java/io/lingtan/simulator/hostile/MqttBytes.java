package io.lingtan.simulator.hostile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Bytes of an MQTT 5 control packet under construction; nothing is checked. */
final class MqttBytes {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  MqttBytes u8(int value) {
    bytes.write(value);
    return this;
  }

  MqttBytes u16(int value) {
    return u8(value >> 8).u8(value);
  }

  MqttBytes u32(long value) {
    return u16((int) (value >> 16)).u16((int) value);
  }

  /** A variable byte integer (section 1.5.5), also of more than four bytes. */
  MqttBytes length(long value) {
    long rest = value;
    while (rest > 0x7f) {
      u8((int) (rest & 0x7f) | 0x80);
      rest >>= 7;
    }
    return u8((int) rest);
  }

  MqttBytes raw(byte[] value) {
    bytes.writeBytes(value);
    return this;
  }

  /** Two bytes of length, then the bytes. */
  MqttBytes binary(byte[] value) {
    return u16(value.length).raw(value);
  }

  MqttBytes text(String value) {
    return binary(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Length, then what is in the other one. */
  MqttBytes block(MqttBytes other) {
    return length(other.size()).raw(other.take());
  }

  int size() {
    return bytes.size();
  }

  byte[] take() {
    return bytes.toByteArray();
  }

  /** The whole packet with this as its body. */
  byte[] packet(int first) {
    return new MqttBytes().u8(first).block(this).take();
  }
}
