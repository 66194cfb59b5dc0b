package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Times;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes state down as bytes: numbers in as few as they need, texts in UTF-8.
 *
 * <p>It lives here although the ledger writes with it too: registers and lines write themselves
 * down, the ledger may use what is metered, and nothing here may know the ledger.
 */
public final class CheckpointWriter {

  private byte[] bytes = new byte[1024];
  private int size;
  private final Map<String, Integer> words = new HashMap<>();

  /** A number; small magnitudes take few bytes. */
  public CheckpointWriter number(long value) {
    long zigzag = (value << 1) ^ (value >> 63);
    while ((zigzag & ~0x7FL) != 0) {
      put((byte) (zigzag | 0x80));
      zigzag >>>= 7;
    }
    put((byte) zigzag);
    return this;
  }

  public CheckpointWriter flag(boolean value) {
    return number(value ? 1 : 0);
  }

  public CheckpointWriter text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** A text that comes often: its first time as it is, afterwards by its number. */
  public CheckpointWriter word(String value) {
    Integer known = words.putIfAbsent(value, words.size());
    if (known != null) {
      return number(known);
    }
    return number(words.size() - 1L).text(value);
  }

  /** Stretches of time, each end by how much later than the one before. */
  public CheckpointWriter times(Times times) {
    number(times.ends().size());
    long before = 0;
    for (long end : times.ends()) {
      number(end - before);
      before = end;
    }
    return this;
  }

  /** A part that is read as a whole. */
  public CheckpointWriter bytes(byte[] part) {
    number(part.length);
    if (size + part.length > bytes.length) {
      bytes = Arrays.copyOf(bytes, (size + part.length) * 2);
    }
    System.arraycopy(part, 0, bytes, size, part.length);
    size += part.length;
    return this;
  }

  private void put(byte b) {
    if (size == bytes.length) {
      bytes = Arrays.copyOf(bytes, size * 2);
    }
    bytes[size++] = b;
  }

  public byte[] bytes() {
    return Arrays.copyOf(bytes, size);
  }
}
