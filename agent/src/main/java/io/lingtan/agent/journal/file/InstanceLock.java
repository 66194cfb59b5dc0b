package io.lingtan.agent.journal.file;

import io.lingtan.agent.journal.SecondWriter;
import io.lingtan.agent.reading.Sentence;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second agent off the same journal. The kernel lets go of it when the process ends. Where
 * {@link OpenFileLock} cannot be had it is a lock of the process, which is lost when anything else
 * in it closes the lock file: then only {@link SecondWriter} notices.
 */
final class InstanceLock implements AutoCloseable {
  private static final int LONGEST = 64;

  private final OpenFileLock lock;
  private final FileChannel channel;

  private InstanceLock(OpenFileLock lock, FileChannel channel) {
    this.lock = lock;
    this.channel = channel;
  }

  /**
   * Takes {@code journal.db.lock}.
   *
   * @throws JournalUnavailable if another process, or another journal of this one, has it
   * @throws IOException if the lock file cannot be made
   */
  static InstanceLock take(Path journal) throws IOException {
    Path file = journal.resolveSibling(journal.getFileName() + ".lock");
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    OpenFileLock lock = new OpenFileLock();
    boolean taken = false;
    try {
      taken =
          switch (lock.take(file)) {
            case TAKEN -> true;
            case HELD_BY_ANOTHER -> false;
            case NOT_POSSIBLE -> tryLock(channel) != null;
          };
      if (!taken) {
        throw new JournalUnavailable(
            new Sentence(
                "%s is in use by another agent (process %s). Stop it, or give this one another journal.path."
                    .formatted(journal, owner(channel)),
                "%s 正被另一个网关程序（进程 %s）使用：停掉它，或给这个换一个 journal.path。"
                    .formatted(journal, owner(channel))),
            null);
      }
      sign(channel);
      return new InstanceLock(lock, channel);
    } finally {
      if (!taken) {
        lock.close();
        channel.close();
      }
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(LONGEST);
    channel.read(text, 0);
    String owner = StandardCharsets.US_ASCII.decode(text.flip()).toString().strip();
    return owner.isEmpty() ? "unknown" : owner;
  }

  private static void sign(FileChannel channel) {
    try {
      channel.truncate(0);
      byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
      channel.write(ByteBuffer.wrap(pid), 0);
    } catch (IOException e) {
      // A full disk: the lock holds without a name in it.
    }
  }

  @Override
  public void close() {
    lock.close();
    try {
      channel.close();
    } catch (IOException e) {
      // The lock ends with the process at the latest.
    }
  }
}
