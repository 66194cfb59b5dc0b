package io.lingtan.simulator.campaign;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.random.RandomGenerator;

/** The file system that the journal lies on. */
@SuppressWarnings("try") // whoever waits for it may be interrupted
final class Card implements AutoCloseable {

  enum Kind {
    FOLDER,
    /** 8 MB in memory. */
    TMPFS,
    /** ext4 on a loop device, which can be cut off as by a power cut. */
    EXT4
  }

  /** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: what is not on the device stays off it. */
  private static final String CUT =
      "import fcntl,os,struct,sys;"
          + "fcntl.ioctl(os.open(sys.argv[1],os.O_RDONLY),0x8004587d,struct.pack('I',2))";

  private static final String CHECKPOINT =
      "import sqlite3,sys;sqlite3.connect(sys.argv[1]).execute('PRAGMA wal_checkpoint(TRUNCATE)')";

  /** Of the names of the journal's files. */
  private static final List<String> ENDS = List.of("", "-wal", "-shm");

  private final Kind kind;
  private final Path folder;
  private final Path image;
  private boolean deleted;

  private Card(Kind kind, Path folder, Path image) {
    this.kind = kind;
    this.folder = folder;
    this.image = image;
  }

  static Card insert(Kind kind, Path under) throws IOException, InterruptedException {
    Path folder = Files.createDirectory(under.resolve("card"));
    Card card = new Card(kind, folder, under.resolve("card.img"));
    switch (kind) {
      case FOLDER -> {}
      case TMPFS -> Shell.run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder.toString());
      case EXT4 -> {
        Shell.run("truncate", "-s", "32M", card.image.toString());
        Shell.run("mkfs.ext4", "-q", "-F", card.image.toString());
        card.mount();
      }
    }
    return card;
  }

  Path journal() {
    return folder.resolve("journal.db");
  }

  Path folder() {
    return folder;
  }

  private void mount() throws IOException, InterruptedException {
    Shell.run("mount", "-o", "loop,errors=remount-ro", image.toString(), folder.toString());
  }

  private void unmount() throws IOException, InterruptedException {
    for (int i = 0; i < 50; i++) {
      try {
        Shell.run("umount", folder.toString());
        return;
      } catch (IOException e) {
        Thread.sleep(100); // whoever was killed has not quite gone
      }
    }
    Shell.run("umount", folder.toString());
  }

  /** Only what is on the device is left; of what was being written last a torn piece. */
  void cutPower() throws IOException, InterruptedException {
    Shell.run("python3", "-c", CUT, folder.toString());
  }

  /** After {@link #cutPower} or {@link #failReadOnly}, when nobody uses it. */
  void mountAgain() throws IOException, InterruptedException {
    unmount();
    Shell.attempt("fsck.ext4", "-p", image.toString());
    mount();
  }

  /** A piece of a transaction that had not been synced, at the end of the WAL. */
  void tear(RandomGenerator random) throws IOException {
    Path wal = folder.resolve("journal.db-wal");
    if (Files.exists(wal)) {
      byte[] piece = new byte[1 + random.nextInt(3_000)];
      random.nextBytes(piece);
      Files.write(wal, piece, StandardOpenOption.APPEND);
    }
  }

  /** The kernel finds the file system in error and lets nobody write any more. */
  void failReadOnly() throws IOException, InterruptedException {
    String device =
        Shell.run("findmnt", "-n", "-o", "SOURCE", folder.toString()).strip().replace("/dev/", "");
    Files.writeString(Path.of("/sys/fs/ext4", device, "trigger_fs_error"), "test");
  }

  void remount(String how) throws IOException, InterruptedException {
    Shell.run("mount", "-o", "remount," + how, folder.toString());
  }

  /** Until nothing fits on it any more; returns what fills it. */
  Path fill() throws IOException {
    Path filler = folder.resolve("filler");
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      return filler; // full
    }
  }

  /** Writes nonsense over one page of the database, which holds everything: nothing hides it. */
  void corrupt(RandomGenerator random) throws IOException, InterruptedException {
    Shell.run("python3", "-c", CHECKPOINT, journal().toString());
    byte[] bytes = Files.readAllBytes(journal());
    int page = 1024 * random.nextInt(Math.max(1, bytes.length / 1024));
    byte[] nonsense = new byte[Math.min(1024, bytes.length - page)];
    random.nextBytes(nonsense);
    try (var channel = Files.newByteChannel(journal(), StandardOpenOption.WRITE)) {
      channel.position(page);
      channel.write(java.nio.ByteBuffer.wrap(nonsense));
    }
  }

  /** Whether somebody deleted a journal that was on it. */
  boolean isDeleted() {
    return deleted;
  }

  void delete() throws IOException {
    deleted = true;
    for (String end : ENDS) {
      Files.deleteIfExists(folder.resolve("journal.db" + end));
    }
  }

  /** A copy of the journal's files, for {@link #restore}, while nobody uses them. */
  Path backUp() throws IOException {
    Path backup = Files.createDirectory(folder.resolveSibling("backup"));
    copy(folder, backup);
    return backup;
  }

  /** Puts the journal's files back as they were. */
  void restore(Path backup) throws IOException {
    for (String end : ENDS) {
      Files.deleteIfExists(folder.resolve("journal.db" + end));
    }
    copy(backup, folder);
  }

  private static void copy(Path from, Path to) throws IOException {
    for (String end : ENDS) {
      Path file = from.resolve("journal.db" + end);
      if (Files.exists(file)) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    if (kind != Kind.FOLDER) {
      Shell.attempt("umount", "-l", folder.toString());
    }
  }
}
