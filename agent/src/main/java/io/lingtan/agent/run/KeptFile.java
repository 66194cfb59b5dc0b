package io.lingtan.agent.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A file that is replaced as a whole, with what it held before beside it as {@code NAME.1}, the
 * newest, to {@code NAME.8}; older ones go.
 *
 * <p>Crash contract: at every moment the file holds the old content or the new, whole. When {@link
 * #replace} returns both the backup and the new content are on the card.
 */
public record KeptFile(Path file) {

  public static final int MOST_BACKUPS = 8;

  private static final int LARGEST = 1_000_000;

  /** Follows links, so that what they lead to is replaced and not they. */
  public static KeptFile of(Path file) throws IOException {
    return new KeptFile(file.toRealPath());
  }

  public byte[] content() throws IOException {
    return read(file);
  }

  private static byte[] read(Path of) throws IOException {
    BasicFileAttributes is = Files.readAttributes(of, BasicFileAttributes.class);
    if (!is.isRegularFile() || is.size() > LARGEST) {
      throw new IOException(of + " is no regular file of at most " + LARGEST + " bytes");
    }
    return Files.readAllBytes(of);
  }

  private Path backup(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  /**
   * What it held before the last replacement.
   *
   * @throws NoSuchFileException if it never was replaced
   */
  public byte[] before() throws IOException {
    return read(backup(1));
  }

  /** What it held before the last replacements, as many as are kept, the newest first. */
  public List<byte[]> backups() throws IOException {
    List<byte[]> all = new ArrayList<>();
    for (int i = 1; i <= MOST_BACKUPS && Files.exists(backup(i)); i++) {
      all.add(read(backup(i)));
    }
    return all;
  }

  /** The new file, and the backup, may be read and written by whom the old one could be. */
  public void replace(byte[] content) throws IOException {
    Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
    Path old = file.resolveSibling("." + file.getFileName() + ".old");
    write(fresh, content);
    write(old, content());
    for (int i = MOST_BACKUPS - 1; i >= 1; i--) {
      if (Files.exists(backup(i))) {
        Files.move(
            backup(i),
            backup(i + 1),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(old, backup(1), StandardCopyOption.ATOMIC_MOVE);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    WholeFile.syncFolder(file);
  }

  /**
   * Undoes the last replacement: what it held before is it again, and what it holds now is beside
   * it. On a full card nothing is copied, and it takes renaming alone.
   *
   * @return where that is
   * @throws NoSuchFileException if it never was replaced
   */
  public Path putBack() throws IOException {
    Path refused = file.resolveSibling(file.getFileName() + ".refused");
    if (!Files.exists(backup(1))) {
      throw new NoSuchFileException(backup(1).toString());
    }
    Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
    if (hasRoom(fresh)) {
      Files.move(
          fresh, refused, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } else {
      Files.deleteIfExists(refused);
      Files.createLink(refused, file);
    }
    for (int i = 1; i <= MOST_BACKUPS && Files.exists(backup(i)); i++) {
      Files.move(
          backup(i),
          i == 1 ? file : backup(i - 1),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    }
    WholeFile.syncFolder(file);
    return refused;
  }

  private boolean hasRoom(Path fresh) {
    try {
      write(fresh, content());
      return true;
    } catch (IOException e) {
      try {
        Files.deleteIfExists(fresh);
      } catch (IOException left) {
        e.addSuppressed(left); // what was begun of it, which the next write replaces
      }
      return false;
    }
  }

  private void write(Path fresh, byte[] content) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    WholeFile.write(fresh, content, PosixFilePermissions.asFileAttribute(permissions));
    // What the process's umask has left out of them.
    Files.setPosixFilePermissions(fresh, permissions);
  }
}
