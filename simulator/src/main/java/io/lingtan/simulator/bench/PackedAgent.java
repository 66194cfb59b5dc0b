package io.lingtan.simulator.bench;

import io.lingtan.simulator.beside.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The packed agent with a class cache, as its package has one after installation.
 *
 * @param launcher its program
 * @param cache made for it on this machine
 */
record PackedAgent(Path launcher, Path cache) {

  private static final Duration LONGEST_TRAINING = Duration.ofMinutes(3);

  /**
   * Makes the cache: some seconds.
   *
   * @param folder an empty one
   * @throws IOException if the agent does not get there, with its last words
   */
  static PackedAgent trained(Path launcher, Path folder) throws IOException {
    Path cache = folder.resolve("lingtan.aot");
    List<String> command = List.of(launcher.toString(), "train", folder.toString());
    try (Child training = Child.start("training", command, folder.resolve("training.log"))) {
      if (!training.ends(LONGEST_TRAINING)
          || training.exitCode() != 0
          || !Files.isRegularFile(cache)) {
        throw new IOException("lingtan train " + folder + ": " + training.lastWords());
      }
    }
    return new PackedAgent(launcher, cache);
  }

  /** Starts it with that cache, in the same process. */
  List<String> command(String... words) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("/usr/bin/env", "LINGTAN_CACHE=" + cache, launcher.toString()));
    command.addAll(List.of(words));
    return command;
  }
}
