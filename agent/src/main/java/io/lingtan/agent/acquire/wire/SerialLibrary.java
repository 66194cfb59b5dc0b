package io.lingtan.agent.acquire.wire;

import com.fazecast.jSerialComm.SerialPort;
import io.lingtan.agent.run.NativeFolder;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * jSerialComm's native library, from a folder that only this user and root can write. Left alone,
 * jSerialComm takes whatever lies in {@code /tmp/jSerialComm/VERSION}, and puts there a file that
 * everybody may write.
 */
public final class SerialLibrary {

  private static final String PATH = "jSerialComm.library.path";
  private static final String FILE = "libjSerialComm.so";

  /** Where jSerialComm looks, clears and unpacks if the library is not where it is told. */
  private static final String[] ITS_WAYS = {"java.io.tmpdir", "user.home"};

  private static final String NOWHERE = "/proc/none";

  private SerialLibrary() {}

  /**
   * Loads it before anything else of jSerialComm is used. Does nothing from the second time on.
   *
   * @throws LinkageError if that cannot be
   */
  static synchronized void load() {
    try {
      if (System.getProperty(PATH) == null) {
        System.setProperty(PATH, place(null).toAbsolutePath().toString());
      }
    } catch (IOException e) {
      throw new UnsatisfiedLinkError(e.toString());
    }
    String[] before = new String[ITS_WAYS.length];
    for (int i = 0; i < before.length; i++) {
      before[i] = System.setProperty(ITS_WAYS[i], NOWHERE);
    }
    try {
      SerialPort.getVersion(); // its class loads the library
    } finally {
      for (int i = 0; i < before.length; i++) {
        System.setProperty(ITS_WAYS[i], before[i]);
      }
    }
  }

  /**
   * A folder that has the library for this machine.
   *
   * @param own where it is put if the installation has put it nowhere; null for the temp folder
   * @throws IOException if it can be put nowhere, or there is none for this machine
   */
  public static Path place(@Nullable Path own) throws IOException {
    String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String folder =
        switch (machine) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64" -> "armv8_64";
          case "arm" -> "armv7hf";
          default -> machine;
        };
    URL packed = SerialPort.class.getClassLoader().getResource("Linux/" + folder + "/" + FILE);
    if (packed == null) {
      throw new IOException("jSerialComm has none for " + machine);
    }
    return NativeFolder.of(packed, FILE, own);
  }
}
