package io.lingtan.simulator.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What all processors of this machine have done so far, in milliseconds (proc(5), {@code
 * /proc/stat}).
 *
 * @param busyMillis for anybody
 * @param stolenMillis that another machine on the same hardware had
 */
record Machine(long busyMillis, long stolenMillis) {

  private static final long MILLIS_PER_TICK = 10;
  private static final int IDLE = 3;
  private static final int IOWAIT = 4;
  private static final int STEAL = 7;

  static Machine now() throws IOException {
    String first = Files.readAllLines(Path.of("/proc/stat")).getFirst();
    long[] ticks =
        Arrays.stream(first.substring("cpu".length()).strip().split(" "))
            .mapToLong(Long::parseLong)
            .limit(STEAL + 1)
            .toArray();
    long busy = Arrays.stream(ticks).sum() - ticks[IDLE] - ticks[IOWAIT] - ticks[STEAL];
    return new Machine(busy * MILLIS_PER_TICK, ticks[STEAL] * MILLIS_PER_TICK);
  }

  Machine since(Machine before) {
    return new Machine(busyMillis - before.busyMillis, stolenMillis - before.stolenMillis);
  }

  /** In one line: processors, kernel, Java. */
  static String named() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/cpuinfo"));
    String model =
        lines.stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse(System.getProperty("os.arch"));
    return "%d × %s, Linux %s, Java %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            model,
            System.getProperty("os.version").replaceFirst("^(\\d+\\.\\d+).*", "$1"),
            System.getProperty("java.version"));
  }
}
