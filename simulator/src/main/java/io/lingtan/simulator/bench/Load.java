package io.lingtan.simulator.bench;

import io.lingtan.simulator.beside.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process uses of the machine, as the kernel counts it.
 *
 * @param cpuMillis processor time so far, user and system, of all its threads
 * @param residentBytes memory in RAM now
 * @param shareBytes the same, with what it shares counted by its share (Pss)
 * @param anonymousBytes of it, what is in no file
 * @param writtenBytes so far, of pages that go to a disk; 0 on a file system in memory
 * @param wakeUps so far: how often a thread that lives now waited for something
 */
record Load(
    long cpuMillis,
    long residentBytes,
    long shareBytes,
    long anonymousBytes,
    long writtenBytes,
    long wakeUps) {

  static final Load NONE = new Load(0, 0, 0, 0, 0, 0);

  /**
   * Of the process with this id.
   *
   * @throws IOException if there is none, or it is somebody else's
   */
  static Load of(long pid) throws IOException {
    Path process = Path.of("/proc", String.valueOf(pid));
    List<String> memory = Files.readAllLines(process.resolve("smaps_rollup"));
    List<String> io = Files.readAllLines(process.resolve("io"));
    long wakeUps = 0;
    try (Stream<Path> threads = Files.list(process.resolve("task"))) {
      for (Path thread : threads.toList()) {
        wakeUps += wakeUps(thread);
      }
    }
    return new Load(
        Usage.of(pid).cpuMillis(),
        number(memory, "Rss:") * 1024,
        number(memory, "Pss:") * 1024,
        number(memory, "Anonymous:") * 1024,
        number(io, "write_bytes:"),
        wakeUps);
  }

  private static long wakeUps(Path thread) {
    try {
      return number(Files.readAllLines(thread.resolve("status")), "voluntary_ctxt_switches:");
    } catch (IOException e) {
      return 0; // it has ended meanwhile
    }
  }

  private static long number(List<String> lines, String key) throws IOException {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow(() -> new IOException("the kernel tells no " + key));
  }

  /** What was used since then, and the memory of now. */
  Load since(Load before) {
    return new Load(
        cpuMillis - before.cpuMillis,
        residentBytes,
        shareBytes,
        anonymousBytes,
        writtenBytes - before.writtenBytes,
        Math.max(0, wakeUps - before.wakeUps));
  }

  /** What another process used after this one, and its memory. */
  Load then(Load next) {
    return new Load(
        cpuMillis + next.cpuMillis,
        next.residentBytes,
        next.shareBytes,
        next.anonymousBytes,
        writtenBytes + next.writtenBytes,
        wakeUps + next.wakeUps);
  }
}
