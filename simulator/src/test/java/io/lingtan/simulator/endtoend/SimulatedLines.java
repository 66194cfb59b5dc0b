package io.lingtan.simulator.endtoend;

import io.lingtan.testing.Child;
import io.lingtan.testing.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * {@code lingtan-sim run} in its own process, with {@code config/sites/all-lines.yaml}: Modbus TCP,
 * DL/T 645 alone and together with Modbus on pseudo-terminals, a CoAP peer and a node that pushes.
 * Not the inputs, which only a kernel with gpio-sim has; and each device as often as its line can.
 */
final class SimulatedLines implements AutoCloseable {

  private static final Path PROGRAM =
      Path.of("target", "lingtan-sim", "bin", "lingtan-sim").toAbsolutePath();

  private static final Path SITES = Path.of("..", "config", "sites");

  /** A record of the device every so many seconds, as of {@link #lines}. */
  static final Map<String, Integer> PERIODS =
      Map.of("gate", 5, "ely1", 3, "house", 3, "pv1", 1, "tank1", 1, "disp1", 1, "chargers", 1);

  private final Child child;
  private final String lines;
  private final String meters;

  private SimulatedLines(Child child, String lines, String meters) {
    this.child = child;
    this.lines = lines;
    this.meters = meters;
  }

  static SimulatedLines start(Path folder) throws IOException, InterruptedException {
    Path served = folder.resolve("served.yaml");
    Child child =
        Child.start(
            folder.resolve("site.log"),
            Map.of(),
            List.of(
                PROGRAM.toString(),
                "run",
                "--site",
                write(folder).toString(),
                "--port",
                "0",
                "--pty-dir",
                folder.toString(),
                "--site-file",
                served.toString()));
    child.await("the meters", 30, () -> Files.exists(served) && isPrinted(child));
    String site = Files.readString(served);
    return new SimulatedLines(
        child,
        between(site, "\nlines:\n", "\nmetering:\n"),
        between(site, "  meters:\n", "\ncarbon:"));
  }

  private static boolean isPrinted(Child child) {
    try {
      return child.output().contains("Ctrl-C");
    } catch (IOException e) {
      return false;
    }
  }

  /** Writes {@code lines.yaml} and {@code lines.world.yaml}; returns the first. */
  private static Path write(Path folder) throws IOException {
    String site = Files.readString(SITES.resolve("all-lines.yaml"));
    String inputs = site.substring(site.indexOf("  - id: header\n"), site.indexOf("\nmetering:"));
    String text =
        site.replace(inputs, "")
            .replaceAll("(?m)^    - \\{id: compressor,.*\n", "")
            .replace("127.0.0.1:15684", "127.0.0.1:" + Ports.free());
    for (Map.Entry<String, Integer> period : PERIODS.entrySet()) {
      text =
          text.replaceFirst(
              "(\\{id: %s, profile: .*)every: \\d+s, record: 10s".formatted(period.getKey()),
              "$1every: %1$ds, record: %1$ds".formatted(period.getValue()));
    }
    String world = Files.readString(SITES.resolve("all-lines.world.yaml"));
    Files.writeString(
        folder.resolve("lines.world.yaml"),
        world.replaceAll("(?m)^  (comp|water|breaker): .*\n", ""));
    return Files.writeString(folder.resolve("lines.yaml"), text);
  }

  private static String between(String text, String first, String second) {
    int from = text.indexOf(first) + first.length();
    return text.substring(from, text.indexOf(second, from)) + '\n';
  }

  /** What goes below {@code lines:} of a site file. */
  String lines() {
    return lines;
  }

  /** What goes below {@code meters:}. */
  String meters() {
    return meters;
  }

  /** SIGTERM, so that it takes its serial ports along. */
  @Override
  public void close() {
    try {
      child.stop(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
