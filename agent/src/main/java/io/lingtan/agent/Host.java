package io.lingtan.agent;

import io.lingtan.agent.journal.file.Connector;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the agent takes from the machine it runs on, beside its clocks and ports. The simulator's
 * machines have cards that fail, and swap them.
 *
 * @param machine identity; another one means that the card was copied
 * @param connector the way to the journal's file
 * @param volatileFolder in memory: what lies there outlives a process and ends with the boot
 */
public record Host(String machine, Connector connector, Path volatileFolder) {

  /** Everybody may write there, and it is in memory (Linux, tmpfs). */
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  /** What systemd calls the folders that it has made in memory for this service alone. */
  private static final String MADE = "RUNTIME_DIRECTORY";

  /** This machine. */
  public static Host real() {
    return new Host(
        Machine.identity(), Connector.sqlite(), volatileFolder(System.getenv().get(MADE)));
  }

  /**
   * The service's folder, else one of this user's own where it is in memory; the journal makes it.
   *
   * @param made what systemd names, null if it has made none
   */
  static Path volatileFolder(@Nullable String made) {
    if (made != null && !made.isBlank()) {
      return Path.of(made.split(":", 2)[0]);
    }
    Path base =
        Files.isWritable(SHARED_MEMORY)
            ? SHARED_MEMORY
            : Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    return base.resolve("lingtan-" + System.getProperty("user.name", "user"));
  }
}
