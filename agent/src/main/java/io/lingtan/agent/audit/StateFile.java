package io.lingtan.agent.audit;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.run.WholeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
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
    try (InputStream in = Files.newInputStream(file)) {
      return Completeness.from(in);
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
    WholeFile.replace(file, completeness::save);
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
