package io.lingtan.simulator.referee;

import io.lingtan.agent.site.yaml.Keys;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A group of keys in the referee's files. */
record Section(String title, List<String> keys) implements Keys {

  Section {
    keys = List.copyOf(keys);
  }

  /**
   * @param keys with blanks between
   */
  static Section of(String title, String keys) {
    return new Section(title, List.of(keys.split(" ")));
  }

  /** The file's bytes; null, with a problem, if they cannot be had. */
  static byte @Nullable [] bytes(Path file, Problems problems) {
    try {
      if (Files.size(file) > YamlReader.LARGEST) {
        problems.error("is larger than " + YamlReader.LARGEST + " bytes: not one of ours");
        return null;
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      problems.error(
          Files.exists(file)
              ? "cannot be read: " + e.getMessage()
              : "does not exist; see lingtan-sim referee --help for those that are built in");
      return null;
    }
  }
}
