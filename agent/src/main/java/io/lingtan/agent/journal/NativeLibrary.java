package io.lingtan.agent.journal;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.OSInfo;

/**
 * Puts SQLite's native library beside the journal, once. Left alone, the driver unpacks it into the
 * temp folder at each start and a process that is killed leaves its copy there.
 */
final class NativeLibrary {
  private static final Logger log = LoggerFactory.getLogger(NativeLibrary.class);
  private static final String PATH = "org.sqlite.lib.path";
  private static final String NAME = "org.sqlite.lib.name";

  private NativeLibrary() {}

  /**
   * Must run before the first connection of the process. Where it fails the driver finds its own
   * way.
   */
  static void prepare(Path folder) {
    if (System.getProperty(PATH) != null) {
      return;
    }
    String file = System.mapLibraryName("sqlitejdbc");
    URL packed =
        SQLiteJDBCLoader.class.getResource(
            "/org/sqlite/native/" + OSInfo.getNativeLibFolderPathForCurrentOS() + "/" + file);
    if (packed == null) {
      return;
    }
    String name =
        "sqlite-%s-%s%s"
            .formatted(
                SQLiteJDBCLoader.getVersion(),
                OSInfo.getArchName(),
                file.substring(file.lastIndexOf('.')));
    try {
      unpack(packed, folder.resolve(name));
      System.setProperty(PATH, folder.toAbsolutePath().toString());
      System.setProperty(NAME, name);
    } catch (IOException e) {
      log.info(
          "SQLite's library stays in the temp folder, {} cannot take it: {}", folder, e.toString());
    }
  }

  /** Whole or not at all; a copy that a power cut left short is made again. */
  static void unpack(URL packed, Path target) throws IOException {
    byte[] library;
    try (InputStream in = packed.openStream()) {
      library = in.readAllBytes();
    }
    if (Files.isRegularFile(target) && Files.size(target) == library.length) {
      return;
    }
    Files.createDirectories(target.getParent());
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
