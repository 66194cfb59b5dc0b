package io.lingtan.agent;

import io.lingtan.agent.run.MachineIdentity;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which machine this is, so that a copied card is noticed. */
public final class Machine {

  private static final Path HOSTNAME = Path.of("/proc/sys/kernel/hostname");

  private static final String TREE = "sys/firmware/devicetree/base/serial-number";

  /** What the versions before took, the first of these that is there. */
  private static final List<String> EARLIER =
      List.of(TREE, "etc/machine-id", "proc/sys/kernel/hostname");

  private static final Pattern CPU_SERIAL =
      Pattern.compile("(?m)^Serial\\s*:\\s*([0-9A-Fa-f]{4,64})\\s*$");

  /** Numbers that makers leave in the firmware of many boards (SMBIOS type 1). */
  private static final Set<String> BLANK =
      Set.of("03000200-0400-0500-0006-000700080009", "12345678-1234-5678-90ab-cddeefaabbcc");

  private static final int MOST_ADAPTERS = 8;

  private Machine() {}

  public static String identity() {
    return identity(Path.of("/"));
  }

  /**
   * As {@link MachineIdentity} has it.
   *
   * @param root where {@code proc}, {@code sys} and {@code etc} are
   */
  public static String identity(Path root) {
    Map<String, List<String>> values = new HashMap<>();
    String board = text(root.resolve(TREE));
    Matcher cpu = CPU_SERIAL.matcher(text(root.resolve("proc/cpuinfo")));
    values.put("board", known(board.isEmpty() && cpu.find() ? cpu.group(1) : board));
    values.put("dmi", known(text(root.resolve("sys/class/dmi/id/product_uuid"))));
    values.put("mac", adapters(root.resolve("sys/class/net")));
    values.put("cid", known(text(root.resolve("sys/block/mmcblk0/device/cid"))));
    values.put(
        MachineIdentity.EARLIER,
        List.of(
            EARLIER.stream()
                .map(path -> text(root.resolve(path)))
                .filter(text -> !text.isEmpty())
                .findFirst()
                .orElse("unknown")));
    return MachineIdentity.of(values);
  }

  private static List<String> known(String number) {
    String lower = number.toLowerCase(Locale.ROOT);
    return lower.replaceAll("[-0f:]", "").isEmpty() || BLANK.contains(lower)
        ? List.of()
        : List.of(number.replace(',', '_'));
  }

  /** Addresses that the maker gave to adapters that are part of the machine, none behind USB. */
  private static List<String> adapters(Path net) {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> each = Files.newDirectoryStream(net)) {
      for (Path adapter : each) {
        if (text(adapter.resolve("addr_assign_type")).equals("0") && isBuiltIn(adapter)) {
          found.addAll(known(text(adapter.resolve("address"))));
        }
      }
    } catch (IOException | DirectoryIteratorException none) {
      return List.of();
    }
    found.sort(null);
    return found.subList(0, Math.min(MOST_ADAPTERS, found.size()));
  }

  private static boolean isBuiltIn(Path adapter) {
    try {
      return !adapter.resolve("device").toRealPath().toString().matches(".*/(usb\\d|virtual/).*");
    } catch (IOException notOfHardware) {
      return false;
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).replace("\0", "").strip();
    } catch (IOException absent) {
      return "";
    }
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
