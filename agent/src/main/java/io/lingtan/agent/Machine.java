package io.lingtan.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Which machine this is, so that a copied card is noticed. */
final class Machine {

  private static final Path HOSTNAME = Path.of("/proc/sys/kernel/hostname");

  /** The board's own serial number where there is one; it differs even between cloned cards. */
  private static final List<Path> SOURCES =
      List.of(
          Path.of("/sys/firmware/devicetree/base/serial-number"),
          Path.of("/etc/machine-id"),
          HOSTNAME);

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

  /** What it is called by, with its domain and without; nothing if it has no name. */
  static Set<String> names() {
    try {
      String name = Files.readString(HOSTNAME).strip();
      int dot = name.indexOf('.');
      return name.isEmpty()
          ? Set.of()
          : dot < 1 ? Set.of(name) : Set.of(name, name.substring(0, dot));
    } catch (IOException absent) {
      return Set.of();
    }
  }
}
