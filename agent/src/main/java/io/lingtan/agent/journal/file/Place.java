package io.lingtan.agent.journal.file;

import io.lingtan.agent.reading.Sentence;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The journal's folder: made where it is missing, and kept from a second agent. Ledger thread. */
public final class Place implements AutoCloseable {
  private final Path file;
  private @Nullable InstanceLock lock;

  public Place(Path file) {
    this.file = file;
  }

  /**
   * Gets it ready for the first connection. Does nothing once it is taken.
   *
   * @throws IOException if it cannot be used at present
   * @throws JournalUnavailable if another agent has it
   */
  public void take() throws IOException {
    if (lock != null) {
      return;
    }
    Path folder = file.getParent();
    try {
      Files.createDirectories(folder);
      lock = InstanceLock.take(file);
    } catch (IOException e) {
      throw new Unusable(String.valueOf(folder), e);
    }
    NativeLibrary.prepare(file.resolveSibling("native"));
  }

  /** Whether an agent has the journal at this path, or somebody whose files are not ours. */
  public static boolean isInUse(Path file) {
    Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
    if (!Files.exists(lockFile)) {
      return false;
    }
    try (InstanceLock tried = InstanceLock.take(file)) {
      return tried == null;
    } catch (JournalUnavailable e) {
      return true;
    } catch (IOException e) {
      return e instanceof AccessDeniedException;
    }
  }

  /** The folder cannot be used at present. */
  static final class Unusable extends IOException {
    private static final long serialVersionUID = 1;

    private final transient Sentence said;

    Unusable(String folder, IOException cause) {
      super("its folder " + folder + " cannot be used", cause);
      said =
          new Sentence(
              ("its folder %s cannot be used (%s). The agent's user must be allowed to write there;"
                   + " or choose another journal.path. Check the folder, its owner and the disk.")
                  .formatted(folder, cause),
              "目录 %s 不能用（%s）。网关程序的用户必须能在里面写，否则请换一个 journal.path；检查目录、属主和磁盘。"
                  .formatted(folder, cause));
    }

    /** Why, and what to do. */
    Sentence said() {
      return said;
    }
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
