package io.lingtan.agent.journal;

import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.seal.Signing;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a journal: its file, its size and its key.
 *
 * @param file the SQLite file; a lock file and the native library lie beside it
 * @param maxSize most bytes on disk, database and WAL together, at least 256 kB
 * @param machine identity of the machine: another one means a cloned card, and a new epoch
 * @param connector opens the file
 * @param volatileFolder in memory: what lies there outlives the process and ends with the boot
 * @param signing what interval records are signed with, null for not at all
 */
public record JournalOptions(
    Path file,
    long maxSize,
    String machine,
    Connector connector,
    Path volatileFolder,
    @Nullable Signing signing) {
  private static final long LEAST_SIZE = 256 * 1024;

  /** On the card itself, with nothing in memory but what lies beside the file. */
  public JournalOptions(Path file, long maxSize, String machine) {
    this(
        file,
        maxSize,
        machine,
        Connector.sqlite(),
        file.toAbsolutePath().resolveSibling("volatile"),
        null);
  }

  public JournalOptions {
    if (maxSize < LEAST_SIZE) {
      throw new IllegalArgumentException(
          "journal.max_size must be at least 256kB, was " + maxSize + " bytes");
    }
    file = file.toAbsolutePath();
  }
}
