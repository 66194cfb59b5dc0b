package io.lingtan.simulator.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The wall clock as one process sees it, which can be stepped while it runs: libfaketime reads the
 * offset from a file. The monotonic clock, and the times of files, stay as they are.
 */
final class WallClock {

  /** Debian's place; the loader puts the machine's own folder for {@code $LIB}. */
  private static final String LIBRARY = "/usr/$LIB/faketime/libfaketimeMT.so.1";

  private static final int LONGEST_SLIP_MILLIS = 450;
  private static final int SHORTEST_STEP_MILLIS = 600;
  private static final int LONGEST_SMALL_MILLIS = 5_000;
  private static final int SHORTEST_LARGE_MILLIS = 3_600_000;

  /**
   * On both sides of the two hours within which the ledger takes a clock set back for late data.
   * Each minute that is left out is an interval to be signed, by three agents at once.
   */
  private static final int LONGEST_LARGE_MILLIS = 4 * 3_600_000;

  private final Path file;
  private long offsetMillis;

  private WallClock(Path file) {
    this.file = file;
  }

  static WallClock make(Path folder) throws IOException {
    WallClock clock = new WallClock(folder.resolve("faketime"));
    clock.set(0);
    return clock;
  }

  /** What a process must be started with to have this clock. */
  Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD", LIBRARY,
        "FAKETIME_TIMESTAMP_FILE", file.toString(),
        "FAKETIME_CACHE_DURATION", "1",
        "FAKETIME_DONT_FAKE_MONOTONIC", "1",
        // Its own choice lets every timed wait of the JVM end at once (wolfcw/libfaketime#425).
        "FAKETIME_FORCE_MONOTONIC_FIX", "0",
        "FAKETIME_DISABLE_SHM", "1",
        "NO_FAKE_STAT", "1");
  }

  /** Forward or backward, by 0.6 s to 5 s or by one to four hours; sometimes it is right again. */
  void step(RandomGenerator random) throws IOException {
    if (offsetMillis != 0 && random.nextInt(3) == 0) {
      set(0);
    } else if (random.nextBoolean()) {
      move(random, SHORTEST_STEP_MILLIS, LONGEST_SMALL_MILLIS);
    } else {
      move(random, SHORTEST_LARGE_MILLIS, LONGEST_LARGE_MILLIS);
    }
  }

  /** So little that the agent does not call it a step. */
  void slip(RandomGenerator random) throws IOException {
    move(random, 1, LONGEST_SLIP_MILLIS);
  }

  private void move(RandomGenerator random, int from, int to) throws IOException {
    int millis = random.nextInt(from, to);
    set(offsetMillis + (random.nextBoolean() ? millis : -millis));
  }

  /** Whole or not at all, as it is read at any time. */
  private void set(long millis) throws IOException {
    offsetMillis = millis;
    Path next = file.resolveSibling("faketime.next");
    Files.writeString(
        next,
        "%s%d.%03d\n"
            .formatted(millis < 0 ? "-" : "+", Math.abs(millis) / 1_000, Math.abs(millis) % 1_000));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
