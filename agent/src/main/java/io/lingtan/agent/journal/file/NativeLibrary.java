package io.lingtan.agent.journal.file;

import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.NativeFolder;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.OSInfo;

/**
 * Finds SQLite's native library where the package's installation put it, or puts it beside the
 * journal, once. Left alone, the driver unpacks it into the temp folder at each start and a process
 * that is killed leaves its copy there.
 */
public final class NativeLibrary {
  private static final Logger log = LoggerFactory.getLogger(NativeLibrary.class);
  private static final String PATH = "org.sqlite.lib.path";
  private static final String NAME = "org.sqlite.lib.name";

  private NativeLibrary() {}

  /**
   * Must run before the first connection of the process. Where it fails the driver finds its own
   * way.
   *
   * @throws JournalUnavailable if there is none for this machine
   */
  public static void prepare(Path folder) {
    if (System.getProperty(PATH) != null) {
      return;
    }
    String file = System.mapLibraryName("sqlitejdbc");
    URL packed =
        SQLiteJDBCLoader.class.getResource(
            "/org/sqlite/native/" + OSInfo.getNativeLibFolderPathForCurrentOS() + "/" + file);
    if (packed == null) {
      String machine = OSInfo.getNativeLibFolderPathForCurrentOS();
      throw new JournalUnavailable(
          new Sentence(
              "SQLite's native library is not there for this machine (%s). Lingtan keeps its journal"
                      .formatted(machine)
                  + " with it: install it on 64-bit ARM or x86-64, with a 64-bit Java.",
              "没有适用于本机（%s）的 SQLite 本机库，数据库无法打开。请装在 64 位 ARM 或 x86-64 上，用 64 位 Java。"
                  .formatted(machine)),
          null);
    }
    String name =
        "sqlite-%s-%s%s"
            .formatted(
                SQLiteJDBCLoader.getVersion(),
                OSInfo.getArchName(),
                file.substring(file.lastIndexOf('.')));
    try {
      Path place = NativeFolder.of(packed, name, folder);
      System.setProperty(PATH, place.toAbsolutePath().toString());
      System.setProperty(NAME, name);
    } catch (IOException e) {
      log.info("SQLite's library is put into the temp folder by its driver: {}", e.toString());
    }
  }

  /** It does not load, and the driver's own way has failed, too. */
  static final class Missing extends SQLException {
    private static final long serialVersionUID = 1L;

    Missing(Throwable cause) {
      super("SQLite's native library cannot be loaded (" + cause.getMessage() + ")", cause);
    }

    /** What to do about it. */
    Sentence said() {
      String folder = System.getProperty("java.io.tmpdir");
      return new Sentence(
          "%s; the folder of the journal and %s must let programs run (no mount option noexec); then"
                  .formatted(getMessage(), folder)
              + " start lingtan anew.",
          "SQLite 本机库装载失败（%s）；数据库所在目录和 %s 要允许执行程序（挂载时不带 noexec），处理后重启网关程序。"
              .formatted(getMessage(), folder));
    }
  }
}
