package io.lingtan.simulator.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * What went over one line, read from {@code frames/LINE.txt}.
 *
 * @param line id
 * @param idBytes bytes at the head of each request that only number it
 * @param sinceNanos from when on everything is there; what is older is the last answer to its
 *     request
 * @param frames oldest first
 */
record Frames(String line, int idBytes, long sinceNanos, List<Frame> frames) {

  private static final int MOST_ID_BYTES = 2;

  Frames {
    frames = List.copyOf(frames);
  }

  /** What happened. */
  enum Kind {
    SENT('>'),
    RECEIVED('<'),
    OPENED('+'),
    FAILED('-'),
    BROKEN('x');

    private final char sign;

    Kind(char sign) {
      this.sign = sign;
    }

    boolean hasWords() {
      return this == FAILED || this == BROKEN;
    }
  }

  /**
   * @param atNanos monotonic
   * @param bytes sent or received
   * @param words of a trouble, else empty
   */
  record Frame(long atNanos, Kind kind, byte[] bytes, String words) {}

  /** Reads a file; its name tells the line. */
  static Frames read(Path file) throws BadBundle {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new BadBundle(file + ": cannot be read as text: " + e.getMessage());
    }
    String name = file.getFileName().toString();
    String line = name.substring(0, name.length() - ".txt".length());
    int idBytes = 0;
    long since = 0;
    long last = Long.MIN_VALUE;
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String text = lines.get(i);
      String where = file + ":" + (i + 1);
      if (text.startsWith("# id_bytes ")) {
        idBytes = (int) number(text.substring("# id_bytes ".length()), where);
        if (idBytes > MOST_ID_BYTES) {
          throw new BadBundle(where + ": id_bytes is 0 to 2, was " + idBytes);
        }
      } else if (text.startsWith("# since ")) {
        since = number(text.substring("# since ".length()), where);
      } else if (!text.isBlank() && !text.startsWith("#")) {
        Frame frame = frame(text, where);
        if (frame.atNanos < last) {
          throw new BadBundle(
              where + ": time goes back; put the lines in the order of their times");
        }
        last = frame.atNanos;
        frames.add(frame);
      }
    }
    return new Frames(line, idBytes, since, frames);
  }

  private static Frame frame(String text, String where) throws BadBundle {
    String[] parts = text.split(" ", 3);
    if (parts.length < 2 || parts[1].length() != 1) {
      throw new BadBundle(
          where + ": a frame is 'NANOSECONDS SIGN BYTES', was '" + shortened(text) + "'");
    }
    long at = number(parts[0], where);
    Kind kind = kind(parts[1].charAt(0), where);
    String rest = parts.length < 3 ? "" : parts[2];
    if (kind.hasWords()) {
      return new Frame(at, kind, new byte[0], rest);
    }
    try {
      return new Frame(at, kind, HexFormat.of().parseHex(rest), "");
    } catch (IllegalArgumentException e) {
      throw new BadBundle(
          where + ": '" + shortened(rest) + "' is no hex: two digits for each byte, no spaces");
    }
  }

  private static Kind kind(char sign, String where) throws BadBundle {
    for (Kind kind : Kind.values()) {
      if (kind.sign == sign) {
        return kind;
      }
    }
    throw new BadBundle(
        where
            + ": '"
            + sign
            + "' is none of > (sent) < (received) + (opened) - (failed) x (broke)");
  }

  private static long number(String text, String where) throws BadBundle {
    try {
      long number = Long.parseLong(text.strip());
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new BadBundle(where + ": '" + shortened(text) + "' is no whole number of at least 0");
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
