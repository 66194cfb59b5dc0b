package io.lingtan.simulator.campaign;

import io.lingtan.simulator.beside.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a process holds at a moment.
 *
 * @param seconds since the soak began
 * @param residentBytes its memory in RAM
 * @param shareBytes the same, with what it shares counted by its share (Pss)
 * @param descriptors open files and sockets
 * @param tempFiles files in its {@code java.io.tmpdir}
 * @param workFiles files in its working folder, all below it
 * @param journalBytes the journal with what belongs to it
 * @param records numbered so far
 */
record Footprint(
    long seconds,
    long residentBytes,
    long shareBytes,
    int threads,
    int descriptors,
    long tempFiles,
    long workFiles,
    long journalBytes,
    long cpuMillis,
    long records) {

  static final String HEAD =
      "seconds,rss_mb,pss_mb,threads,fds,temp_files,work_files,journal_mb,cpu_s,records";

  private static final double MEGABYTE = 1048576.0;

  static Footprint of(long seconds, long pid, Path temp, Path work, long records)
      throws IOException {
    Path process = Path.of("/proc", String.valueOf(pid));
    Usage usage = Usage.of(pid);
    return new Footprint(
        seconds,
        usage.residentBytes(),
        number(process.resolve("smaps_rollup"), "Pss:") * 1024,
        (int) number(process.resolve("status"), "Threads:"),
        process.resolve("fd").toFile().list().length,
        files(temp),
        files(work),
        journal(work),
        usage.cpuMillis(),
        records);
  }

  private static long number(Path file, String key) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow(() -> new IOException(file + " has no " + key));
  }

  private static long files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).count();
    }
  }

  private static long journal(Path work) throws IOException {
    long bytes = 0;
    try (Stream<Path> all = Files.list(work)) {
      List<Path> files =
          all.filter(file -> file.getFileName().toString().startsWith("journal.db")).toList();
      for (Path file : files) {
        bytes += file.toFile().length(); // 0 if it has gone meanwhile
      }
    }
    return bytes;
  }

  String csv() {
    return String.format(
        Locale.ROOT,
        "%d,%.1f,%.1f,%d,%d,%d,%d,%.1f,%.1f,%d",
        seconds,
        residentBytes / MEGABYTE,
        shareBytes / MEGABYTE,
        threads,
        descriptors,
        tempFiles,
        workFiles,
        journalBytes / MEGABYTE,
        cpuMillis / 1e3,
        records);
  }
}
