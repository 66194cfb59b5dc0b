package io.lingtan.agent.acquire.wire;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The last minutes of a line, byte for byte.
 *
 * @param line id
 * @param where port or host, as a person would look for it
 * @param idBytes bytes at the head of each request that only number it: 2 on Modbus TCP, else 0
 * @param sinceNanos from when on everything is there, monotonic; frames before it are the last
 *     answers to what has not been asked since
 * @param dropped frames younger than the ten minutes that had to go for want of room
 * @param frames oldest first
 */
public record FramesSnapshot(
    String line, String where, int idBytes, long sinceNanos, long dropped, List<Frame> frames) {

  public FramesSnapshot {
    frames = List.copyOf(frames);
  }

  /**
   * The frames as text: monotonic nanoseconds, one of {@code > < + - x} for sent, received, opened,
   * could not be opened, broke, and the bytes in hex, or words.
   */
  public Stream<String> lines() {
    return frames.stream().map(Frame::line);
  }

  /** What happened on the line. */
  public enum Kind {
    /** Bytes went out. */
    SENT('>'),
    /** Bytes came in, as many as were there. */
    RECEIVED('<'),
    /** The channel is open. */
    OPENED('+'),
    /** The channel could not be opened; the words say why. */
    FAILED('-'),
    /** The channel broke; the words say how. */
    BROKEN('x');

    private final char sign;

    Kind(char sign) {
      this.sign = sign;
    }

    /** One of {@code > < + - x}. */
    char sign() {
      return sign;
    }

    static Kind of(char sign) {
      for (Kind kind : values()) {
        if (kind.sign == sign) {
          return kind;
        }
      }
      throw new IllegalArgumentException("no kind of frame: " + sign);
    }
  }

  /**
   * @param atNanos monotonic, of this boot
   * @param bytes on the wire, or words in UTF-8; nobody changes them
   */
  public record Frame(long atNanos, Kind kind, byte[] bytes) {

    private String line() {
      String content =
          switch (kind) {
            case SENT, RECEIVED, OPENED -> HexFormat.of().formatHex(bytes);
            case FAILED, BROKEN -> new String(bytes, StandardCharsets.UTF_8).replace('\n', ' ');
          };
      return (atNanos + " " + kind.sign + " " + content).stripTrailing();
    }
  }
}
