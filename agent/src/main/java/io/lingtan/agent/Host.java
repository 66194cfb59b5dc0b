package io.lingtan.agent;

import io.lingtan.agent.journal.Connector;
import java.nio.file.Files;
import java.nio.file.Path;

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

  /** This machine. */
  public static Host real() {
    Path folder =
        Files.isWritable(SHARED_MEMORY)
            ? SHARED_MEMORY
            : Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    return new Host(Machine.identity(), Connector.sqlite(), folder);
  }
}
