package io.lingtan.agent.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The journal's folder: made where it is missing, and kept from a second agent. Ledger thread. */
final class Place implements AutoCloseable {
  private final Path file;
  private @Nullable InstanceLock lock;

  Place(Path file) {
    this.file = file;
  }

  /**
   * Gets it ready for the first connection. Does nothing once it is taken.
   *
   * @throws IOException if it cannot be used at present
   * @throws JournalUnavailable if another agent has it
   */
  void take() throws IOException {
    if (lock != null) {
      return;
    }
    Path folder = file.getParent();
    try {
      Files.createDirectories(folder);
      lock = InstanceLock.take(file);
    } catch (IOException e) {
      throw new IOException(
          ("its folder %s cannot be used (%s). The agent's user must be allowed to write there; or"
                  + " choose another journal.path")
              .formatted(folder, e),
          e);
    }
    NativeLibrary.prepare(file.resolveSibling("native"));
  }

  @Override
  public void close() {
    InstanceLock taken = lock;
    lock = null;
    if (taken != null) {
      taken.close();
    }
  }
}
