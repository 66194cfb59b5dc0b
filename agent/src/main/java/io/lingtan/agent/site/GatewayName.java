package io.lingtan.agent.site;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What {@code gateway: auto} stands for: a name that stays with the machine. */
public final class GatewayName {

  private static final Pattern SERIAL =
      Pattern.compile("(?m)^Serial\\s*:\\s*0*([0-9A-Fa-f]{4,64})\\s*$");

  private static final Pattern OF_TREE = Pattern.compile("0*([0-9A-Za-z]{4,64})\\s*\0?");

  private GatewayName() {}

  /**
   * {@code gw-} and the board's serial number, or on a machine without one and the first twelve
   * digits of a hash over its machine id (which itself must not be shown, machine-id(5)).
   *
   * @param root where {@code proc}, {@code sys} and {@code etc} are
   * @return null if the machine has neither
   */
  static @Nullable public String of(Path root) {
    String board = read(root.resolve("proc/cpuinfo"));
    Matcher serial = SERIAL.matcher(board == null ? "" : board);
    if (serial.find()) {
      return "gw-" + serial.group(1).toLowerCase(Locale.ROOT);
    }
    // A kernel that is not the board maker's own has it here alone.
    String tree = read(root.resolve("sys/firmware/devicetree/base/serial-number"));
    Matcher same = OF_TREE.matcher(tree == null ? "" : tree);
    if (same.matches()) {
      return "gw-" + same.group(1).toLowerCase(Locale.ROOT);
    }
    String id = read(root.resolve("etc/machine-id"));
    if (id == null || !id.strip().matches("[0-9a-f]{32}")) {
      return null;
    }
    byte[] salted = ("lingtan gateway " + id.strip()).getBytes(StandardCharsets.UTF_8);
    return "gw-" + Sha256.hex(salted).substring(0, 12);
  }

  private static @Nullable String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException absent) {
      return null;
    }
  }
}
