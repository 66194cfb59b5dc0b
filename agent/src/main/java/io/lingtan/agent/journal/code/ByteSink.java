package io.lingtan.agent.journal.code;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Grows as bytes are put into it. Numbers are LEB128 varints, signed ones zigzag first. */
public final class ByteSink {
  private byte[] bytes = new byte[256];
  private int size;

  public void put(int value) {
    room(1);
    bytes[size++] = (byte) value;
  }

  public void put(byte[] from, int length) {
    room(length);
    System.arraycopy(from, 0, bytes, size, length);
    size += length;
  }

  /** Any long; taken as unsigned, so that small ones are short. */
  public void putVarint(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  public void putSigned(long value) {
    putVarint((value << 1) ^ (value >> 63));
  }

  public void putText(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    putVarint(utf8.length);
    put(utf8, utf8.length);
  }

  public void putBytes(byte[] from) {
    putVarint(from.length);
    put(from, from.length);
  }

  public int size() {
    return size;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
