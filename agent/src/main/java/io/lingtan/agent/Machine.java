package io.lingtan.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Which machine this is, so that a copied card is noticed. */
final class Machine {

  /** The board's own serial number where there is one; it differs even between cloned cards. */
  private static final List<Path> SOURCES =
      List.of(
          Path.of("/sys/firmware/devicetree/base/serial-number"),
          Path.of("/etc/machine-id"),
          Path.of("/proc/sys/kernel/hostname"));

  private Machine() {}

  static String identity() {
    for (Path source : SOURCES) {
      try {
        String text = Files.readString(source).replace("\0", "").strip();
        if (!text.isEmpty()) {
          return text;
        }
      } catch (IOException absent) {
        // the next one
      }
    }
    return "unknown";
  }
}
