package io.lingtan.agent.journal.commit;

import io.lingtan.agent.journal.code.DamagedSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A small file in memory to which entries are added. It outlives this process and ends with the
 * boot, so nothing is synced. It is this user's alone, in a folder that is this user's alone:
 * anything else in its place is not read.
 *
 * <p>Crash contract: when {@link #add} returns, a kill of this process does not take the entry away
 * again; an entry whose writing was cut short is not read, and none before it suffers.
 */
final class Slate implements AutoCloseable {
  private static final int HEAD = 8;

  private static final int KIND = 0170000;
  private static final int DIRECTORY = 0040000;
  private static final int REGULAR_FILE = 0100000;
  private static final int OTHERS_WRITE = 0022;

  /** A folder of the kernel that belongs to whoever asks. */
  private static final Path SELF = Path.of("/proc/self");

  private static final Set<StandardOpenOption> NEW =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  private static final FileAttribute<?> OWNER_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<?> OWNER_FOLDER =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

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
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
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
    checkOwn();
    ByteBuffer from;
    try (FileChannel read =
        FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
      if (read.size() > MOST_BYTES) {
        throw new DamagedSegment("is larger than it can have become");
      }
      from = ByteBuffer.allocate((int) read.size());
      while (from.hasRemaining() && read.read(from) >= 0) {}
    }
    from.flip();
    List<byte[]> entries = new ArrayList<>();
    for (byte[] entry = take(from); entry != null; entry = take(from)) {
      entries.add(entry);
    }
    if (entries.isEmpty() || !Arrays.equals(entries.getFirst(), title)) {
      throw new DamagedSegment("is none of this version and of that name");
    }
    return entries.subList(1, entries.size());
  }

  /** Whoever can write there could have any record taken for delivered. */
  private void checkOwn() throws IOException, NotOwn {
    Path folder = file.toAbsolutePath().getParent();
    if (!isOwn(folder, DIRECTORY)) {
      throw new NotOwn("lies in a folder that is not this user's alone to write in");
    }
    if (isThere() && !isOwn(file, REGULAR_FILE)) {
      throw new NotOwn("is a link, or not this user's alone to write");
    }
  }

  /** Of this user, of that kind itself and no link to one, and nobody else may write it. */
  private static boolean isOwn(@Nullable Path path, int kind) throws IOException {
    if (path == null) {
      return false;
    }
    try {
      Map<String, Object> is =
          Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
      return is.get("mode") instanceof Integer mode
          && (mode & KIND) == kind
          && (mode & OTHERS_WRITE) == 0
          && Files.getAttribute(SELF, "unix:uid").equals(is.get("uid"));
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      return true; // no Unix: nobody else is on it
    }
  }

  /** The file may be another's work. */
  static final class NotOwn extends DamagedSegment {
    private static final long serialVersionUID = 1L;

    NotOwn(String why) {
      super(why);
    }
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
    Path folder = file.toAbsolutePath().getParent();
    if (!Files.exists(folder)) {
      Files.createDirectories(folder, OWNER_FOLDER);
    }
    Path next = file.resolveSibling(file.getFileName() + ".new");
    try {
      checkOwn();
    } catch (NotOwn e) {
      if (!isOwn(folder, DIRECTORY)) {
        throw new IOException(file + " " + e.getMessage(), e);
      } // else it is replaced
    }
    Files.deleteIfExists(next);
    FileChannel made = FileChannel.open(next, NEW, OWNER_FILE);
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
