package io.lingtan.agent.run;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.util.Objects;
import java.util.Set;

/**
 * Replaces small files as a whole.
 *
 * <p>Crash contract: at every moment the file holds the old content or the new, never a part. When
 * {@link #replace} returns the new one is on the card, and so is its name.
 */
public final class WholeFile {

  private static final Set<StandardOpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

  private WholeFile() {}

  /** Writes what a file is to hold, piece by piece. */
  public interface Content {
    void write(OutputStream out) throws IOException;
  }

  /** The file is to be synced before it is closed, whoever closes what is written to. */
  private static final class Unclosed extends FilterOutputStream {
    Unclosed(OutputStream out) {
      super(out);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }

  /**
   * @param attributes that the new file has from its first moment on, such as its permissions:
   *     nobody gets a chance to open it before
   */
  public static void replace(Path file, byte[] content, FileAttribute<?>... attributes)
      throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    write(fresh, content, attributes);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolder(file);
  }

  /** The same with a content that is too large to be held at once. */
  public static void replace(Path file, Content content) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    try (FileChannel channel = FileChannel.open(fresh, NEW)) {
      OutputStream out = new BufferedOutputStream(new Unclosed(Channels.newOutputStream(channel)));
      content.write(out);
      out.flush();
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncFolder(file);
  }

  /** Writes a file that takes the place of what an earlier attempt left, and syncs it. */
  public static void write(Path fresh, byte[] content, FileAttribute<?>... attributes)
      throws IOException {
    Files.deleteIfExists(fresh);
    try (FileChannel channel = FileChannel.open(fresh, NEW, attributes)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /** Syncs the names of the folder that a file is in: a rename is on the card only then. */
  public static void syncFolder(Path file) throws IOException {
    Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
    try (FileChannel opened = FileChannel.open(folder, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }
}
