package io.lingtan.simulator.prove;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The card on which the journal lies: a folder in memory that can be copied, put back, and left as
 * a power cut in the middle of a write would leave it.
 *
 * <p>What is synced is known without asking the agent. SQLite in WAL mode writes to its files only
 * inside a commit (or the checkpoint at its end), and the agent's commit ends with a sync of the
 * WAL, as {@code synchronous=FULL} would (sqlite.org/pragma.html#pragma_synchronous). So an image
 * that is taken between two steps of the agent is what the card holds for sure, and what differs
 * between one before and one after a commit is what was on its way.
 */
public final class Card implements AutoCloseable {

  private static final Path MEMORY = Path.of("/dev/shm");

  /** The unit in which a card writes. */
  private static final int SECTOR = 512;

  private static final int SQLITE_PAGE = 1024;
  private static final int WAL_HEADER = 32;

  private final Path base;
  private final Path folder;
  private final boolean own;
  private int images;

  private Card(Path base, boolean own) {
    this.base = base;
    this.own = own;
    this.folder = base.resolve("card");
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + folder, e);
    }
  }

  /** A card in the machine's memory where that is possible, else in the temporary folder. */
  public static Card inMemory() {
    Path parent =
        Files.isWritable(MEMORY) ? MEMORY : Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    try {
      return new Card(Files.createTempDirectory(parent, "lingtan-card-"), true);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a folder in " + parent, e);
    }
  }

  /** A card below a folder that somebody else removes. */
  public static Card in(Path base) {
    return new Card(base, false);
  }

  /** What the card held at a moment. */
  public static final class Image {
    private final Path folder;

    private Image(Path folder) {
      this.folder = folder;
    }

    /** Frees it. It cannot be put on a card any more. */
    public void forget() {
      remove(folder);
    }

    private byte[] bytes(String file) throws IOException {
      Path path = folder.resolve(file);
      return Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
    }
  }

  /** Where the agent's files are. */
  public Path folder() {
    return folder;
  }

  /**
   * Beside the card: the machine's memory, which outlives a process and is empty after {@link
   * #losePower}.
   */
  public Path memory() {
    return base.resolve("memory");
  }

  /** The machine is off for a moment: its memory is empty. */
  public void losePower() {
    remove(memory());
  }

  /**
   * Lets something close that is to end like a killed process: what it still writes, to the card or
   * to memory, is taken back.
   */
  void killing(Runnable close) {
    Image left = image();
    Map<String, byte[]> remembered = remembered();
    close.run();
    put(left);
    left.forget();
    losePower();
    try {
      for (Map.Entry<String, byte[]> file : remembered.entrySet()) {
        Files.createDirectories(memory());
        Files.write(memory().resolve(file.getKey()), file.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write into " + memory(), e);
    }
  }

  private Map<String, byte[]> remembered() {
    Map<String, byte[]> files = new TreeMap<>();
    if (Files.exists(memory())) {
      try {
        for (Path file : kept(memory())) {
          files.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + memory(), e);
      }
    }
    return files;
  }

  /** Copies what is on the card now. Between two steps of the agent all of it is synced. */
  public Image image() {
    try {
      Path to = Files.createDirectory(base.resolve("image-" + ++images));
      copy(folder, to);
      return new Image(to);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy " + folder, e);
    }
  }

  /** Leaves on the card what the image holds, and nothing else. Nobody has its files open. */
  public void put(Image image) {
    try {
      for (Path file : kept(folder)) {
        Files.delete(file);
      }
      // The kernel's view of a database that is open nowhere.
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(f -> f.toString().endsWith("-shm")).toList()) {
          Files.delete(file);
        }
      }
      copy(image.folder, folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot put an image on " + folder, e);
    }
  }

  /**
   * Leaves on the card what it has after a power cut between two images.
   *
   * @param database name of the database file
   * @param synced before the write
   * @param written after it
   * @param torn whether one sector in the middle of what arrived is missing
   * @return bytes of the write that are on the card
   */
  public long cut(
      String database, Image synced, Image written, boolean torn, RandomGenerator random) {
    put(written);
    try {
      byte[] before = synced.bytes(database);
      byte[] after = written.bytes(database);
      String wal = database + "-wal";
      if (isRestarted(synced.bytes(wal), written.bytes(wal))) {
        // A WAL begins anew only when all of it has been copied into the database, and synced.
        return write(wal, prefix(synced.bytes(wal), written.bytes(wal), torn, random));
      }
      boolean copying = Arrays.mismatch(before, after) >= 0;
      // The commit is in the WAL first; the checkpoint that may follow writes into the database.
      if (copying && before.length > 0 && random.nextBoolean()) {
        return write(database, halfCopied(before, after, random));
      }
      if (before.length > 0) {
        Files.write(folder.resolve(database), before);
      }
      return write(wal, prefix(synced.bytes(wal), written.bytes(wal), torn, random));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot cut what is on " + folder, e);
    }
  }

  /** Whether the WAL's header has other salts (sqlite.org/fileformat2.html#walformat). */
  private static boolean isRestarted(byte[] before, byte[] after) {
    return before.length >= WAL_HEADER
        && after.length >= WAL_HEADER
        && Arrays.mismatch(before, 0, WAL_HEADER, after, 0, WAL_HEADER) >= 0;
  }

  /** Bytes of a file after a cut, and how many of them are new. */
  private record Left(byte[] bytes, long arrived) {}

  private long write(String file, Left left) throws IOException {
    Files.write(folder.resolve(file), left.bytes);
    return left.arrived;
  }

  /** A WAL is written from front to back: a part of it has arrived. */
  private static Left prefix(byte[] before, byte[] after, boolean torn, RandomGenerator random) {
    int from = Arrays.mismatch(before, after);
    if (from < 0 || from >= after.length) {
      return new Left(after, 0);
    }
    int cut = from + random.nextInt(after.length - from);
    byte[] left = Arrays.copyOf(before, Math.max(before.length, cut));
    System.arraycopy(after, 0, left, 0, cut);
    if (torn && cut - from > SECTOR) {
      int sector = (from + random.nextInt(cut - from)) / SECTOR * SECTOR;
      for (int i = Math.max(from, sector); i < Math.min(cut, sector + SECTOR); i++) {
        left[i] = i < before.length ? before[i] : 0;
      }
    }
    return new Left(left, cut - from);
  }

  /** A checkpoint writes pages, in any order as far as the card goes; one of them halfway. */
  private static Left halfCopied(byte[] before, byte[] after, RandomGenerator random) {
    byte[] left = Arrays.copyOf(before, Math.max(before.length, after.length));
    long arrived = 0;
    List<Integer> missing = new ArrayList<>();
    for (int page = 0; page < after.length; page += SQLITE_PAGE) {
      int end = Math.min(after.length, page + SQLITE_PAGE);
      boolean differs =
          end > before.length || Arrays.mismatch(before, page, end, after, page, end) >= 0;
      if (!differs) {
        continue;
      }
      if (random.nextBoolean()) {
        System.arraycopy(after, page, left, page, end - page);
        arrived += end - page;
      } else {
        missing.add(page);
      }
    }
    if (!missing.isEmpty()) {
      int page = missing.get(random.nextInt(missing.size()));
      int length = Math.min(SECTOR, after.length - page);
      System.arraycopy(after, page, left, page, length);
      arrived += length;
    }
    return new Left(left, arrived);
  }

  private static void copy(Path from, Path to) throws IOException {
    for (Path file : kept(from)) {
      Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Files of the folder that are on the card: not what the kernel keeps, nor what is unpacked. */
  private static List<Path> kept(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> !file.toString().endsWith("-shm") && !file.toString().endsWith(".lock"))
          .sorted()
          .toList();
    }
  }

  /** Removes images, and the card unless somebody else owns it. */
  @Override
  public void close() {
    if (own) {
      remove(base);
      return;
    }
    for (int i = 1; i <= images; i++) {
      remove(base.resolve("image-" + i));
    }
  }

  private static void remove(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, java.io.IOException e)
                throws IOException {
              Files.delete(dir);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }
}
