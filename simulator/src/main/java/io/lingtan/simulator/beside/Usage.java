package io.lingtan.simulator.beside;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a process has used of the machine so far, as the kernel counts it.
 *
 * @param cpuMillis processor time since it began, user and system, of all its threads
 * @param residentBytes memory that it has in RAM now
 * @param peakBytes the most it ever had
 */
public record Usage(long cpuMillis, long residentBytes, long peakBytes) {

  /** A process that is not there any more. */
  public static final Usage NONE = new Usage(0, 0, 0);

  /** The kernel counts in hundredths of a second for every program (proc(5), sysconf CLK_TCK). */
  private static final long MILLIS_PER_TICK = 10;

  /** Fields of /proc/PID/stat behind the name: proc(5) counts from 1 and the name is the second. */
  private static final int UTIME = 14 - 3;

  private static final int STIME = 15 - 3;

  /** Of the process with this id; {@link #NONE} if there is none. */
  public static Usage of(long pid) {
    Path folder = Path.of("/proc", String.valueOf(pid));
    try {
      String stat = Files.readString(folder.resolve("stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      long ticks = Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]);
      List<String> status = Files.readAllLines(folder.resolve("status"));
      return new Usage(
          ticks * MILLIS_PER_TICK, kilobytes(status, "VmRSS:"), kilobytes(status, "VmHWM:"));
    } catch (IOException e) {
      return NONE;
    }
  }

  private static long kilobytes(List<String> status, String key) {
    return status.stream()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElse(0);
  }
}
