package io.lingtan.agent.status.access;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lingtan.agent.run.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * What programs of this machine send instead of the PIN: a random text, another at each start, in a
 * file beside the journal that only the agent's user and root can read. It names the port of the
 * page that takes it, so that no other listener is ever sent it.
 *
 * @param port where it is taken
 * @param text 32 hex digits
 */
public record Pass(int port, String text) {

  /** What stands before it in the header {@code Authorization} (RFC 6750). */
  public static final String SCHEME = "Bearer ";

  private static final int BYTES = 16;
  private static final int MOST_BYTES = 100;

  /** A new text, 128 bits in hex. */
  public static String made(RandomGenerator random) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** The file of the agent that has this journal. */
  public static Path file(Path journal) {
    return journal.resolveSibling(journal.getFileName() + ".pass");
  }

  /** Puts it into the file; what was there, a link too, is gone. */
  public void write(Path file) throws IOException {
    WholeFile.replace(
        file,
        (port + " " + text + "\n").getBytes(US_ASCII),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  /**
   * The one in the file, which is no link: another agent's pass is not told by this one's name.
   *
   * @throws IOException if this user cannot read it, or there is none: no page is open then
   */
  public static Pass read(Path file) throws IOException {
    String line;
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      line = new String(in.readNBytes(MOST_BYTES), US_ASCII).strip();
    }
    if (!line.matches("[0-9]{1,5} [0-9a-f]{32}")) {
      throw new IOException(file + " is not the pass of an agent's page");
    }
    int space = line.indexOf(' ');
    return new Pass(Integer.parseInt(line.substring(0, space)), line.substring(space + 1));
  }
}
