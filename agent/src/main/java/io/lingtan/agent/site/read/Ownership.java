package io.lingtan.agent.site.read;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who can change a file: of a site file, whoever decides what is measured and where it goes. */
final class Ownership {

  private static final String ROOT = "root";

  private Ownership() {}

  /** What a person should know of a file that others can change; null if there is nothing. */
  static @Nullable String problem(Path file) {
    try {
      PosixFileAttributes is =
          Files.readAttributes(file, PosixFileAttributes.class, new LinkOption[0]);
      return problem(
          file, is.owner().getName(), is.permissions(), System.getProperty("user.name", ""));
    } catch (IOException | UnsupportedOperationException e) {
      // Whoever reads it says what is wrong; without POSIX rights there is nothing to see.
      return null;
    }
  }

  /**
   * The same.
   *
   * @param user who reads it; root reads what belongs to the service's user
   */
  static @Nullable String problem(
      Path file, String owner, Set<PosixFilePermission> permissions, String user) {
    if (permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      return "everybody on this machine can change it; run: chmod o-w " + file;
    }
    boolean ours = owner.equals(ROOT) || owner.equals(user) || user.equals(ROOT);
    return ours
        ? null
        : "belongs to "
            + owner
            + ", who can change it at any time; run: chown "
            + user
            + " "
            + file;
  }
}
