package io.lingtan.agent.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Where an audit keeps what it knows between runs.
 *
 * <p>Crash contract: when {@link #save} returns, everything is on the disk; if it does not return,
 * the file is the one from before.
 */
final class StateFile {

  private static final long MOST_BYTES = 1L << 30;

  private final Path file;

  StateFile(Path file) {
    this.file = file.toAbsolutePath();
  }

  /**
   * What was saved, null if there is no file yet.
   *
   * @throws IOException if it cannot be read or is something else; the message says what to do
   */
  @Nullable Completeness load() throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    if (Files.size(file) > MOST_BYTES) {
      throw new IOException(file + " is no state of an audit: it is far too large; name another");
    }
    try {
      return Completeness.from(Files.readAllBytes(file));
    } catch (Malformed e) {
      throw new IOException(
          file
              + " is no state of an audit ("
              + e.getMessage()
              + "): move it away to begin anew, or name another",
          e);
    }
  }

  void save(Completeness completeness) throws IOException {
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel out =
        FileChannel.open(
            beside,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(completeness.save());
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel folder = FileChannel.open(beside.getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
