package io.lingtan.simulator.campaign;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Programs of the machine that faults are made with. */
final class Tools {

  private Tools() {}

  static boolean has(String tool) {
    return Stream.of("/usr/bin", "/usr/sbin", "/bin", "/sbin")
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
  }
}
