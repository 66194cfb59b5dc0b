package io.lingtan.agent.run;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A folder from which native code is loaded: one that nobody but this user and root can write, nor
 * put another folder in the place of. Whoever can write it runs code as whoever loads from it, and
 * the libraries' own ways take what lies under a fixed name in the temp folder.
 */
public final class NativeFolder {

  /** Where the installation puts native libraries; the launcher sets it if there are any. */
  private static final String INSTALLED = "lingtan.natives";

  private static final int ROOT = 0;
  private static final int OTHERS_WRITE = 0022;
  private static final int STICKY = 01000;
  private static final int CHUNK = 16_384;

  private NativeFolder() {}

  /**
   * A folder that has the library, byte for byte: the installation's; {@code own}, where it is put
   * if it is not there; or a new one in the temp folder, which goes when the process ends.
   *
   * @param packed the library in its jar
   * @param name of its file
   * @param own where this user keeps libraries; null for nowhere
   * @throws IOException if it can be put nowhere
   */
  public static Path of(URL packed, String name, @Nullable Path own) throws IOException {
    String installed = System.getProperty(INSTALLED);
    if (installed != null && isThere(packed, Path.of(installed, name))) {
      return Path.of(installed);
    }
    Path folder = own != null && isMade(own) ? own : passing(name);
    put(packed, folder.resolve(name));
    return folder;
  }

  private static boolean isMade(Path own) {
    try {
      Files.createDirectories(own);
      return Files.isWritable(own) && isOnlyOurs(own);
    } catch (IOException e) {
      return false;
    }
  }

  private static Path passing(String name) throws IOException {
    Path folder = Files.createTempDirectory("lingtan-native"); // 0700
    folder.toFile().deleteOnExit();
    folder.resolve(name).toFile().deleteOnExit();
    return folder;
  }

  /** Whether nobody but this user and root can change a file or what its path leads to. */
  static boolean isOnlyOurs(Path file) throws IOException {
    int user = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    Path real = file.toRealPath();
    for (Path at = real; at != null; at = at.getParent()) {
      int owner = (int) Files.getAttribute(at, "unix:uid");
      int mode = (int) Files.getAttribute(at, "unix:mode");
      // In a folder like /tmp others can make something, but not move what is ours.
      boolean closed = (mode & OTHERS_WRITE) == 0 || (!at.equals(real) && (mode & STICKY) != 0);
      if (!closed || (owner != ROOT && owner != user)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isThere(URL packed, Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        || !Files.isReadable(file)
        || !isOnlyOurs(file)) {
      return false;
    }
    try (InputStream expected = packed.openStream();
        InputStream found = Files.newInputStream(file)) {
      byte[] one = new byte[CHUNK];
      byte[] other = new byte[CHUNK];
      int length;
      do {
        length = expected.readNBytes(one, 0, CHUNK);
        int same = found.readNBytes(other, 0, CHUNK);
        if (!Arrays.equals(one, 0, length, other, 0, same)) {
          return false;
        }
      } while (length > 0);
      return true;
    }
  }

  /** Whole or not at all; a copy that is not what it should be is made again. */
  private static void put(URL packed, Path target) throws IOException {
    if (isThere(packed, target)) {
      return;
    }
    byte[] library;
    try (InputStream in = packed.openStream()) {
      library = in.readAllBytes();
    }
    Path part = Files.createTempFile(target.getParent(), target.getFileName().toString(), ".part");
    try {
      Files.write(part, library);
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
