package io.lingtan.simulator.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A recording with the records that are expected of it: what a test finds and runs. Holds only what
 * a replay needs of the bundle.
 */
final class CaseFolder {

  /** The records, one a line. */
  static final String EXPECTED = "expected.ndjson";

  private static final List<String> PARTS =
      List.of("bundle.json", "site.yaml", "profiles", "factors", "tariffs", "files", "frames");

  private CaseFolder() {}

  /**
   * Makes it.
   *
   * @param folder not there yet, or empty
   * @throws IOException if it cannot be written
   */
  static void save(Path folder, Recording recording, List<String> records) throws IOException {
    Files.createDirectories(folder);
    for (String part : PARTS) {
      Path from = recording.folder().resolve(part);
      if (Files.isDirectory(from)) {
        Path to = Files.createDirectories(folder.resolve(part));
        try (Stream<Path> files = Files.list(from)) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            Files.copy(file, to.resolve(file.getFileName()));
          }
        }
      } else if (Files.exists(from)) {
        Files.copy(from, folder.resolve(part));
      }
    }
    Files.write(folder.resolve(EXPECTED), records);
  }

  static boolean isFree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return true;
    }
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }
}
