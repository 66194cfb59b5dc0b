package io.lingtan.agent.site;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that a person keeps, small enough to be held at once. What is no regular file, such as a
 * pipe or a device, is not opened: it may never end, or never begin.
 */
public final class SmallFile {

  private SmallFile() {}

  /** It is there, and nothing that could be read whole. */
  public static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;

    Refused(String why) {
      super(why);
    }
  }

  /** Whether something is there that is no regular file. Links are followed. */
  public static boolean isSpecial(Path file) {
    return Files.exists(file) && !Files.isRegularFile(file);
  }

  /**
   * All of it.
   *
   * @param largest bytes that it may have at most
   * @throws Refused if it is no regular file, or larger
   */
  public static byte[] read(Path file, int largest) throws IOException {
    if (isSpecial(file)) {
      throw new Refused("is no regular file, but a folder, a pipe or a device");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(largest + 1);
    }
    if (bytes.length > largest) {
      throw new Refused("is larger than " + largest + " bytes");
    }
    return bytes;
  }

  /**
   * A table that a person saved, as text.
   *
   * @throws Refused if it is not in UTF-8: names of another encoding would be others
   */
  public static String table(byte[] bytes) throws Refused {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer text = CharBuffer.allocate(bytes.length);
    if (StandardCharsets.UTF_8.newDecoder().decode(in, text, true).isError()) {
      long line = 1 + text.flip().chars().filter(c -> c == '\n').count();
      throw new Refused("line " + line + " is not in UTF-8: save the table as CSV UTF-8");
    }
    return text.flip().toString();
  }
}
