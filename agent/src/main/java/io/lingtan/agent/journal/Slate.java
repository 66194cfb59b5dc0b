package io.lingtan.agent.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A small file in memory to which entries are added. It outlives this process and ends with the
 * boot, so nothing is synced.
 *
 * <p>Crash contract: when {@link #add} returns, a kill of this process does not take the entry away
 * again; an entry whose writing was cut short is not read, and none before it suffers.
 */
final class Slate implements AutoCloseable {
  private static final int HEAD = 8;

  /** Most bytes of one file; whoever adds has to stay below. */
  static final int MOST_BYTES = 16 << 20;

  private final Path file;
  private final byte[] title;
  private @Nullable FileChannel channel;
  private long size;

  /**
   * @param title what the first entry says, so that another's file is not taken for this one
   */
  Slate(Path file, String title) {
    this.file = file;
    this.title = title.getBytes(StandardCharsets.UTF_8);
  }

  Path file() {
    return file;
  }

  boolean isThere() {
    return Files.exists(file);
  }

  /** Whether entries can be added: it has been begun by this process, and not removed since. */
  boolean isOpen() {
    return channel != null;
  }

  long size() {
    return size;
  }

  /**
   * What a process that is gone left there: its whole entries, in order.
   *
   * @throws DamagedSegment if it is something else, or says that it is another's
   */
  List<byte[]> entries() throws IOException, DamagedSegment {
    if (Files.size(file) > MOST_BYTES) {
      throw new DamagedSegment("is larger than it can have become");
    }
    ByteBuffer from = ByteBuffer.wrap(Files.readAllBytes(file));
    List<byte[]> entries = new ArrayList<>();
    for (byte[] entry = take(from); entry != null; entry = take(from)) {
      entries.add(entry);
    }
    if (entries.isEmpty() || !Arrays.equals(entries.getFirst(), title)) {
      throw new DamagedSegment("is none of this version and of that name");
    }
    return entries.subList(1, entries.size());
  }

  private static byte @Nullable [] take(ByteBuffer from) {
    if (from.remaining() < HEAD) {
      return null;
    }
    int length = from.getInt();
    int sum = from.getInt();
    if (length < 0 || length > from.remaining()) {
      return null;
    }
    byte[] entry = new byte[length];
    from.get(entry);
    return sum == sum(entry) ? entry : null;
  }

  /** Begins anew with this entry; whoever is killed in between leaves the old file. */
  void begin(byte[] entry) throws IOException {
    close();
    Files.createDirectories(file.toAbsolutePath().getParent());
    Path next = file.resolveSibling(file.getFileName() + ".new");
    FileChannel made =
        FileChannel.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    boolean begun = false;
    try {
      size = write(made, write(made, 0, title), entry);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      channel = made;
      begun = true;
    } finally {
      if (!begun) {
        made.close();
        Files.deleteIfExists(next);
      }
    }
  }

  /** What does not fit is as if it had not been tried. */
  void add(byte[] entry) throws IOException {
    FileChannel open = channel;
    if (open == null) {
      begin(entry);
    } else {
      // At the end of the last whole one: over what is left of one that was cut short.
      size = write(open, size, entry);
    }
  }

  /** Returns where the next one begins. */
  private static long write(FileChannel to, long at, byte[] entry) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(HEAD + entry.length);
    bytes.putInt(entry.length).putInt(sum(entry)).put(entry).flip();
    long position = at;
    while (bytes.hasRemaining()) {
      position += to.write(bytes, position);
    }
    return position;
  }

  private static int sum(byte[] entry) {
    CRC32 sum = new CRC32();
    sum.update(entry);
    return (int) sum.getValue();
  }

  /** There is nothing to remember any more. */
  void remove() throws IOException {
    close();
    Files.deleteIfExists(file);
  }

  /** Lets go of the file, which stays. */
  @Override
  public void close() throws IOException {
    FileChannel open = channel;
    channel = null;
    size = 0;
    if (open != null) {
      open.close();
    }
  }
}
