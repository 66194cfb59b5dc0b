package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Times;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads what a {@link CheckpointWriter} wrote, in the same order. */
public final class CheckpointReader {

  private final byte[] bytes;
  private int at;
  private final List<String> words = new ArrayList<>();

  public CheckpointReader(byte[] bytes) {
    this.bytes = bytes.clone();
  }

  /**
   * @throws IllegalArgumentException if the bytes end before the number does
   */
  public long number() {
    long zigzag = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte b = next();
      zigzag |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        break;
      }
    }
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  public boolean flag() {
    return number() != 0;
  }

  public String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  /**
   * What {@link CheckpointWriter#word} wrote.
   *
   * @throws IllegalArgumentException if there is no such word
   */
  public String word() {
    long number = number();
    if (number == words.size()) {
      words.add(text());
    }
    if (number < 0 || number >= words.size()) {
      throw new IllegalArgumentException("the checkpoint is torn at byte " + at);
    }
    return words.get((int) number);
  }

  /**
   * What {@link CheckpointWriter#times} wrote.
   *
   * @throws IllegalArgumentException if they do not ascend
   */
  public Times times() {
    List<Long> ends = new ArrayList<>();
    long end = 0;
    for (int left = count(); left > 0; left--) {
      end += number();
      ends.add(end);
    }
    return ends.isEmpty() ? Times.NONE : new Times(ends);
  }

  /** A part that was written as a whole. */
  public byte[] bytes() {
    int length = count();
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  /**
   * How many of something follow, at least one byte each.
   *
   * @throws IllegalArgumentException if there cannot be so many
   */
  public int count() {
    long count = number();
    if (count < 0 || count > bytes.length - at) {
      throw new IllegalArgumentException("the checkpoint is torn at byte " + at);
    }
    return (int) count;
  }

  /** Whether everything that was written has been read. */
  public boolean isAtEnd() {
    return at == bytes.length;
  }

  private byte next() {
    if (at == bytes.length) {
      throw new IllegalArgumentException("the checkpoint ends early, at byte " + at);
    }
    return bytes[at++];
  }
}
