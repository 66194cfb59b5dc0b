package io.lingtan.simulator.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The demo's site file with everything in it many times: lines, devices and meters, each with a
 * number at the end of its id. Only the first has a gate; the others' are loads.
 */
final class TwentyDemos {

  static final int TIMES = 20;

  /** Of one demo, each second. */
  static final int READINGS = 8;

  private static final int LINES = 4;
  private static final Path SITES = Path.of("../config/sites");

  private TwentyDemos() {}

  /** Writes {@code demos.yaml} and {@code demos.world.yaml}; returns the first. */
  static Path write(Path folder) throws IOException {
    String site = Files.readString(SITES.resolve("demo-microgrid.yaml"));
    String[] lines = parts(site, "\nlines:\n", "\nmetering:\n");
    String[] meters = parts(lines[2], "  meters:\n", "\ncarbon:");
    StringBuilder text = new StringBuilder(lines[0]).append("\nlines:\n");
    for (int n = 1; n <= TIMES; n++) {
      text.append(moved(numbered(lines[1], "\\b(id): (\\w+)", n), n)).append('\n');
    }
    text.append("\nmetering:\n").append(meters[0]).append("  meters:\n");
    for (int n = 1; n <= TIMES; n++) {
      String some = numbered(meters[1], "\\b(id|device): (\\w+)", n);
      text.append(n == 1 ? some : some.replace("role: grid", "role: load")).append('\n');
    }
    text.append("\ncarbon:").append(meters[2]);

    String world = Files.readString(SITES.resolve("demo-microgrid.world.yaml"));
    int devices = world.indexOf("\ndevices:\n") + "\ndevices:\n".length();
    StringBuilder behind = new StringBuilder(world.substring(0, devices));
    for (int n = 1; n <= TIMES; n++) {
      behind.append(world.substring(devices).replaceAll("(?m)^  (\\w+):", "  $1-" + n + ":"));
    }
    Files.writeString(folder.resolve("demos.world.yaml"), behind);
    return Files.writeString(folder.resolve("demos.yaml"), text);
  }

  /** What is before {@code first}, between the two, and after {@code second}. */
  private static String[] parts(String text, String first, String second) {
    int from = text.indexOf(first);
    int to = text.indexOf(second, from);
    if (from < 0 || to < 0) {
      throw new IllegalStateException("the demo's site file has no longer " + first + second);
    }
    return new String[] {
      text.substring(0, from),
      text.substring(from + first.length(), to),
      text.substring(to + second.length())
    };
  }

  private static String numbered(String text, String ids, int n) {
    return Pattern.compile(ids)
        .matcher(text)
        .replaceAll((MatchResult id) -> id.group(1) + ": " + id.group(2) + "-" + n);
  }

  /** The simulator has ports of its own; what has to differ differs. */
  private static String moved(String lines, int n) {
    return Pattern.compile("\\bport: (\\d+)")
        .matcher(lines)
        .replaceAll(port -> "port: " + (Integer.parseInt(port.group(1)) + (n - 1) * LINES));
  }
}
